import { z } from 'zod';
import {
  AmbiguousOrder,
  type Broker,
  type BrokerListener,
  BrokerUnavailable,
  type CancelOutcome,
} from '../../broker-port/broker.js';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { CLIENT_ORDER_ID_PREFIX, legOfClientOrder } from '../../domain/ids.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../domain/order.js';
import { NotPlaced } from '../../wire/caller.js';
import { LiveLooks } from '../../wire/live-look.js';
import { cancelling, reading, UnexpectedAnswer, writing } from '../../wire/outcomes.js';
import { type AccountName, accountName, accountSnapshot, position } from './accounts.js';
import { describe } from './answers.js';
import { brokerOrder, isOrderOf, isOver } from './broker-order.js';
import { AlpacaCalls, type AlpacaOptions, isNoSuchOrder } from './calls.js';
import { alpacaCapabilities } from './capabilities.js';
import { Fills } from './fills.js';
import { KnownIncrements } from './increments.js';
import { type Candle, type CandleRange, readCandles, readQuotes } from './market-data.js';
import { readOpenOrders } from './open-orders.js';
import { placeBody, replaceBody, whyNotExchanged, whyNotOffered } from './order-body.js';
import { followOrderEvents } from './order-events.js';
import { followQuotes } from './quote-stream.js';
import { isRepeat, tooLateOf } from './refusals.js';
import { type AlpacaOrder, alpacaAccount, alpacaOrder, alpacaPosition, marketClock } from './schemas.js';
import { placed, rejected, replaced } from './write-answers.js';

export interface AlpacaBrokerOptions extends AlpacaOptions {
  /** market time, epoch milliseconds */
  now?: () => number;
}

/** Alpaca, Trading API v2: shares, options and coins. See `Broker` for the contract. */
export class AlpacaBroker implements Broker {
  readonly name = 'alpaca';
  readonly capabilities = alpacaCapabilities;
  private readonly options: AlpacaOptions;
  private readonly calls: AlpacaCalls;
  private readonly fills: Fills;
  private readonly increments: KnownIncrements;
  private readonly looks: LiveLooks;
  private readonly now: () => number;

  constructor({ now = Date.now, ...options }: AlpacaBrokerOptions) {
    this.options = options;
    this.calls = new AlpacaCalls(options);
    this.fills = new Fills(this.calls);
    this.increments = new KnownIncrements(this.calls);
    this.now = now;
    this.looks = new LiveLooks({
      recentOrders: (account) => reading(() => this.ownOpenOrders(account)),
      order: (account, orderId) => this.order(account, orderId),
      positions: (account) => this.positions(account),
      quotes: (symbols, account) => this.quotes(symbols, account),
    });
  }

