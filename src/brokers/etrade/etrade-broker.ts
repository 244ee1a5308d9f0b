import { BrokerUnavailable, type CancelOutcome, type Preparation } from '../../broker-port/broker.js';
import type { Listing } from '../../broker-port/listing.js';
import type { AccountSnapshot, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../domain/order.js';
import { type AdapterOptions, LiveAdapter, type NamedAccount } from '../../wire/live-adapter.js';
import { reading } from '../../wire/outcomes.js';
import { readAccounts, readPositions, readSnapshot } from './accounts.js';
import { EtradeCalls } from './calls.js';
import { etradeCapabilities } from './capabilities.js';
import { EtradeOrderReads } from './order-reads.js';
import { EtradeOrderWrites } from './order-writes.js';
import { readQuotes } from './quotes.js';

/** E*TRADE's API v1: shares and options, each order after a preview. See `Broker` for the contract. */
export class EtradeBroker extends LiveAdapter {
  readonly name = 'etrade';
  readonly capabilities = etradeCapabilities;
  private readonly calls: EtradeCalls;
  private readonly reads: EtradeOrderReads;
  private readonly writes: EtradeOrderWrites;

  constructor(options: AdapterOptions) {
    super(options);
    this.calls = new EtradeCalls(options, this.now);
    this.reads = new EtradeOrderReads(this.calls, this.now);
    this.writes = new EtradeOrderWrites(this.calls, this.now);
  }

  prepare(account: string, request: OrderRequest): Promise<Preparation> {
    return this.writes.prepare(account, request);
  }

  place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome> {
    return this.writes.place(account, request, token);
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return this.writes.cancel(account, orderId);
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.one(account, orderId));
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

  positions(account: string): Promise<Listing<Position>> {
    return reading(() => readPositions(this.calls, account));
  }

  accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(() => readSnapshot(this.calls, account));
  }

  accounts(account: string): Promise<NamedAccount[]> {
    return reading(() => readAccounts(this.calls, account));
  }

  protected async currentQuotes(symbols: readonly string[], account: string | undefined): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('E*TRADE shows quotes only to a login');
    return reading(() => readQuotes(this.calls, account, symbols));
  }

  protected recentOrders(account: string): Promise<BrokerOrder[]> {
    return reading(() => this.reads.recent(account));
  }
}
