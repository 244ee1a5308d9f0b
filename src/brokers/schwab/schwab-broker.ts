import {
  AmbiguousOrder,
  type Broker,
  type BrokerListener,
  BrokerUnavailable,
  type CancelOutcome,
} from '../../broker-port/broker.js';
import type { DecimalString } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../../domain/market.js';
import { type BrokerOrder, isFinal, type OrderRequest, type WriteOutcome } from '../../domain/order.js';
import { LiveLooks } from '../../wire/live-look.js';
import { reading, UnexpectedAnswer } from '../../wire/outcomes.js';
import { contentOf } from './answers.js';
import { asSingleOrder, brokerOrder } from './broker-order.js';
import { SchwabCalls, type SchwabOptions } from './calls.js';
import { schwabCapabilities } from './capabilities.js';
import {
  type Candle,
  type CandleRange,
  candlesOf,
  type MarketDay,
  marketDayOf,
  marketHoursPath,
  priceHistoryPath,
} from './market-data.js';
import { orderBody } from './order-body.js';
import { LONGEST_LIFE_MS, SchwabOrderReads } from './order-reads.js';
import { SchwabOrderWrites } from './order-writes.js';
import { positionsOf, snapshotOf } from './positions.js';
import { quotePaths, quotesOf } from './quotes.js';
import {
  accountAnswer,
  accountNumbers,
  type ListedOrder,
  marketHoursAnswer,
  priceHistory,
  quotesAnswer,
} from './schemas.js';
import { SchwabStreamer } from './streamer.js';
import { CLOCK_TOLERANCE_MS, fits } from './terms.js';

/** Orders entered within this time are looked at together; older ones one by one. */
const LATELY_MS = 30 * 86_400_000;

/** Charles Schwab (Trader API v1). See `Broker` for the contract. */
export class SchwabBroker implements Broker {
  readonly name = 'schwab';
  readonly capabilities = schwabCapabilities;
  private readonly calls: SchwabCalls;
  private readonly orders: SchwabOrderReads;
  private readonly writes: SchwabOrderWrites;
  private readonly looks: LiveLooks;
  private readonly streamer: SchwabStreamer;
  private readonly now: () => number;

  constructor({ now = Date.now, ...options }: SchwabOptions) {
    this.now = now;
    this.calls = new SchwabCalls(options);
    this.streamer = new SchwabStreamer({ calls: this.calls, ...options });
    this.orders = new SchwabOrderReads(this.calls, now);
    this.writes = new SchwabOrderWrites(this.calls, this.orders, now);
    this.looks = new LiveLooks({
      recentOrders: (account) => this.recentOrders(account),
      order: (account, orderId) => this.order(account, orderId),
      positions: (account) => this.positions(account),
      quotes: (symbols, account) => this.quotes(symbols, account),
    });
  }

  follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    return this.streamer.follow(account, listener, stop);
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return this.writes.place(account, request);
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return this.writes.cancel(account, orderId);
  }

  replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
  ): Promise<WriteOutcome> {
    return this.writes.replace(account, orderId, request, expectedFilled);
  }

  async order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const order = await this.orders.one(account, orderId);
      return order && brokerOrder(order);
    });
  }

  async find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    const body = orderBody(request);
    if ('refusal' in body) return undefined;
    return reading(async () => {
      const [{ instrument }] = body.orderLegCollection;
      const to = Math.max(this.now(), sentAt) + CLOCK_TOLERANCE_MS;
      const listed = await this.orders.listed(account, { from: sentAt - CLOCK_TOLERANCE_MS, to });
      const fitting = listed
        .filter(({ orderLegCollection: [leg] }) => leg?.instrument?.symbol === instrument.symbol)
        .map(asSingleOrder)
        .filter((order) => order !== undefined)
        .filter((order) => !taken.has(order.orderId) && fits(order, body, sentAt));
      const [order, ...others] = fitting;
      if (others.length === 0) return order && brokerOrder(order);
      throw new AmbiguousOrder(`orders ${fitting.map(({ orderId }) => orderId).join(', ')} have the terms of one`);
    });
  }

  async openOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const listed = await this.orders.listed(account, this.orders.lately(LONGEST_LIFE_MS));
      const singles = listed.map(asSingleOrder).filter((order) => order !== undefined);
      return singles.map(brokerOrder).filter(({ status }) => !isFinal(status));
    });
  }

  async positions(account: string): Promise<Position[]> {
    return positionsOf(await this.account(account));
  }

  async accountSnapshot(account: string): Promise<AccountSnapshot> {
    return snapshotOf(await this.account(account));
  }

  look(account: string, symbol: string, assetClass: AssetClass, orderIds: readonly string[]): Promise<MarketLook> {
    return this.looks.look(account, symbol, assetClass, orderIds, this.now());
  }

  async quotes(symbols: readonly string[], account?: string): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('Schwab tells quotes only to a login');
    return reading(async () => {
      const answers = await Promise.all(quotePaths(symbols).map((path) => this.calls.read(account, path)));
      return answers.flatMap((answer) => quotesOf(symbols, contentOf(answer, quotesAnswer)));
    });
  }

  /** The accounts that the login behind `credentialAccount` may act for, by their names in Schwab's paths. */
  async accounts(credentialAccount: string): Promise<{ key: string; label: string }[]> {
    return reading(async () => {
      const answer = await this.calls.read(credentialAccount, '/trader/v1/accounts/accountNumbers');
      return contentOf(answer, accountNumbers).map(({ accountNumber, hashValue }) => ({
        key: hashValue,
        label: `…${accountNumber.slice(-4)}`,
      }));
    });
  }

  /** Of regular hours; options have no history. */
  async candles(account: string, symbol: string, range: CandleRange): Promise<Candle[]> {
    return reading(async () => {
      const answer = await this.calls.read(account, priceHistoryPath(symbol, range));
      return candlesOf(contentOf(answer, priceHistory));
    });
  }

  /** `day`: `YYYY-MM-DD`. */
  async marketHours(account: string, market: 'equity' | 'option', day: string): Promise<MarketDay> {
    return reading(async () => {
      const answer = await this.calls.read(account, marketHoursPath(market, day));
      return marketDayOf(market, contentOf(answer, marketHoursAnswer));
    });
  }

  /** What the list does not show plainly is read by itself, which then raises. */
  private async recentOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const listed = await this.orders.listed(account, this.orders.lately(LATELY_MS));
      return listed.flatMap(readable);
    });
  }

  private async account(account: string) {
    return reading(async () => {
      const call = { method: 'GET', path: '?fields=positions', priority: 'poll' } as const;
      const { answer } = await this.calls.ofAccount(account, call);
      return contentOf(answer, accountAnswer);
    });
  }
}

/** Nothing for an order that is not one of ours, or that cannot be understood. */
function readable(order: ListedOrder): BrokerOrder[] {
  try {
    const single = asSingleOrder(order);
    return single ? [brokerOrder(single)] : [];
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return [];
    throw error;
  }
}