  async follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    const { baseUrl, access } = this.options;
    const following = { account, baseUrl, access, listener };
    await Promise.all([followOrderEvents(following, stop), followQuotes(following, stop)]);
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return writing(async () => {
      const lacking = whyNotOffered(request);
      if (lacking !== undefined) return rejected('not_offered', lacking);
      const body = placeBody(request, await beforehand(() => this.increments.of(account, request)));
      const priority = priorityOf(request);
      const answer = await this.calls.write(account, { method: 'POST', path: '/v2/orders', body, priority });
      return isRepeat(answer) ? await this.adopted(account, request) : placed(answer, request);
    });
  }

  replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
  ): Promise<WriteOutcome> {
    return writing(async () => {
      const old = await beforehand(() => this.read(account, orderId));
      if (!old || isOver(old) || !decimal(old.filled_qty).equals(decimal(expectedFilled))) {
        return rejected('too_late', `order ${orderId} is over, or has filled since`);
      }
      const lacking = whyNotOffered(request) ?? whyNotExchanged(old, request);
      if (lacking !== undefined) return rejected('not_offered', lacking);
      const body = replaceBody(request, await beforehand(() => this.increments.of(account, request)), old);
      const path = `/v2/orders/${encodeURIComponent(orderId)}`;
      const answer = await this.calls.write(account, { method: 'PATCH', path, body, priority: priorityOf(request) });
      return isRepeat(answer) ? await this.adopted(account, request) : replaced(answer, request, orderId);
    });
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const path = `/v2/orders/${encodeURIComponent(orderId)}`;
      const answer = await this.calls.write(account, { method: 'DELETE', path, priority: 'close' });
      if (answer.status === 204) return { outcome: 'accepted' };
      const tooLate = tooLateOf(answer);
      if (tooLate) return { outcome: 'rejected', refusal: tooLate };
      if (isNoSuchOrder(answer)) return rejected('invalid_order', `Alpaca knows no order ${orderId}`);
      return { outcome: 'unknown', detail: describe(answer) };
    });
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const known = await this.read(account, orderId);
      return known && (await this.withFills(account, [known]))[0];
    });
  }

  /** By client order id, which is an account's for ever: also when the order has long been final. */
  find(account: string, request: OrderRequest): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const parameters = { client_order_id: request.clientOrderId };
      const query = { path: '/v2/orders:by_client_order_id', parameters };
      const known = await this.calls.getOrder(account, query, alpacaOrder);
      if (!known) return undefined;
      if (!isOrderOf(known, request)) {
        throw new AmbiguousOrder(`${request.clientOrderId} is the id of another order, of ${known.symbol}`);
      }
      return (await this.withFills(account, [known]))[0];
    });
  }

  openOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const orders = await readOpenOrders(this.calls, account, () => true);
      return await this.withFills(account, orders);
    });
  }

  positions(account: string): Promise<Position[]> {
    return reading(async () => {
      const held = await this.calls.get(account, { path: '/v2/positions' }, z.array(alpacaPosition));
      return held.map(position);
    });
  }

  accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(async () => accountSnapshot(await this.calls.get(account, { path: '/v2/account' }, alpacaAccount)));
  }

  /** The accounts that the login of `account` opens: at Alpaca each login is for one. */
  accounts(account: string): Promise<AccountName[]> {
    return reading(async () => [accountName(await this.calls.get(account, { path: '/v2/account' }, alpacaAccount))]);
  }

  look(account: string, symbol: string, assetClass: AssetClass, orderIds: readonly string[]): Promise<MarketLook> {
    return this.looks.look(account, symbol, assetClass, orderIds, this.now());
  }

  async quotes(symbols: readonly string[], account?: string): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('Alpaca shows quotes to a login only');
    return reading(() => readQuotes(this.calls, account, symbols));
  }

  candles(account: string, symbol: string, range: CandleRange): Promise<Candle[]> {
    return reading(() => readCandles(this.calls, account, symbol, range));
  }

  /** Of the exchanges for shares and options; times in epoch milliseconds. */
  marketHours(account: string): Promise<{ isOpen: boolean; nextOpen: number; nextClose: number }> {
    return reading(async () => {
      const clock = await this.calls.get(account, { path: '/v2/clock' }, marketClock);
      return { isOpen: clock.is_open, nextOpen: clock.next_open, nextClose: clock.next_close };
    });
  }

  private read(account: string, orderId: string): Promise<AlpacaOrder | undefined> {
    return this.calls.getOrder(account, { path: `/v2/orders/${encodeURIComponent(orderId)}` }, alpacaOrder);
  }

  /** Open orders of ours; one whose fills are not all listed is read by itself, and fails by itself. */
  private async ownOpenOrders(account: string): Promise<BrokerOrder[]> {
    const orders = await readOpenOrders(this.calls, account, (id) => id.startsWith(CLIENT_ORDER_ID_PREFIX));
    const fills = await this.fills.of(account, orders);
    return orders.flatMap((order) => {
      const executions = fills.get(order.id);
      return executions ? [brokerOrder(order, executions)] : [];
    });
  }

  private async withFills(account: string, orders: readonly AlpacaOrder[]): Promise<BrokerOrder[]> {
    const fills = await this.fills.of(account, orders);
    return orders.map((order) => {
      const executions = fills.get(order.id);
      if (!executions) throw new UnexpectedAnswer(`Alpaca does not list all fills of order ${order.id} yet`);
      return brokerOrder(order, executions);
    });
  }

  /** The order of an earlier send under the same id. */
  private async adopted(account: string, request: OrderRequest): Promise<WriteOutcome> {
    const lost = `Alpaca has an order ${request.clientOrderId}, but does not show it`;
    try {
      const order = await this.find(account, request);
      return order ? { outcome: 'accepted', order } : { outcome: 'unknown', detail: lost };
    } catch (error) {
      if (!(error instanceof BrokerUnavailable || error instanceof AmbiguousOrder)) throw error;
      return { outcome: 'unknown', detail: `${lost}: ${error.message}` };
    }
  }
}

function priorityOf({ clientOrderId }: OrderRequest): CallPriority {
  const leg = legOfClientOrder(clientOrderId);
  if (leg === 'stop') return 'stop';
  return leg === 'exit' ? 'close' : 'entry';
}

/** A read that a write needs first: when it fails, nothing was sent. */
async function beforehand<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await reading(read);
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new NotPlaced(error.message, undefined, { cause: error });
    throw error;
  }
}
