import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Broker, CancelOutcome } from '../../src/broker-port/broker.js';
import type { BudgetedCall, RequestBudget } from '../../src/broker-port/request-budget.js';
import { type DecimalString, decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId } from '../../src/domain/ids.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import { type BrokerOrder, isFinal, type OrderRequest } from '../../src/domain/order.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { exact } from './order-facts.js';
import { readAgain } from './read-again.js';
import { type ProxiedAnswer, RewritingProxy } from './rewriting-proxy.js';
import { type Ending, Sender } from './sender.js';
import { ACCOUNT, type BrokerName, tradedAt, VENUES, type Venue, type Ways } from './venues.js';
import { WatchedAccess } from './watched-access.js';

/** What is traded on the bench. All three are quoted, but for the contract, at the same prices. */
export const SYMBOLS: Readonly<Record<AssetClass, string>> = {
  equity: 'AAPL',
  option: 'AAPL260618C00210000',
  crypto: 'BTC-USD',
};
/** A share that is quoted like the other, and not held. */
export const NOT_HELD = 'MSFT';
/** So many of each are held at the beginning. */
export const HELD = '100';

type Amounts = Partial<Record<'quantity' | 'limitPrice' | 'stopPrice' | 'trailPercent', string>>;
export type Change = Omit<Partial<OrderRequest>, keyof Amounts> & Amounts;

/** One broker, one account of 100,000 dollars at a simulator of its own, and all that a card does with them. */
export class Bench {
  readonly broker: Broker;
  readonly sender: Sender;
  /** what the broker's 429s asked for, in milliseconds */
  readonly slowDowns: number[] = [];
  readonly turns: BudgetedCall[] = [];
  private readonly proxies: RewritingProxy[] = [];

  private constructor(
    readonly name: BrokerName,
    readonly simulator: TestSimulator,
    readonly access: WatchedAccess,
    private readonly hasLags: boolean,
  ) {
    this.broker = this.venue.adapter(this.ways());
    this.sender = new Sender(this.broker, this.simulator.clock);
  }

  static async open(name: BrokerName, hasLags: boolean): Promise<Bench> {
    const simulator = await TestSimulator.start(undefined, undefined, { hasLags });
    const classes = tradedAt(VENUES[name]);
    const positions = classes.map((assetClass) => ({
      ...{ symbol: SYMBOLS[assetClass], quantity: HELD, averagePrice: '100' },
    }));
    const { credentials } = await simulator.open(name, { positions });
    const login = await VENUES[name].signIn(simulator, credentials);
    const bench = new Bench(name, simulator, new WatchedAccess(login), hasLags);
    for (const symbol of [SYMBOLS.equity, SYMBOLS.crypto, NOT_HELD]) {
      await simulator.market(symbol, '149.9', '150', { last: '149.95' });
    }
    await simulator.market(SYMBOLS.option, '6.4', '6.5', { last: '6.45' });
    return bench;
  }

  async close(): Promise<void> {
    for (const proxy of this.proxies) await proxy.close();
    await this.simulator.close();
  }

  get venue(): Venue {
    return VENUES[this.name];
  }

  get capabilities() {
    return this.broker.capabilities;
  }

  /** What the deck trades here unless a card says otherwise: shares, or coins where there are none. */
  get assetClass(): AssetClass {
    return this.capabilities.orderTypes.equity.length > 0 ? 'equity' : 'crypto';
  }

  get symbol(): string {
    return SYMBOLS[this.assetClass];
  }

  // ------------------------------------------------------------------ requests

