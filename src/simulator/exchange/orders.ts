/** An order as the exchange stores it: the engine's state, its events, and the broker's own fields. */
import { Decimal, decimal } from '../../domain/decimal.js';
import { type Execution, isFinal, type OrderRequest } from '../../domain/order.js';
import type { BookOrder } from '../../matching/book.js';
import type { BrokerName } from './accounts.js';
import type { Json } from './journal.js';

export type OrderEventKind =
  | 'accepted'
  | 'fill'
  | 'triggered'
  | 'trailed'
  | 'cancel_requested'
  | 'cancelled'
  | 'expired'
  | 'replaced'
  | 'edited'
  | 'split'
  | 'rejected'
  /** waits for its parent to be filled */
  | 'held'
  /** a leg whose twin was partly filled */
  | 'reduced'
  /** an execution was busted */
  | 'bust'
  /** the protocol's own details changed */
  | 'annotated';

export interface OrderEvent {
  readonly at: number;
  readonly kind: OrderEventKind;
  readonly quantity?: Decimal;
  readonly price?: Decimal;
  readonly fee?: Decimal;
  readonly executionId?: string;
}

/** All of an order but its events. */
export interface OrderFacts {
  readonly broker: BrokerName;
  readonly account: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  /** as requested or last edited */
  readonly request: OrderRequest;
  /** the protocol's own fields, which the engine does not know */
  readonly details: Json;
  /** `submitted`: accepted, but not in the book; only orders in the book are matched */
  readonly state: BookOrder;
  readonly cancelRequested: boolean;
  readonly replaces?: string;
  readonly replacedBy?: string;
  /** no read shows the order before this time */
  readonly hiddenUntil?: number;
  readonly hasChildren?: boolean;
  readonly parent?: string;
  /** of the orders of one group only one is to be filled */
  readonly group?: string;
}

export interface ExchangeOrder extends OrderFacts {
  readonly placedAt: number;
  readonly updatedAt: number;
  readonly events: readonly OrderEvent[];
}

/** One event and the order's facts after it. */
export interface OrderRecord {
  readonly type: 'order';
  readonly facts: OrderFacts;
  readonly event: OrderEvent;
}

export function withEvent(before: ExchangeOrder | undefined, { facts, event }: OrderRecord): ExchangeOrder {
  const { events = [], placedAt = event.at } = before ?? {};
  return { ...facts, placedAt, updatedAt: event.at, events: [...events, event] };
}

/** Only the facts of an order, to be changed and recorded again. */
export function factsOf({
  placedAt: _placed,
  updatedAt: _updated,
  events: _events,
  ...facts
}: ExchangeOrder): OrderFacts {
  return facts;
}

export function isInBook({ state }: OrderFacts): boolean {
  return state.status === 'working' || state.status === 'partially_filled';
}

export function isOver({ state }: OrderFacts): boolean {
  return isFinal(state.status);
}

/** The fills that stand, without those that were busted. */
export function executionsOf({ events }: Pick<ExchangeOrder, 'events'>): Execution[] {
  const busted = new Set(events.filter(({ kind }) => kind === 'bust').map(({ executionId }) => executionId));
  return events.flatMap(({ kind, at, quantity, price, fee, executionId }) => {
    if (kind !== 'fill' || !quantity || !price || executionId === undefined || busted.has(executionId)) return [];
    const amounts = { quantity: quantity.toString(), price: price.toString(), fee: (fee ?? Decimal.zero).toString() };
    return [{ executionId, at, ...amounts }];
  });
}

/** Those of the executions that a list of them shows already. */
export function executionsUntil(order: Pick<ExchangeOrder, 'events'>, until: number): Execution[] {
  return executionsOf(order).filter(({ at }) => at <= until);
}

/** Weighted by quantity; undefined before the first fill. */
export function averagePrice(order: Pick<ExchangeOrder, 'events'>): Decimal | undefined {
  const fills = executionsOf(order);
  const quantity = Decimal.sum(fills.map((fill) => decimal(fill.quantity)));
  if (quantity.isZero()) return undefined;
  return filledValue(order).dividedBy(quantity);
}

/** Quantity times price over all fills, without a contract's multiplier. */
export function filledValue(order: Pick<ExchangeOrder, 'events'>): Decimal {
  return Decimal.sum(executionsOf(order).map((fill) => decimal(fill.quantity).times(decimal(fill.price))));
}

const STATE_DECIMALS = ['quantity', 'filled', 'limitPrice', 'stopPrice', 'trailPercent', 'reservePrice'] as const;
const EVENT_DECIMALS = ['quantity', 'price', 'fee'] as const;

/** Restores a record from the file, where decimals are text. */
export function revivedOrderRecord(record: OrderRecord): OrderRecord {
  const { facts, event } = record;
  const state = withDecimals(facts.state, STATE_DECIMALS);
  return { ...record, facts: { ...facts, state }, event: withDecimals(event, EVENT_DECIMALS) };
}

function withDecimals<Value extends object>(value: Value, names: readonly (keyof Value)[]): Value {
  const revived = { ...value };
  for (const name of names) {
    const text: unknown = value[name];
    if (typeof text === 'string') Object.assign(revived, { [name]: decimal(text) });
  }
  return revived;
}
