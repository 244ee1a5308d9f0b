import { decimal } from '../../domain/decimal.js';
import type { BrokerOrder } from '../../domain/order.js';
import { brokerOrder, readOrder } from './broker-order.js';
import type { CoinbaseApi, Query } from './coinbase-api.js';
import { type AnyOrder, type FillRow, fillPage, oneOrder, orderPage } from './schemas.js';

const PAGE = '250';
/** So many ids go into the address of one call. */
const IDS_AT_ONCE = 50;

/** Orders with their fills: Coinbase tells the two in different lists. Everything @throws as `CoinbaseApi.get`. */
export class OrderReads {
  constructor(private readonly api: CoinbaseApi) {}

  async one(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    const answer = await this.api.get(account, `/orders/historical/${encodeURIComponent(orderId)}`, {}, oneOrder);
    const [order] = answer ? await this.withFills(account, [answer.order]) : [];
    return order;
  }

  /** Of every kind and in every state, newest first. */
  async list(account: string, query: Query): Promise<AnyOrder[]> {
    const pages = await this.api.pages(account, '/orders/historical/batch', { ...query, limit: PAGE }, orderPage);
    return pages.flatMap(({ orders }) => orders);
  }

  /** Every order that is not over. Those on their way come first: what has arrived meanwhile is in the second list. */
  async open(account: string): Promise<AnyOrder[]> {
    const onTheirWay = ['PENDING', 'QUEUED', 'CANCEL_QUEUED', 'EDIT_QUEUED'];
    const rows = new Map<string, AnyOrder>();
    // `OPEN` cannot be asked for together with other states
    for (const order_status of [onTheirWay, 'OPEN']) {
      for (const row of await this.list(account, { order_status })) rows.set(row.order_id, row);
    }
    return [...rows.values()];
  }

  async withFills(account: string, rows: readonly AnyOrder[]): Promise<BrokerOrder[]> {
    const orders = rows.map(readOrder);
    const filled = orders.filter(({ status, filled_size }) => {
      return status === 'FILLED' || decimal(filled_size ?? '0').isPositive();
    });
    const fills = await this.fills(
      account,
      filled.map(({ order_id }) => order_id),
    );
    return orders.map((order) => brokerOrder(order, fills));
  }

  private async fills(account: string, orderIds: readonly string[]): Promise<FillRow[]> {
    const fills = new Map<string, FillRow>();
    for (let start = 0; start < orderIds.length; start += IDS_AT_ONCE) {
      const query = { order_ids: orderIds.slice(start, start + IDS_AT_ONCE), limit: PAGE };
      const pages = await this.api.pages(account, '/orders/historical/fills', query, fillPage);
      for (const fill of pages.flatMap((page) => page.fills)) fills.set(fill.entry_id, fill);
    }
    return [...fills.values()];
  }
}
