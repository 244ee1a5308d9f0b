/** What workflows may ask of the world. Types only: the sandbox imports nothing else of this folder. */
import type { BrokerLoginState } from '../src/domain/broker-login.js';
import type { DecimalString } from '../src/domain/decimal.js';
import type { Leg, TradeId, UserId } from '../src/domain/ids.js';
import type { AssetClass } from '../src/domain/instrument.js';
import type { OrderRequest, OrderStatus } from '../src/domain/order.js';
import type { Admission, ChangeVerdict, Exposure } from '../src/domain/trade/admission.js';
import type { Holding } from '../src/domain/trade/holding.js';
import type { JournalEntry } from '../src/domain/trade/journal.js';
import type { TradeLook } from '../src/domain/trade/look.js';
import type { OrderFact } from '../src/domain/trade/order-facts.js';
import type { Alert, TradeState } from '../src/domain/trade/state.js';
import type { TradeView } from '../src/domain/trade/view.js';

/** An order of a trade, named so that the same decision always has the same name. */
export interface OrderRef {
  tradeId: TradeId;
  broker: string;
  account: string;
  leg: Leg;
  generation: number;
  request: OrderRequest;
  /** what bounds a closing order */
  holding: Holding;
}

export interface CancelOrder {
  tradeId: TradeId;
  broker: string;
  account: string;
  clientOrderId: string;
  brokerOrderId: string;
}

/**
 * Writes at a broker. Each is one attempt; whatever goes wrong, the answer is found by `resolveOrder`.
 * Every answer tells what is known of all the trade's orders, so that a run which was reset catches up at once.
 */
export interface OrderActivities {
  placeOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Sends the identical body once more, after the settle window. */
  resendOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Reads only: what became of a send. */
  resolveOrder(order: OrderRef): Promise<OrderFact[]>;
  /** Asks for the order's death and waits a moment for the broker's word. */
  cancelOrder(order: CancelOrder): Promise<OrderFact[]>;
}

export interface LookRequest {
  tradeId: TradeId;
  broker: string;
  account: string;
  symbol: string;
  assetClass: AssetClass;
  orders: KnownOrder[];
  /** something is to follow from the position: what other trades hold of it is asked at the broker, too */
  positionInDoubt: boolean;
  /** epoch milliseconds, market time */
  splitsSince: number;
}

/** What the trade knows of one of its orders; only what differs is written and answered. */
export interface KnownOrder {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  brokerOrderId: string;
  status?: OrderStatus;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice?: DecimalString;
  triggered: boolean;
}

export interface TradeRecord {
  version: number;
  view: TradeView;
  /** for the guardian, without what is written here */
  state: TradeState;
  journal: JournalEntry[];
  alerts: Alert[];
  exposure: Exposure;
}

/** Short, idempotent and frequent: these run as local activities. */
export interface TradeActivities {
  /** Judges a start: ticket, request, limits; reserves the exposure. `input` is not believed. */
  admitTrade(start: { workflowId: string; input: unknown }): Promise<Admission>;
  /** Judges a changed entry and reserves what it adds. */
  approveChange(change: { tradeId: TradeId; exposure: Exposure }): Promise<ChangeVerdict>;
  /** One look at the broker, the quote and the account. */
  lookAtMarket(request: LookRequest): Promise<TradeLook>;
  recordTrade(record: TradeRecord): Promise<void>;
}

export interface GuardianPass {
  /** open trades of the account */
  guarded: number;
  adopted: TradeId[];
}

export interface GuardianActivities {
  guardAccount(account: { broker: string; account: string }): Promise<GuardianPass>;
}

/** Whose trades are to be closed, everybody's without `owner`, and who said so. */
export interface FlattenRequest {
  by: UserId;
  owner?: UserId;
}

export interface FlattenActivities {
  /** Tells every open trade to close and answers how many; fails while one of them could not be told. */
  closeTrades(request: FlattenRequest): Promise<number>;
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
