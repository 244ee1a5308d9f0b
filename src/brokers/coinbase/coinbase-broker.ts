import { setTimeout as pause } from 'node:timers/promises';
import {
  AmbiguousOrder,
  type Broker,
  type BrokerListener,
  BrokerUnavailable,
  type CancelOutcome,
} from '../../broker-port/broker.js';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { CLIENT_ORDER_ID_PREFIX, legOfClientOrder } from '../../domain/ids.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, Refusal, WriteOutcome } from '../../domain/order.js';
import { retryAfterMs } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { LiveLooks } from '../../wire/live-look.js';
import { cancelling, reading, UnexpectedAnswer, writing } from '../../wire/outcomes.js';
import { isOfOurKinds, readOrder, submittedOrder } from './broker-order.js';
import { coinbaseCapabilities } from './capabilities.js';
import { CoinbaseApi, type CoinbaseApiOptions, understood } from './coinbase-api.js';
import { inIncrements, lackOf, orderBody } from './order-body.js';
import { followOrderEvents } from './order-events.js';
import { OrderReads } from './order-reads.js';
import { positionsInAllPairs, pricedPositions, snapshotOf, walletsOf } from './positions.js';
import { Products } from './products.js';
import { followQuotes } from './quote-stream.js';
import { type Candle, type CandleSpan, candles, quotes } from './quotes.js';
import { reasonsOf, refusalOf, refusalOfCancel, refusalOfError } from './refusals.js';
import { type AnyOrder, cancelAnswer, orderRow, placeAnswer } from './schemas.js';

export interface CoinbaseBrokerOptions extends Omit<CoinbaseApiOptions, 'baseUrl'> {
  /** up to and with `/api/v3/brokerage` */
  baseUrl?: string;
  /** the market's time, epoch milliseconds; the wall's unless given */
  now?: () => number;
}

const LIVE = 'https://api.coinbase.com/api/v3/brokerage';
/** A placement that was taken waits so long for a first read of its order: the send's own bound must not be spent on it. */
const FIRST_READ_MS = 500;
/** An order is looked for among those created since so long before it was sent. */
const FIND_MARGIN_MS = 5 * 60_000;
const PRIORITIES = { stop: 'stop', exit: 'close', entry: 'entry' } as const;

/** Coinbase Advanced Trade, spot only. See `Broker` for the contract; the wire is Coinbase's API reference. */
export class CoinbaseBroker implements Broker {
  readonly name = 'coinbase';
  readonly capabilities = coinbaseCapabilities;
  private readonly options: CoinbaseApiOptions;
  private readonly api: CoinbaseApi;
  private readonly products: Products;
  private readonly reads: OrderReads;
  private readonly looks: LiveLooks;
  private readonly now: () => number;

  constructor({ baseUrl = LIVE, now = Date.now, ...options }: CoinbaseBrokerOptions) {
    this.options = { baseUrl, ...options };
    this.api = new CoinbaseApi(this.options);
    this.products = new Products(this.api);
    this.reads = new OrderReads(this.api);
    this.now = now;
    this.looks = new LiveLooks({
      recentOrders: (account) => reading(() => this.ourOpenOrders(account)),
      order: (account, orderId) => this.order(account, orderId),
      positions: (account) => reading(async () => positionsInAllPairs(await walletsOf(this.api, account))),
      quotes: (symbols, account) => this.quotes(symbols, account),
    });
  }

  /** What the key or grant may speak for. It is always one portfolio, and no path names it. */
  async accounts(account: string): Promise<{ key: string; label: string }[]> {
    const wallets = await reading(() => walletsOf(this.api, account));
    return [{ key: wallets[0]?.retail_portfolio_id ?? '', label: 'Coinbase' }];
  }

