import type { BrokerOrder, OrderRequest } from '../../domain/order.js';
import { isOurs, onlyOne, passingOver } from '../../wire/orders.js';
import { brokerOrder, isOfOurKinds, readOrder } from './broker-order.js';
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
    const [order] = answer ? await this.withFills(account, [readOrder(answer.order)]) : [];
    return order;
  }

  /** There is no look-up by our id, but every row of the list carries it. */
  async find(account: string, request: OrderRequest, sentAt: number): Promise<BrokerOrder | undefined> {
    const start_date = new Date(sentAt - FIND_MARGIN_MS).toISOString();
    const rows = await this.list(account, { start_date });
    const named = rows.filter((row) => row.client_order_id === request.clientOrderId);
    const row = onlyOne(named, ({ order_id }) => order_id, request);
    return row && (await this.withFills(account, [readOrder(row)]))[0];
  }

  /** Without unrelated orders of a kind that `BrokerOrder` cannot express (brackets, slices). */
  async open(account: string): Promise<BrokerOrder[]> {
    const rows = (await this.everyOpen(account)).map(readOrder);
    return this.withFills(account, rows.filter(isOfOurKinds));
  }

  /** Open orders of ours, newest first. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const open = await this.list(account, { order_status: 'OPEN' });
    const rows = passingOver(open.filter(isOwn), readOrder);
    return this.withFills(account, rows.filter(isOfOurKinds));
  }

  /** Of every kind and in every state, newest first. */
  private async list(account: string, query: Query): Promise<AnyOrder[]> {
    const pages = await this.calls.pages(account, '/orders/historical/batch', { ...query, limit: PAGE }, orderPage);
    return pages.flatMap(({ orders }) => orders);
  }

  /** Every order that is not final. Those on their way come first: what has arrived meanwhile is in the second list. */
  private async everyOpen(account: string): Promise<AnyOrder[]> {
    const onTheirWay = ['PENDING', 'QUEUED', 'CANCEL_QUEUED', 'EDIT_QUEUED'];
    const rows = new Map<string, AnyOrder>();
    // `OPEN` cannot be asked for together with other states
    for (const order_status of [onTheirWay, 'OPEN']) {
      for (const row of await this.list(account, { order_status })) rows.set(row.order_id, row);
    }
    return [...rows.values()];
  }

  private async withFills(account: string, rows: readonly OrderRow[]): Promise<BrokerOrder[]> {
    const fills = await readFills(this.calls, account, rows);
    return rows.map((row) => brokerOrder(row, fills));
  }
}

function isOwn({ client_order_id }: AnyOrder): boolean {
  return isOurs(client_order_id);
}