  request(leg: Leg, change: Change = {}): OrderRequest {
    const { quantity = '40', limitPrice, stopPrice, trailPercent, ...rest } = change;
    const amounts = Object.entries({ limitPrice, stopPrice, trailPercent }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, decimalString(text)] as const],
    );
    return {
      clientOrderId: clientOrderId(randomUUID() as TradeId, leg, 1),
      ...{ symbol: this.symbol, assetClass: this.assetClass, side: leg === 'entry' ? 'buy' : 'sell', type: 'market' },
      ...{ timeInForce: 'day', session: 'regular', quantity: decimalString(quantity) },
      ...Object.fromEntries<DecimalString>(amounts),
      ...rest,
    };
  }

  /** A purchase that rests ten dollars below the market. */
  entry(change: Change = {}): OrderRequest {
    return this.request('entry', { type: 'limit', limitPrice: '140', timeInForce: 'gtc', ...change });
  }

  marketEntry(change: Change = {}): OrderRequest {
    return this.request('entry', change);
  }

  exit(change: Change = {}): OrderRequest {
    return this.request('exit', change);
  }

  /** A protective stop for what is held; with a limit five per cent away where there is no other. */
  stop(change: Change = {}): OrderRequest {
    const { stopPrice = '140' } = change;
    const isPlain = this.capabilities.orderTypes[this.assetClass].includes('stop');
    const limitPrice = exact(stopPrice).times(exact('0.95')).roundedTo(2, 'down').toString();
    const kind: Change = isPlain ? { type: 'stop' } : { type: 'stop_limit', limitPrice };
    return this.request('stop', { ...kind, stopPrice, timeInForce: 'gtc', ...change });
  }

  // ------------------------------------------------------------------ what a trade does

  send(request: OrderRequest): Promise<Ending> {
    return this.sender.send(request);
  }

  /** The order, as it is read after a send that has to end at the broker. */
  async placed(request: OrderRequest): Promise<BrokerOrder> {
    return this.orderOf(await this.send(request));
  }

  async orderOf(ending: Ending): Promise<BrokerOrder> {
    expect(ending).toMatchObject({ end: 'at_broker' });
    if (ending.end !== 'at_broker') throw new Error(ending.end);
    return this.order(ending.order.orderId);
  }

  /** Where fills are listed apart and late, an order cannot be read for a moment: it is read again, as a trade does. */
  async order(orderId: string): Promise<BrokerOrder> {
    const read = () => this.broker.order(ACCOUNT, orderId);
    const order = await (this.hasLags ? readAgain(read, () => this.advance(1)) : read());
    if (!order) throw new Error(`order ${orderId} is not shown`);
    return order;
  }

  cancel(orderId: string): Promise<CancelOutcome> {
    return this.broker.cancel(ACCOUNT, orderId);
  }

  /** Cancels a working order, confirms by a read that it has ended, and places `request`. */
  async move(orderId: string, request: OrderRequest): Promise<{ ended: BrokerOrder; next: BrokerOrder }> {
    this.advance(2);
    expect(await this.cancel(orderId)).toEqual({ outcome: 'accepted' });
    const ended = await this.order(orderId);
    expect(isFinal(ended.status)).toBe(true);
    return { ended, next: await this.placed(request) };
  }

  find(request: OrderRequest, sentAt = this.now): Promise<BrokerOrder | undefined> {
    return this.broker.find(ACCOUNT, request, sentAt, this.sender.taken);
  }

  // ------------------------------------------------------------------ the world

  get now(): number {
    return this.simulator.clock.now();
  }

  advance(seconds: number): void {
    this.simulator.clock.advance(seconds);
  }

  /** Befalls the next call of the operation; a silence lasts a moment. */
  fault(kind: string, operation: string, more: object = {}): Promise<void> {
    const silence = kind.startsWith('timeout') || kind === 'slow' ? { seconds: 0.1 } : {};
    return this.simulator.fault(kind, operation, { count: 1, ...silence, ...more });
  }

  /** Sets the prices of what the deck trades; the last trade is at the bid. */
  market(bid: string, ask: string, sizes: object = {}): Promise<void> {
    return this.simulator.market(this.symbol, bid, ask, { last: bid, ...sizes });
  }

  async fill(orderId: string, quantity: string, price: string): Promise<void> {
    await this.simulator.control('fills', { broker: this.name, orderId, quantity, price });
  }

  /** The open orders that were sent from here: an account shows unrelated ones besides. */
  async openOrders(): Promise<BrokerOrder[]> {
    const { rows } = await this.broker.openOrders(ACCOUNT);
    const ids = new Set((await this.ledger()).map(({ orderId }) => orderId));
    return rows.filter(({ orderId }) => ids.has(orderId));
  }

  /** Every order, as the exchange saw it. */
  async ledger(): Promise<Body[]> {
    return (await this.simulator.ledger()).orders;
  }

  async live(): Promise<Body[]> {
    return (await this.ledger()).filter(({ status }) => !isFinal(status));
  }

  /** The operations that were asked of the broker. */
  async asked(): Promise<string[]> {
    return (await this.simulator.ledger()).requests.map(({ operation }: Body) => operation);
  }

  // ------------------------------------------------------------------ other adapters of the same account

  ways(change: Partial<Ways> = {}): Ways {
    const budget: RequestBudget = {
      take: async (call) => void this.turns.push(call),
      slowDown: async (_broker, _account, forMs) => void this.slowDowns.push(forMs),
    };
    return { url: this.simulator.url, access: this.access, budget, now: this.simulator.clock.now, ...change };
  }

  /** One that remembers nothing. */
  another(change: Partial<Ways> = {}): Broker {
    return this.venue.adapter(this.ways(change));
  }

  /** One whose answers are changed on their way. */
  async rewriting(rewrite: (answer: ProxiedAnswer) => ProxiedAnswer): Promise<Broker> {
    const proxy = await RewritingProxy.start(this.simulator.url, rewrite);
    this.proxies.push(proxy);
    return this.another({ url: proxy.url });
  }

  /** Where nobody listens. */
  async deadAddress(): Promise<string> {
    const proxy = await RewritingProxy.start(this.simulator.url, (answer) => answer);
    const { url } = proxy;
    await proxy.close();
    return url;
  }
}
