import type { BrokerAccess } from '../../broker-port/access.js';
import {
  AmbiguousOrder,
  type Broker,
  BrokerUnavailable,
  type CancelOutcome,
  type Preparation,
} from '../../broker-port/broker.js';
import type { CallPriority, RequestBudget } from '../../broker-port/request-budget.js';
import type { DecimalString } from '../../domain/decimal.js';
import { decimal } from '../../domain/decimal.js';
import { legOfClientOrder } from '../../domain/ids.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../../domain/market.js';
import { type BrokerOrder, isFinal, type OrderRequest, type Refusal, type WriteOutcome } from '../../domain/order.js';
import { LiveLooks } from '../../wire/live-look.js';
import { cancelling, reading, UnexpectedAnswer, writing } from '../../wire/outcomes.js';
import { type AccountOfLogin, readAccounts, readPositions, readSnapshot } from './accounts.js';
import type { EtradeAnswer, EtradeError } from './answers.js';
import { brokerOrder, hasTerms, placedOrder, readOrder, readOwnOrder } from './broker-order.js';
import { etradeCapabilities, notOffered } from './capabilities.js';
import { EtradeClient } from './etrade-client.js';
import { cancelDocument, orderDocument, termsOf } from './order-body.js';
import { EtradeOrders } from './orders.js';
import { preparationOf, previewing, previewOf } from './preview.js';
import { readQuotes } from './quotes.js';
import { refusalOfCancel, refusalOfChange, refusalOfPlace } from './refusals.js';
import { cancelTaken, checked, placed } from './schemas.js';
import { listedUnder } from './symbols.js';

export interface EtradeBrokerOptions {
  /** `https://api.etrade.com`, or where else `/v1` is */
  baseUrl: string;
  access: BrokerAccess;
  budget: RequestBudget;
  /** market time, epoch milliseconds */
  now?: () => number;
}

/** An order that was sent may carry a time that is so much before our clock's. */
const CLOCKS_APART_MS = 2 * 60_000;

const PRIORITIES = { entry: 'entry', stop: 'stop', exit: 'close' } as const;

/** E*TRADE's API v1: shares and options, each order after a preview. See `Broker` for the contract. */
export class EtradeBroker implements Broker {
  readonly name = 'etrade';
  readonly capabilities = etradeCapabilities;
  private readonly client: EtradeClient;
  private readonly orders: EtradeOrders;
  private readonly looks: LiveLooks;
  private readonly now: () => number;

  constructor({ now = Date.now, ...options }: EtradeBrokerOptions) {
    this.now = now;
    this.client = new EtradeClient({ ...options, now });
    this.orders = new EtradeOrders(this.client);
    this.looks = new LiveLooks({
      recentOrders: (account) => this.recentOrders(account),
      order: (account, orderId) => this.order(account, orderId),
      positions: (account) => this.positions(account),
      quotes: (symbols, account) => this.quotes(symbols, account),
    });
  }

  /** Repeatable: a preview makes nothing. That of a replacement is made at the order that it replaces. */
  async prepare(account: string, request: OrderRequest, replacedId?: string): Promise<Preparation> {
    const message = notOffered(request);
    if (message !== undefined) return { outcome: 'rejected', refusal: { code: 'not_offered', message } };
    return previewing(async () => {
      const call = { ...callOf('preview', replacedId), body: orderDocument(request), priority: priorityOf(request) };
      return preparationOf(await this.client.write(account, call), replacedId);
    });
  }

  async place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome> {
    const { previewId, replacedId } = previewOf(token);
    if (replacedId !== undefined) throw new RangeError(`this preview is for a change of order ${replacedId}`);
    return this.send(account, request, previewId);
  }

