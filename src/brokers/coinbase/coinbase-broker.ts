import type { BrokerListener, CancelOutcome } from '../../broker-port/broker.js';
import type { Candle } from '../../broker-port/candle.js';
import type { Listing } from '../../broker-port/listing.js';
import type { AccountSnapshot, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../domain/order.js';
import { type AdapterOptions, LiveAdapter, type NamedAccount } from '../../wire/live-adapter.js';
import { reading } from '../../wire/outcomes.js';
import { portfolioOf, positionsInAllPairs, pricedPositions, snapshotOf, walletsOf } from './accounts.js';
import { CoinbaseCalls } from './calls.js';
import { type CandleRange, readCandles } from './candles.js';
import { coinbaseCapabilities } from './capabilities.js';
import { followOrderEvents } from './order-events.js';
import { CoinbaseOrderReads } from './order-reads.js';
import { CoinbaseOrderWrites } from './order-writes.js';
import { followQuotes } from './quote-stream.js';
import { readQuotes } from './quotes.js';

/** Coinbase Advanced Trade, spot only. See `Broker` for the contract; the wire is Coinbase's API reference. */
export class CoinbaseBroker extends LiveAdapter {
  readonly name = 'coinbase';
  readonly capabilities = coinbaseCapabilities;
  /** Source: "Get Public Product Book" and the "ticker" channel need no login. */
  protected override readonly showsPricesToAll = true;
  private readonly calls: CoinbaseCalls;
  private readonly reads: CoinbaseOrderReads;
  private readonly writes: CoinbaseOrderWrites;

  constructor(private readonly options: AdapterOptions) {
    super(options);
    this.calls = new CoinbaseCalls(options);
    this.reads = new CoinbaseOrderReads(this.calls);
    this.writes = new CoinbaseOrderWrites(this.calls, this.reads, this.now);
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return this.writes.place(account, request);
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return this.writes.cancel(account, orderId);
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.one(account, orderId));
  }

  find(account: string, request: OrderRequest, sentAt: number): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.find(account, request, sentAt));
  }

  openOrders(account: string): Promise<Listing<BrokerOrder>> {
    return reading(() => this.reads.open(account));
  }

  positions(account: string): Promise<Listing<Position>> {
    return reading(async () => pricedPositions(this.calls, account, await walletsOf(this.calls, account)));
  }

  accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(async () => snapshotOf(this.calls, account, await walletsOf(this.calls, account)));
  }

  /** A key or grant is always for one portfolio, and no path names it. */
  async accounts(account: string): Promise<NamedAccount[]> {
    const wallets = await reading(() => walletsOf(this.calls, account));
    return [{ key: portfolioOf(wallets) ?? '', label: 'Coinbase' }];
  }

  protected currentQuotes(symbols: readonly string[], account: string | undefined): Promise<Quote[]> {
    return reading(() => readQuotes(this.calls, symbols, account));
  }

  /** Oldest first. @throws BrokerUnavailable */
  candles(account: string, symbol: string, range: CandleRange): Promise<Candle[]> {
    return reading(() => readCandles(this.calls, account, symbol, range));
  }

  async follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    const { baseUrl, access } = this.options;
    const following = { account, baseUrl, access, listener: this.feedingBook(account, listener) };
    await Promise.all([followOrderEvents(following, stop), followQuotes(following, stop)]);
  }

  protected recentOrders(account: string): Promise<BrokerOrder[]> {
    return reading(() => this.reads.recent(account));
  }

  protected override heldIn(account: string): Promise<Listing<Position>> {
    return reading(async () => positionsInAllPairs(await walletsOf(this.calls, account)));
  }
}
