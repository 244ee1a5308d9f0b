import type { Listing } from '../../broker-port/listing.js';
import type { BrokerOrder, OrderRequest } from '../../domain/order.js';
import { listing } from '../../wire/listing.js';
import { isOurs, onlyOne, passingOver } from '../../wire/orders.js';
import { brokerOrder, readOrder, shownOf } from './broker-order.js';
import type { CoinbaseCalls, Query } from './calls.js';
import { readFills } from './fills.js';
import { type AnyOrder, type OrderRow, oneOrder, orderPage } from './schemas.js';

const PAGE = '250';
/** An order is looked for among those created since so long before it was sent. */
const FIND_MARGIN_MS = 5 * 60_000;

/** Orders with their fills: Coinbase lists the two apart. Everything @throws as `CoinbaseCalls.get`. */
export class CoinbaseOrderReads {
  constructor(private readonly calls: CoinbaseCalls) {}

  async one(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    const answer = await this.calls.get(account, `/orders/historical/${encodeURIComponent(orderId)}`, {}, oneOrder);
    return answer && this.withFills(account, readOrder(answer.order));
  }

  /** There is no look-up by our id, but every row of the list carries it. */
  async find(account: string, request: OrderRequest, sentAt: number): Promise<BrokerOrder | undefined> {
    const start_date = new Date(sentAt - FIND_MARGIN_MS).toISOString();
    const rows = await this.list(account, { start_date });
    const named = rows.filter((row) => row.client_order_id === request.clientOrderId);
    const row = onlyOne(eachOnce(named), ({ order_id }) => order_id ?? 'without an id', request);
    return row && this.withFills(account, readOrder(row));
  }

  async open(account: string): Promise<Listing<BrokerOrder>> {
    const read = listing('order', await this.everyOpen(account), readOrder, shownOf);
    const fills = await readFills(this.calls, account, read.rows);
    const whole = listing('order', read.rows, (row) => brokerOrder(row, fills), shownOf);
    return { rows: whole.rows, passedOver: [...read.passedOver, ...whole.passedOver] };
  }

  /** Open orders of ours, newest first. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const open = await this.list(account, { order_status: 'OPEN' });
    const rows = passingOver(open.filter(isOwn), readOrder);
    const fills = await readFills(this.calls, account, rows);
    return passingOver(rows, (row) => brokerOrder(row, fills));
  }

  /** Of every kind and in every state, newest first. */
  private async list(account: string, query: Query): Promise<AnyOrder[]> {
    const pages = await this.calls.pages(account, '/orders/historical/batch', { ...query, limit: PAGE }, orderPage);
    return pages.flatMap(({ orders }) => orders);
  }

  /** Every order that is not final. Those on their way come first: what has arrived meanwhile is in the second list. */
  private async everyOpen(account: string): Promise<AnyOrder[]> {
    const onTheirWay = ['PENDING', 'QUEUED', 'CANCEL_QUEUED', 'EDIT_QUEUED'];
    const rows: AnyOrder[] = [];
    // `OPEN` cannot be asked for together with other states
    for (const order_status of [onTheirWay, 'OPEN']) rows.push(...(await this.list(account, { order_status })));
    return eachOnce(rows);
  }

  private async withFills(account: string, row: OrderRow): Promise<BrokerOrder> {
    return brokerOrder(row, await readFills(this.calls, account, [row]));
  }
}

/** As it was listed last: pages shift while they are read, and states change between lists. */
function eachOnce(rows: readonly AnyOrder[]): AnyOrder[] {
  return [...new Map(rows.map((row) => [row.order_id ?? JSON.stringify(row), row])).values()];
}

function isOwn({ client_order_id }: AnyOrder): boolean {
  return isOurs(client_order_id);
}
