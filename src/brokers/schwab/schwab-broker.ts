import type { z } from 'zod';
import { type BrokerListener, BrokerUnavailable, type CancelOutcome } from '../../broker-port/broker.js';
import type { Candle } from '../../broker-port/candle.js';
import type { Listing } from '../../broker-port/listing.js';
import type { AccountSnapshot, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../domain/order.js';
import { type AdapterOptions, LiveAdapter, type NamedAccount } from '../../wire/live-adapter.js';
import { reading } from '../../wire/outcomes.js';
import { accountName, positionsOf, snapshotOf } from './accounts.js';
import { contentOf } from './answers.js';
import { brokerOrder } from './broker-order.js';
import { SchwabCalls } from './calls.js';
import { type CandleRange, candlesOf, priceHistoryPath } from './candles.js';
import { schwabCapabilities } from './capabilities.js';
import { SchwabOrderReads } from './order-reads.js';
import { SchwabOrderWrites } from './order-writes.js';
import { quotePaths, quotesOf } from './quotes.js';
import { accountNumbers, balancesAnswer, positionsAnswer, priceHistory, quotesAnswer } from './schemas.js';
import { SchwabStream } from './stream.js';

/** Charles Schwab (Trader API v1). See `Broker` for the contract. */
export class SchwabBroker extends LiveAdapter {
  readonly name = 'schwab';
  readonly capabilities = schwabCapabilities;
  private readonly calls: SchwabCalls;
  private readonly reads: SchwabOrderReads;
  private readonly writes: SchwabOrderWrites;
  private readonly stream: SchwabStream;

  constructor(options: AdapterOptions) {
    super(options);
    this.calls = new SchwabCalls(options);
    this.reads = new SchwabOrderReads(this.calls, this.now);
    this.writes = new SchwabOrderWrites(this.calls, this.reads, this.now);
    this.stream = new SchwabStream({ calls: this.calls, ...options });
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return this.writes.place(account, request);
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return this.writes.cancel(account, orderId);
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const order = await this.reads.one(account, orderId);
      return order && brokerOrder(order);
    });
  }

  find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.find(account, request, sentAt, taken));
  }

  openOrders(account: string): Promise<Listing<BrokerOrder>> {
    return reading(() => this.reads.open(account));
  }

  async positions(account: string): Promise<Listing<Position>> {
    return positionsOf(await this.account(account, positionsAnswer));
  }

  async accountSnapshot(account: string): Promise<AccountSnapshot> {
    return snapshotOf(await this.account(account, balancesAnswer));
  }

  accounts(account: string): Promise<NamedAccount[]> {
    return reading(async () => {
      const answer = await this.calls.read(account, '/trader/v1/accounts/accountNumbers');
      return contentOf(answer, accountNumbers).map(accountName);
    });
  }

  protected async currentQuotes(symbols: readonly string[], account: string | undefined): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('Schwab shows quotes only to a login');
    return reading(async () => {
      const answers = await Promise.all(quotePaths(symbols).map((path) => this.calls.read(account, path)));
      return answers.flatMap((answer) => quotesOf(symbols, contentOf(answer, quotesAnswer)));
    });
  }

  /** Of regular hours; options have no history. */
  candles(account: string, symbol: string, range: CandleRange): Promise<Candle[]> {
    return reading(async () => {
      const answer = await this.calls.read(account, priceHistoryPath(symbol, range));
      return candlesOf(contentOf(answer, priceHistory));
    });
  }

  follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    return this.stream.follow(account, this.feedingBook(account, listener), stop);
  }

  protected recentOrders(account: string): Promise<BrokerOrder[]> {
    return reading(() => this.reads.recent(account));
  }

  private account<Schema extends z.ZodType>(account: string, schema: Schema): Promise<z.output<Schema>> {
    return reading(async () => {
      const call = { method: 'GET', path: '?fields=positions', priority: 'poll' } as const;
      const { answer } = await this.calls.ofAccount(account, call);
      return contentOf(answer, schema);
    });
  }
}
