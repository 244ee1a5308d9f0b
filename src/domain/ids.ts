/** Names and ids that must be built in one way only. */

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

/** A UUID: the trade's key in the database and, as `trade-<id>`, of its workflow. */
export type TradeId = Id<'trade'>;
export type UserId = Id<'user'>;

export const TRADE_WORKFLOW_TYPE = 'trade';
export const GUARDIAN_WORKFLOW_TYPE = 'guardian';
export const BROKER_LOGIN_WORKFLOW_TYPE = 'connection';
export const FLATTEN_WORKFLOW_TYPE = 'flatten';
export const TRADES_TASK_QUEUE = 'trades';
export const GUARDIAN_TASK_QUEUE = 'guardian';
export const BROKER_LOGINS_TASK_QUEUE = 'connections';

/** The part an order plays in its trade. Targets and time exits close through `exit`. */
export type Leg = 'entry' | 'stop' | 'exit';
const LEGS: readonly Leg[] = ['entry', 'stop', 'exit'];
const LEG_LETTERS: Record<Leg, string> = { entry: 'e', stop: 's', exit: 'x' };

export function isTradeId(text: string): text is TradeId {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

export function tradeWorkflowId(id: TradeId): string {
  return `trade-${id}`;
}

export function guardianWorkflowId(account: string): string {
  return `guardian-${account}`;
}

/** Of one user's trades, or of everybody's. */
export function flattenWorkflowId(owner: UserId | undefined): string {
  return `flatten-${owner ?? 'everybody'}`;
}

export function brokerLoginWorkflowId(loginId: string): string {
  return `connection-${loginId}`;
}

/** The paper account of a user; every user has one. */
export function paperAccountId(userId: UserId): string {
  return `paper-${userId}`;
}

/** Orders of ours at a broker are known by this prefix. */
export const CLIENT_ORDER_ID_PREFIX = 'arb-';

/**
 * A function of the decision alone, never of a run or an attempt: retries, replays, resets and the guardian all
 * compute the same id. At most 43 characters of `[a-z0-9-]`.
 */
export function clientOrderId(tradeId: TradeId, leg: Leg, generation: number): string {
  return `${CLIENT_ORDER_ID_PREFIX}${tradeId.replaceAll('-', '')}-${LEG_LETTERS[leg]}${generation}`;
}

/** The trade that a client order id belongs to, or undefined when the id is not one of ours. */
export function tradeIdOfClientOrder(id: string): TradeId | undefined {
  const match = /^arb-([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-[esx]\d+$/.exec(id);
  return match ? (match.slice(1).join('-') as TradeId) : undefined;
}

/** The leg that a client order id of ours names, or undefined when the id is not one of ours. */
export function legOfClientOrder(id: string): Leg | undefined {
  const letter = /^arb-[0-9a-f]{32}-([esx])\d+$/.exec(id)?.[1];
  return LEGS.find((leg) => LEG_LETTERS[leg] === letter);
}
