import type { DecimalString } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../domain/market.js';
import type { BrokerOrder, OrderRequest, OrderType, Refusal, WriteOutcome } from '../domain/order.js';

/** What a broker can do; the trade adapts to it instead of finding out by a refusal. */
export interface BrokerCapabilities {
  orderTypes: Record<AssetClass, readonly OrderType[]>;
  /**
   * Types of working orders that `replace` exchanges in one step without a fill slipping in between: the broker itself
   * refuses when the old one has filled meanwhile. Others are cancelled first, so that nothing is bought or sold twice.
   */
  replaceable: Record<AssetClass, readonly OrderType[]>;
  /** a trailing stop may be told where it starts; elsewhere every new trail starts from the market */
  trailsFromStart: boolean;
  /** a stop for the filled part may rest while the rest of the entry still works */
  stopBesideEntry: boolean;
  /** the broker refuses, or returns, a repeated client order id: an unknown send may be repeated after the settle window */
  refusesRepeats: boolean;
  /** orders are found by our id; elsewhere only by their terms, so an absence is never quite certain */
  findsById: boolean;
  /** how long "not found" must not be believed, from the moment the send can no longer reach the broker */
  settleWindowMs: number;
}

export type CancelOutcome =
  /** the request was taken: not yet the broker's word that the order is dead */
  | { outcome: 'accepted' }
  /** too late, or already final: read the order */
  | { outcome: 'rejected'; refusal: Refusal }
  | { outcome: 'unknown'; detail: string };

/** What a broker wants to know of an order before it takes it. Nothing exists at the broker after it. */
export type Preparation =
  /** `token` (a preview's id) goes along with the send, and with its one repeat */
  | { outcome: 'ready'; token: string }
  | { outcome: 'rejected'; refusal: Refusal }
  | { outcome: 'not_placed'; detail: string; retryAfterMs?: number };

/**
 * The port every broker stands behind, the paper broker included.
 *
 * 1. No method retries a write. A write that certainly never reached the broker, or that was turned away unread (no
 *    connection, 401 that a new credential does not cure, a full request budget), is `not_placed`.
 * 2. `rejected` needs the broker's own word from a list of known refusals; everything else is `unknown`.
 * 3. Reads throw `BrokerUnavailable` when the broker cannot be asked; an order the broker does not know is `undefined`.
 * 4. `account` is Arbion's id of the broker account.
 */
export interface Broker {
  readonly name: string;
  readonly capabilities: BrokerCapabilities;

  /** Only where the broker demands a preview. `replacedId`: the order that this one is to take the place of. */
  prepare?(account: string, request: OrderRequest, replacedId?: string): Promise<Preparation>;
  /** `token` is what `prepare` answered. */
  place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome>;
  /** Asks for a working order's death. The broker's word is a later `order` read. */
  cancel(account: string, orderId: string): Promise<CancelOutcome>;
  /**
   * Exchanges a working order for `request` in one step at the broker: never two live, never none.
   * `request.quantity` is the new order's own quantity. Refused with `too_late` when the old order is final or has
   * filled since `expectedFilled`.
   */
  replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
    token?: string,
  ): Promise<WriteOutcome>;

  order(account: string, orderId: string): Promise<BrokerOrder | undefined>;
  /**
   * Finds what became of a send whose answer was lost, by client order id, or by its terms among the orders entered since
   * two minutes before `sentAt` that are not in `taken` (broker order ids that belong to known intents).
   * @throws AmbiguousOrder when several orders fit.
   */
  find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined>;
  openOrders(account: string): Promise<BrokerOrder[]>;
  positions(account: string): Promise<Position[]>;
  accountSnapshot(account: string): Promise<AccountSnapshot>;
  look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    splitsSince: number,
  ): Promise<MarketLook>;
  /**
   * Only where the broker tells of events by itself: listens until `stop`, coming back after every break. What is told is a
   * hint: the same may be told twice, or never, or after something newer.
   */
  follow?(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void>;
  /** Latest quotes of the symbols it knows; an unknown symbol is absent. `account`: whose login asks, where one is needed. */
  quotes(symbols: readonly string[], account?: string): Promise<Quote[]>;
}

/** Who listens to what a broker tells of an account by itself. */
export interface BrokerListener {
  /** whose quotes are wanted, asked again and again: not every broker tells those of every symbol */
  symbols(): readonly string[];
  onQuote(quote: Quote): void;
  /** something happened to this order */
  onOrder(order: ToldOrder): void;
  /** orders are listened to (again), or a message was lost: what happened before is not told, so any may have changed */
  onListening(): void;
  /** a part of it is not heard for the moment */
  onLost(detail: string): void;
  /** a message that is not in the broker's contract: a person must know, and it may have told of any order */
  onUnknown(detail: string): void;
}

/** By our id where the broker tells it, else by its own. */
export type ToldOrder = { clientOrderId: string } | { orderId: string };

/** The broker could not be asked. Reads may be repeated. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}

/** Several orders at the broker could be the one that is looked for: a person must say which. */
export class AmbiguousOrder extends Error {
  override readonly name = 'AmbiguousOrder';
}
