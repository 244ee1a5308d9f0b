/** Reads of the exchange, as the fault of a call lets them appear. */
import { Decimal } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { MarketSession, Quote } from '../../domain/market.js';
import { quoteOf } from '../../matching/event.js';
import { notional } from '../../matching/funds.js';
import type { MatchingRules } from '../../matching/rules.js';
import { Accounts, type BrokerName } from './accounts.js';
import { ExchangeClock } from './clock.js';
import type { Documents } from './documents.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Market, type PriceSource } from './market.js';
import { feeOf } from './matching-rules.js';
import { type Call, secondsOf } from './new-order.js';
import { OrderProcessor } from './order-processor.js';
import type { ExchangeOrder } from './orders.js';
import type { Records } from './records.js';
import { unsettledProceeds } from './settlement.js';

const STALE_READ_SECONDS = 10;
const STALE_QUOTE_SECONDS = 60;

export class ExchangeView {
  readonly accounts: Accounts;
  readonly market: Market;
  readonly clock: ExchangeClock;
  protected readonly processor: OrderProcessor;

  constructor(
    readonly records: Records,
    source: PriceSource,
    wall: () => number,
  ) {
    this.accounts = new Accounts(records.documents);
    this.market = new Market(records.documents, source);
    this.clock = new ExchangeClock(records.collection('clock'), wall);
    this.processor = new OrderProcessor(records, this.market);
  }

  now(): number {
    return this.clock.now();
  }

  session(assetClass: AssetClass): MarketSession {
    return this.market.sessionAt(assetClass, this.now());
  }

  documents<Value>(name: string): Documents<Value> {
    return this.records.collection(name);
  }

  /** The matching rules for a broker's orders. */
  rules(broker: BrokerName): MatchingRules {
    return this.processor.rules(broker);
  }

  /** What a broker would charge for a fill. */
  feeOf(broker: BrokerName, quantity: Decimal, price: Decimal): Decimal {
    return feeOf(broker, quantity, price);
  }

  /** Oldest first; applies stale reads and hides hidden orders. */
  orders(account: string, call: Call = {}): ExchangeOrder[] {
    return this.records.ordersOf(account, this.readTime(call)).filter((order) => this.isVisible(order));
  }

  order(account: string, orderId: string, call: Call = {}): ExchangeOrder | undefined {
    const order = this.records.order(account, orderId, this.readTime(call));
    return order && this.isVisible(order) ? order : undefined;
  }

  /** Before this time an order's fills are listed: the list may be behind what the order says is filled. */
  fillsListedUntil({ fillsBehindMs = 0 }: Call): number {
    return this.now() - fillsBehindMs;
  }

  /** The first order with that id, even one that reads do not show yet. */
  byClientOrderId(account: string, clientOrderId: string): ExchangeOrder | undefined {
    return this.records.ordersOf(account).find((order) => order.clientOrderId === clientOrderId);
  }

  holdings(account: string, call: Call = {}): Holdings {
    return holdingsOf(this.records.book(account, this.readTime(call)));
  }

  /** What of an account's cash comes from sales that have not settled. */
  unsettled(account: string): Decimal {
    return unsettledProceeds(this.records.ordersOf(account), this.now());
  }

  /** Cash plus positions at the market's prices, or at their average price where there is none. */
  async equity(account: string): Promise<Decimal> {
    const { cash, positions } = holdingsOf(this.records.book(account));
    const values = positions.map(async (position) => {
      const prices = await this.market.latest(position.symbol, this.now());
      return notional(position, position.quantity, prices?.last ?? prices?.bid ?? position.averagePrice);
    });
    return cash.plus(Decimal.sum(await Promise.all(values)));
  }

  /** Undefined for an unknown symbol. Prices that were set are as of now, as if the market kept quoting them. */
  async quote(symbol: string, call: Call = {}): Promise<Quote | undefined> {
    const now = this.now();
    const event = await this.market.latest(symbol, now);
    if (event === undefined) return undefined;
    const quote = { ...quoteOf(event), at: this.market.isOwn(symbol) ? now : event.at };
    if (call.fault?.kind === 'quote_missing_field') delete quote.bid;
    if (call.fault?.kind !== 'quote_stale') return quote;
    return { ...quote, at: quote.at - secondsOf(call, STALE_QUOTE_SECONDS) };
  }

  private readTime(call: Call): number | undefined {
    return call.fault?.kind === 'stale_read' ? this.now() - secondsOf(call, STALE_READ_SECONDS) : undefined;
  }

  private isVisible({ hiddenUntil }: ExchangeOrder): boolean {
    return hiddenUntil === undefined || this.now() >= hiddenUntil;
  }
}
