import type { DecimalString } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../domain/market.js';
import type { BrokerOrder, OrderRequest, OrderType, Refusal, TimeInForce, WriteOutcome } from '../domain/order.js';
import { OUT_OF_CALLS } from '../domain/trade/look.js';
import type { Listing } from './listing.js';

/** What a broker can do; the trade adapts to it instead of finding out by a refusal. */
export interface BrokerCapabilities {
  orderTypes: Record<AssetClass, readonly OrderType[]>;
  /** of orders that may rest; a market order is filled at once, whatever it is good for */
  timesInForce: Record<AssetClass, readonly TimeInForce[]>;
  /**
   * The largest share of a purchase that the broker takes out of what was bought, as its fee. What is held is at least the
   * rest, so that a stop for the rest fits.
   */
  feeInKind?: Partial<Record<AssetClass, DecimalString>>;
  /** an order that could meet one of the other side in the same account and symbol is refused */
  refusesOpposite?: boolean;
  /** a stop for the filled part may rest while the rest of the entry still works */
  stopBesideEntry: boolean;
  /** the broker refuses, or returns, a repeated client order id: an unknown send may be repeated after the absence window */
  refusesRepeats: boolean;
  /** orders are found by our id; elsewhere only by their terms, so an absence is never quite certain */
  findsById: boolean;
  /** how long "not found" must not be believed, from the moment the send can no longer reach the broker */
  settleWindowMs: number;
  /** after so many days a good-till-cancelled order ends by itself; absent where it does not */
  gtcLifeDays?: number;
}

export type CancelOutcome =
  /** the request was taken; the order may still be working */
  | { outcome: 'accepted' }
  /** too late, or already final: read the order */
  | { outcome: 'rejected'; refusal: Refusal }
  | { outcome: 'unknown'; detail: string };

/** The answer to a preview of an order. Nothing exists at the broker after it. */
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
 * 2. `rejected` needs an answer that is on the list of the broker's known refusals; everything else is `unknown`.
 * 3. Reads throw `BrokerUnavailable` when the broker cannot be asked; an order the broker does not know is `undefined`.
 * 4. `account` is Arbion's id of the broker account.
 */
export interface Broker {
  readonly name: string;
  readonly capabilities: BrokerCapabilities;

  /** Only where the broker demands a preview. */
  prepare?(account: string, request: OrderRequest): Promise<Preparation>;
  /** `token` is what `prepare` answered. */
  place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome>;
  /** Asks the broker to cancel a working order. A later `order` read confirms it. */
  cancel(account: string, orderId: string): Promise<CancelOutcome>;

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
  openOrders(account: string): Promise<Listing<BrokerOrder>>;
  positions(account: string): Promise<Listing<Position>>;
  accountSnapshot(account: string): Promise<AccountSnapshot>;
  look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    splitsSince: number,
    /** a quote that was heard at most so long ago will do; without it, or with 0, the broker is asked */
    quoteAgeMs?: number,
  ): Promise<MarketLook>;
  /**
   * Only where the broker streams events: listens until `stop`, and reconnects after every break. An event is a hint: it may
   * come twice, or never, or after something newer.
   */
  follow?(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void>;
  /**
   * Latest quotes of the symbols it knows; an unknown symbol is absent. `account`: whose login asks, where one is needed.
   * `ageMs`: quotes that were heard at most so long ago will do; without it, or with 0, the broker is asked.
   */
  quotes(symbols: readonly string[], account?: string, ageMs?: number): Promise<Quote[]>;
}

/** Receives what a broker streams for an account. */
export interface BrokerListener {
  /** the symbols whose quotes are wanted, read again and again; not every broker streams every symbol */
  symbols(): readonly string[];
  onQuote(quote: Quote): void;
  /** this order has changed */
  onOrder(order: StreamedOrder): void;
  /** listening begins (again), or a message was lost: any order may have changed before */
  onListening(): void;
  /** a part of the stream is down for the moment */
  onLost(detail: string): void;
  /** a message that is not in the broker's contract: a person must know, and any order may have changed */
  onUnknown(detail: string): void;
}

/** By our id where the broker sends it, else by its own. */
export type StreamedOrder = { clientOrderId: string } | { orderId: string };

/** The broker could not be asked. Reads may be repeated. */
export class BrokerUnavailable extends Error {
  override readonly name: string = 'BrokerUnavailable';
}

/** The same, because our own budget of calls had no room: the broker may be well. */
export class OutOfCalls extends BrokerUnavailable {
  override readonly name = OUT_OF_CALLS;
}

/** Several orders at the broker could be the one that is looked for: a person must say which. */
export class AmbiguousOrder extends Error {
  override readonly name = 'AmbiguousOrder';
}
