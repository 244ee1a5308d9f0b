import type { BrokerAccess } from '../broker-port/access.js';
import type { Broker, BrokerCapabilities, BrokerListener, CancelOutcome } from '../broker-port/broker.js';
import type { Listing } from '../broker-port/listing.js';
import type { RequestBudget } from '../broker-port/request-budget.js';
import type { SharedQuotes } from '../broker-port/shared-quotes.js';
import type { AssetClass } from '../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../domain/order.js';
import { LiveLooks } from './live-look.js';
import { QuoteBook } from './quote-book.js';

/** What every adapter needs to make its calls. */
export interface CallOptions {
  /** scheme, host and path in front of all that the adapter calls */
  baseUrl: string;
  access: BrokerAccess;
  budget: RequestBudget;
}

export interface AdapterOptions extends CallOptions {
  /** market time, epoch milliseconds; the machine's clock by default */
  now?: () => number;
  /** where the processes share their quotes, if anywhere */
  sharedQuotes?: SharedQuotes;
}

/** An account that a login opens: the broker's own name of it, and one for people. */
export interface NamedAccount {
  key: string;
  label: string;
}

/** A live broker's adapter. What the four have in common is written here; `Broker` is the contract. */
export abstract class LiveAdapter implements Broker {
  abstract readonly name: string;
  abstract readonly capabilities: BrokerCapabilities;
  protected readonly now: () => number;
  private readonly looks: LiveLooks;
  private readonly book: QuoteBook;

  constructor({ now = Date.now, sharedQuotes }: AdapterOptions) {
    this.now = now;
    this.book = new QuoteBook({
      ...{ now, shared: sharedQuotes },
      marketOf: (account) => `${this.name}:${this.showsPricesToAll ? 'all' : account}`,
      ask: (symbols, account) => this.currentQuotes(symbols, account),
    });
    this.looks = new LiveLooks({
      recentOrders: (account) => this.recentOrders(account),
      order: (account, orderId) => this.order(account, orderId),
      positions: (account) => this.heldIn(account),
      quote: (symbol, account, ageMs) => this.book.forLook(symbol, account, ageMs),
    });
  }

  look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    _splitsSince?: number,
    quoteAgeMs = 0,
  ): Promise<MarketLook> {
    return this.looks.look(account, symbol, assetClass, orderIds, { quoteAgeMs, now: this.now() });
  }

  quotes(symbols: readonly string[], account?: string, ageMs = 0): Promise<Quote[]> {
    return this.book.get(symbols, account, ageMs);
  }

  /** The accounts that the login of `account` opens. @throws BrokerUnavailable */
  abstract accounts(account: string): Promise<NamedAccount[]>;

  abstract place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome>;
  abstract cancel(account: string, orderId: string): Promise<CancelOutcome>;
  abstract order(account: string, orderId: string): Promise<BrokerOrder | undefined>;
  abstract find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined>;
  abstract openOrders(account: string): Promise<Listing<BrokerOrder>>;
  abstract positions(account: string): Promise<Listing<Position>>;
  abstract accountSnapshot(account: string): Promise<AccountSnapshot>;

  /** Whether every account is shown the same prices: then all have one book. By default each has its own. */
  protected readonly showsPricesToAll: boolean = false;

  /** Asks the broker. @throws BrokerUnavailable */
  protected abstract currentQuotes(symbols: readonly string[], account: string | undefined): Promise<Quote[]>;

  /** A listener whose quotes are in the book before anybody acts on them. */
  protected feedingBook(account: string, listener: BrokerListener): BrokerListener {
    return {
      symbols: () => listener.symbols(),
      onQuote: (quote) => void this.book.hear(quote, account).then(() => listener.onQuote(quote)),
      onOrder: (order) => listener.onOrder(order),
      onListening: () => listener.onListening(),
      onLost: (detail) => listener.onLost(detail),
      onUnknown: (detail) => listener.onUnknown(detail),
    };
  }

  /** Orders that one call lists, for a look. Those that it does not show are read one by one. */
  protected abstract recentOrders(account: string): Promise<BrokerOrder[]>;

  /** What a look finds the position in. */
  protected heldIn(account: string): Promise<Listing<Position>> {
    return this.positions(account);
  }
}