  /** E*TRADE cancels the old order and makes one with a new id. */
  async replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
    token?: string,
  ): Promise<WriteOutcome> {
    const { previewId, replacedId } = previewOf(token);
    if (replacedId !== orderId) throw new RangeError(`this preview is not for a change of order ${orderId}`);
    const old = await this.beforeChange(account, orderId);
    if ('outcome' in old) return old;
    if (isFinal(old.status) || !decimal(old.filledQuantity).equals(decimal(expectedFilled))) {
      const message = `order ${orderId} is ${old.status} with ${old.filledQuantity} filled`;
      return { outcome: 'rejected', refusal: { code: 'too_late', message } };
    }
    return this.send(account, request, previewId, orderId);
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const body = cancelDocument(orderId);
      const call = { method: 'PUT', path: '/orders/cancel.json', body, priority: 'close' } as const;
      const answer = await this.client.write(account, call);
      if (answer.kind === 'error') return refusedOr(answer, refusalOfCancel);
      checked(cancelTaken, documentOf(answer), 'answer to a cancel');
      return { outcome: 'accepted' };
    });
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return reading(async () => {
      const listed = await this.orders.one(account, orderId);
      return listed && brokerOrder(readOwnOrder(listed), this.now());
    });
  }

  /** By its terms: E*TRADE never shows the client order id. */
  find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    const since = sentAt - CLOCKS_APART_MS;
    const terms = termsOf(request);
    return reading(async () => {
      const listed = await this.orders.between(account, since, this.now(), listedUnder(request.symbol));
      const fitting = listed
        .map(readOrder)
        .filter((order) => order !== undefined)
        .filter((order) => order.placedAt >= since && !taken.has(order.orderId) && hasTerms(order, terms));
      const [found, ...others] = fitting;
      if (others.length > 0) {
        const ids = fitting.map(({ orderId }) => orderId).join(', ');
        throw new AmbiguousOrder(`E*TRADE's orders ${ids} could all be ${request.clientOrderId}`);
      }
      return found && { ...brokerOrder(found, this.now()), clientOrderId: request.clientOrderId };
    });
  }

  openOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const orders = (await this.orders.open(account)).map(readOrder).filter((order) => order !== undefined);
      return orders.map((order) => brokerOrder(order, this.now())).filter(({ status }) => !isFinal(status));
    });
  }

  positions(account: string): Promise<Position[]> {
    return reading(() => readPositions(this.client, account));
  }

  accountSnapshot(account: string): Promise<AccountSnapshot> {
    return reading(() => readSnapshot(this.client, account));
  }

  /** The accounts that the login of `account` sees. */
  accounts(account: string): Promise<AccountOfLogin[]> {
    return reading(() => readAccounts(this.client, account));
  }

  look(account: string, symbol: string, assetClass: AssetClass, orderIds: readonly string[]): Promise<MarketLook> {
    return this.looks.look(account, symbol, assetClass, orderIds, this.now());
  }

  async quotes(symbols: readonly string[], account?: string): Promise<Quote[]> {
    if (account === undefined) throw new BrokerUnavailable('E*TRADE quotes only to somebody who is logged in');
    return reading(() => readQuotes(this.client, account, symbols));
  }

  /** Sent once. The body is that of the preview, or E*TRADE refuses it. */
  private send(account: string, request: OrderRequest, previewId: string, replacedId?: string): Promise<WriteOutcome> {
    return writing(async () => {
      const body = orderDocument(request, previewId);
      const call = { ...callOf('place', replacedId), body, priority: priorityOf(request) };
      const answer = await this.client.write(account, call);
      if (answer.kind === 'error') {
        return refusedOr(answer, replacedId === undefined ? refusalOfPlace : refusalOfChange);
      }
      const { OrderIds, placedTime } = checked(placed, documentOf(answer), 'answer to a place').PlaceOrderResponse;
      return { outcome: 'accepted', order: placedOrder(request, OrderIds.orderId, placedTime ?? this.now()) };
    });
  }

  /** The order that is to be replaced, or that nothing was sent because it could not be read. */
  private async beforeChange(account: string, orderId: string): Promise<BrokerOrder | WriteOutcome> {
    try {
      const old = await this.order(account, orderId);
      const message = `E*TRADE does not know order ${orderId}`;
      return old ?? { outcome: 'rejected', refusal: { code: 'too_late', message } };
    } catch (error) {
      if (error instanceof BrokerUnavailable) return { outcome: 'not_placed', detail: error.message };
      throw error;
    }
  }

  /** Without those that cannot be understood: whoever wants one of them reads it by itself, and is told. */
  private recentOrders(account: string): Promise<BrokerOrder[]> {
    return reading(async () => {
      const listed = await this.orders.recent(account);
      return listed.flatMap((order) => {
        try {
          const read = readOrder(order);
          return read ? [brokerOrder(read, this.now())] : [];
        } catch (error) {
          if (error instanceof UnexpectedAnswer) return [];
          throw error;
        }
      });
    });
  }
}

function callOf(step: 'preview' | 'place', replacedId: string | undefined) {
  return replacedId === undefined
    ? ({ method: 'POST', path: `/orders/${step}.json` } as const)
    : ({ method: 'PUT', path: `/orders/${replacedId}/change/${step}.json` } as const);
}

function priorityOf({ clientOrderId }: OrderRequest): CallPriority {
  return PRIORITIES[legOfClientOrder(clientOrderId) ?? 'entry'];
}

/** An error that is on no list says nothing of what became of the write. */
function refusedOr(
  error: EtradeError,
  refusalOf: (error: EtradeError) => Refusal | undefined,
): { outcome: 'rejected'; refusal: Refusal } | { outcome: 'unknown'; detail: string; turnedDown: string } {
  const refusal = refusalOf(error);
  if (refusal) return { outcome: 'rejected', refusal };
  return { outcome: 'unknown', detail: `E*TRADE's error ${error.code}: ${error.message}`, turnedDown: error.message };
}

function documentOf(answer: EtradeAnswer): unknown {
  if (answer.kind === 'document') return answer.document;
  throw new UnexpectedAnswer(`E*TRADE answered ${answer.kind}`);
}
