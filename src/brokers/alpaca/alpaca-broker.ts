import { z } from 'zod';
import { type BrokerListener, BrokerUnavailable, type CancelOutcome } from '../../broker-port/broker.js';
import type { Candle } from '../../broker-port/candle.js';
import type { Listing } from '../../broker-port/listing.js';
import type { AccountSnapshot, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../domain/order.js';
import { listing } from '../../wire/listing.js';
import { type AdapterOptions, LiveAdapter, type NamedAccount } from '../../wire/live-adapter.js';
import { reading } from '../../wire/outcomes.js';
import { accountName, accountSnapshot, positionOfRow } from './accounts.js';
import { AlpacaCalls } from './calls.js';
import { type CandleRange, readCandles } from './candles.js';
import { alpacaCapabilities } from './capabilities.js';
import { followOrderEvents } from './order-events.js';
import { AlpacaOrderReads } from './order-reads.js';
import { AlpacaOrderWrites } from './order-writes.js';
import { followQuotes } from './quote-stream.js';
import { readQuotes } from './quotes.js';
import { alpacaAccount, listedPosition } from './schemas.js';
import { symbolShown } from './symbols.js';

/** Alpaca, Trading API v2: shares, options and coins. See `Broker` for the contract. */
export class AlpacaBroker extends LiveAdapter {
  readonly name = 'alpaca';
  readonly capabilities = alpacaCapabilities;
  private readonly calls: AlpacaCalls;
  private readonly reads: AlpacaOrderReads;
  private readonly writes: AlpacaOrderWrites;

  constructor(private readonly options: AdapterOptions) {
    super(options);
    this.calls = new AlpacaCalls(options);
    this.reads = new AlpacaOrderReads(this.calls);
    this.writes = new AlpacaOrderWrites(this.calls, this.reads);
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

  find(account: string, request: OrderRequest): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.find(account, request));
  }

  openOrders(account: string): Promise<Listing<BrokerOrder>> {
    return reading(() => this.reads.open(account));
  }

  positions(account: string): Promise<Listing<Position>> {
    return reading(async () => {
      const held = await this.calls.get(account, { path: '/v2/positions' }, z.array(listedPosition));
      return listing('position', held, positionOfRow, symbolShown);
    });
  }

  accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(async () => accountSnapshot(await this.calls.get(account, { path: '/v2/account' }, alpacaAccount)));
  }

  /** At Alpaca each login is for one account. */
  accounts(account: string): Promise<NamedAccount[]> {
    return reading(async () => [accountName(await this.calls.get(account, { path: '/v2/account' }, alpacaAccount))]);
  }

  protected async currentQuotes(symbols: readonly string[], account: string | undefined): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('Alpaca shows quotes only to a login');
    return reading(() => readQuotes(this.calls, account, symbols));
  }

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
}