  async follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    const { baseUrl, access } = this.options;
    const following = { account, baseUrl, access, listener };
    await Promise.all([followOrderEvents(following, stop), followQuotes(following, stop)]);
  }

  async place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return writing(async () => {
      const lack = lackOf(request);
      if (lack) return rejected(lack);
      const increments = await this.products.increments(account, request.symbol);
      if (!increments) return rejected({ code: 'invalid_symbol', message: `Coinbase has no ${request.symbol}` });
      const order = inIncrements(request, increments);
      if ('refusal' in order) return rejected(order.refusal);
      const answer = await this.api.post(account, '/orders', orderBody(order, this.now()), priorityOf(order));
      return await this.placed(account, order, answer);
    });
  }

  async cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const answer = await this.api.post(account, '/orders/batch_cancel', { order_ids: [orderId] }, 'close');
      const refusal = refusalOfError(answer);
      return refusal ? { outcome: 'rejected', refusal } : cancelled(orderId, answer);
    });
  }

  /**
   * Coinbase edits an order under its old id and its old client order id: the exchange could neither be found again after a
   * lost answer nor be told apart from the order before. So it is not offered, and the trade cancels and places anew.
   */
  async replace(): Promise<WriteOutcome> {
    return rejected({ code: 'not_offered', message: 'Coinbase changes an order only under its old id' });
  }

  async order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(() => this.reads.one(account, orderId));
  }

  /** There is no look-up by our id, but every row of the list carries it. */
  async find(account: string, { clientOrderId }: OrderRequest, sentAt: number): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const start_date = new Date(sentAt - FIND_MARGIN_MS).toISOString();
      const rows = await this.reads.list(account, { start_date });
      const [order, ...more] = rows.filter((row) => row.client_order_id === clientOrderId);
      if (more.length > 0) throw new AmbiguousOrder(`${more.length + 1} orders are called ${clientOrderId}`);
      return order && (await this.reads.withFills(account, [order]))[0];
    });
  }

  /** Without those of other hands whose kind `BrokerOrder` has no word for (brackets, slices). */
  async openOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const rows = await this.reads.open(account);
      return await this.reads.withFills(
        account,
        rows.filter((row) => isOfOurKinds(readOrder(row))),
      );
    });
  }

  async positions(account: string): Promise<Position[]> {
    return reading(async () => pricedPositions(this.api, account, await walletsOf(this.api, account)));
  }

  async accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(async () => snapshotOf(this.api, account, await walletsOf(this.api, account)));
  }

  async look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
  ): Promise<MarketLook> {
    return this.looks.look(account, symbol, assetClass, orderIds, this.now());
  }

  async quotes(symbols: readonly string[], account?: string): Promise<Quote[]> {
    return reading(() => quotes(this.api, symbols, account));
  }

  /** Oldest first. @throws BrokerUnavailable */
  async candles(account: string, symbol: string, span: CandleSpan): Promise<Candle[]> {
    return reading(() => candles(this.api, account, symbol, span));
  }

  private async placed(account: string, request: OrderRequest, answer: HttpAnswer): Promise<WriteOutcome> {
    if (answer.status === 401 || answer.status === 429) return notPlaced(answer);
    const refusedUnread = refusalOfError(answer);
    if (refusedUnread) return rejected(refusedUnread);
    const body = understood(answer, placeAnswer);
    if (!body.success) {
      const refusal = refusalOf(body, request.side === 'buy' ? 'BUY' : 'SELL');
      return refusal ? rejected(refusal) : turnedDown(reasonsOf(body).join(', '));
    }
    const { order_id, client_order_id } = body.success_response ?? {};
    if (order_id === undefined || client_order_id !== request.clientOrderId) {
      return unknown(`placed as another order: ${client_order_id ?? 'none'}`);
    }
    return { outcome: 'accepted', order: await this.firstRead(account, order_id, request) };
  }

  /** The order as it is now; as it was asked for when it cannot be read at once, which says nothing against it. */
  private async firstRead(account: string, orderId: string, request: OrderRequest): Promise<BrokerOrder> {
    const read = this.order(account, orderId).catch((error: unknown) => {
      if (error instanceof BrokerUnavailable) return undefined;
      throw error;
    });
    const order = await Promise.race([read, pause(FIRST_READ_MS, undefined, { ref: false })]);
    return order ?? submittedOrder(orderId, request, this.now());
  }

  /** One that cannot be understood is left out: its own read says what is wrong with it, to its own trade only. */
  private async ourOpenOrders(account: string): Promise<BrokerOrder[]> {
    const open = await this.reads.list(account, { order_status: 'OPEN' });
    const rows = open.filter(isOurs).filter((row) => {
      const { data } = orderRow.safeParse(row);
      return data !== undefined && isOfOurKinds(data);
    });
    return await this.reads.withFills(account, rows);
  }
}

function isOurs({ client_order_id }: AnyOrder): boolean {
  return client_order_id?.startsWith(CLIENT_ORDER_ID_PREFIX) ?? false;
}

function priorityOf({ clientOrderId }: OrderRequest): CallPriority {
  return PRIORITIES[legOfClientOrder(clientOrderId) ?? 'entry'];
}

/** That a cancel is under way already is as good as this one's being taken. */
function cancelled(orderId: string, answer: HttpAnswer): CancelOutcome {
  const result = understood(answer, cancelAnswer).results.find(({ order_id }) => order_id === orderId);
  if (result === undefined) throw new UnexpectedAnswer(`the answer to the cancel says nothing of order ${orderId}`);
  const { success, failure_reason: reason = 'none' } = result;
  if (success || reason === 'DUPLICATE_CANCEL_REQUEST') return { outcome: 'accepted' };
  const refusal = refusalOfCancel(reason);
  return refusal ? { outcome: 'rejected', refusal } : { outcome: 'unknown', detail: `the cancel: ${reason}` };
}

function rejected(refusal: Refusal): WriteOutcome {
  return { outcome: 'rejected', refusal };
}

function turnedDown(reasons: string): WriteOutcome {
  return { outcome: 'unknown', detail: `not placed for a reason that is not known: ${reasons}`, turnedDown: reasons };
}

function unknown(detail: string): WriteOutcome {
  return { outcome: 'unknown', detail };
}

/** Turned away unread: by its credential, or because there were too many calls. */
function notPlaced(answer: HttpAnswer): WriteOutcome {
  const wait = retryAfterMs(answer);
  const detail = `Coinbase turned the order away unread (HTTP ${answer.status})`;
  return { outcome: 'not_placed', detail, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}
