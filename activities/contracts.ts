/** What workflows may ask of the world. Types only: the sandbox imports nothing else of this folder. */
import type { BrokerLoginState } from '../src/domain/broker-login.js';
import type { TradeId, UserId } from '../src/domain/ids.js';
import type { Admission, ChangedEntry, ChangeVerdict } from '../src/domain/trade/admission.js';
import type { LookRequest, TradeLook } from '../src/domain/trade/look.js';
import type { OrderFact } from '../src/domain/trade/order-facts.js';
import type { CancelOrder, OrderRef } from '../src/domain/trade/order-ref.js';
import type { TradeRecord } from '../src/domain/trade/record.js';

/**
 * Writes at a broker. Each is one attempt; whatever goes wrong, the answer is found by `resolveOrder`.
 * Every answer holds what is known of all the trade's orders, so that a run which was reset catches up at once.
 */
export interface OrderActivities {
  placeOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Sends the identical body once more, after the absence window. */
  resendOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Reads only: what became of a send. */
  resolveOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Cancels the order and waits a moment until the broker confirms that it has ended. */
  cancelOrder(order: CancelOrder): Promise<OrderFact[]>;
}

/** Short, idempotent and frequent: these run as local activities. */
export interface TradeActivities {
  /** Judges a start: ticket, request, limits; reserves the exposure. `input` has not been checked yet. */
  admitTrade(start: { workflowId: string; input: unknown }): Promise<Admission>;
  /** Judges a changed entry and reserves what it adds. */
  approveChange(change: { tradeId: TradeId } & ChangedEntry): Promise<ChangeVerdict>;
  /** One look at the broker, the quote and the account. */
  lookAtMarket(request: LookRequest): Promise<TradeLook>;
  recordTrade(record: TradeRecord): Promise<void>;
}

/** By the broker's order id, when a change was noticed that its trade had not seen: epoch milliseconds. */
export type UnseenSince = Record<string, number>;

/** What one pass of the guardian leaves to the next, epoch milliseconds. */
export interface GuardianMemory {
  /** since when it could not be compared with the broker */
  blindSince?: number | undefined;
  /** since when something of ours could not be read there */
  unreadableSince?: number | undefined;
  unseenSince?: UnseenSince | undefined;
}

export interface GuardianPass extends GuardianMemory {
  /** open trades of the account */
  guarded: number;
  /** those that may have shares without a stop; absent in passes of before */
  unsure?: number;
  adopted: TradeId[];
}

/** With what the pass before has left. */
export interface GuardedAccount extends GuardianMemory {
  broker: string;
  account: string;
}

export interface GuardianActivities {
  guardAccount(account: GuardedAccount): Promise<GuardianPass>;
}

/** Whose trades are to be closed (everybody's without `owner`), and who asked for it. */
export interface FlattenRequest {
  by: UserId;
  owner?: UserId;
}

/** An object, as only objects show that they were encrypted by us. */
export interface Flattened {
  /** trades that have the command */
  reached: number;
}

export interface FlattenActivities {
  /** Sends every open trade the command to close; fails while one of them could not be reached. */
  closeTrades(request: FlattenRequest): Promise<Flattened>;
}

export interface BrokerLoginPass {
  broker: string;
  state: BrokerLoginState;
  code: string | null;
  /** until the next pass is due */
  nextInMs: number;
}

/** Only ids go in and out: no credential is ever in a history. */
export interface BrokerLoginActivities {
  /** Does what is due for a broker login: a refresh, a warning. An unreachable provider does not fail the pass. */
  keepConnection(login: { connectionId: string }): Promise<BrokerLoginPass>;
}
