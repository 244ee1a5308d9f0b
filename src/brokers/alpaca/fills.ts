import { z } from 'zod';
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Execution } from '../../domain/order.js';
import { executionOf, quantityOf } from './broker-order.js';
import type { AlpacaCalls } from './calls.js';
import { type AlpacaOrder, type FillActivity, fillActivity, type ListedFill, listedFill } from './schemas.js';

const PATH = '/v2/account/activities/FILL';
const PAGE_SIZE = 100;
/** Fills are looked for from so long before the oldest order was made. */
const MARGIN_MS = 60_000;
const MOST_ORDERS = 2_000;

/**
 * The executions of orders. Alpaca lists them by account, the newest first; what is complete is kept, so that only an order
 * that has filled since costs a call.
 * Source: reference of `/v2/account/activities/{activity_type}`.
 */
export class Fills {
  private readonly known = new Map<string, Execution[]>();

  constructor(private readonly calls: AlpacaCalls) {}

  /** Of each order by its id; one is missing while the list does not show all that the order says it has filled. */
  async of(account: string, orders: readonly AlpacaOrder[]): Promise<ReadonlyMap<string, Execution[]>> {
    const news = orders.filter(({ id, filled_qty: filled }) => !this.quantityOf(id).equals(decimal(filled)));
    if (news.length > 0) await this.read(account, news);
    const whole = orders.filter(({ id, filled_qty: filled }) => this.quantityOf(id).atLeast(decimal(filled)));
    return new Map(whole.map(({ id }) => [id, this.known.get(id) ?? []]));
  }

  private quantityOf(orderId: string): Decimal {
    return quantityOf(this.known.get(orderId) ?? []);
  }

  private async read(account: string, orders: readonly AlpacaOrder[]): Promise<void> {
    const oldest = Math.min(...orders.map((order) => order.created_at));
    // by id: of rows of one millisecond the order is not certain, so a page may repeat what the last one had
    const rows = new Map<string, ListedFill>();
    let page: ListedFill[] = [];
    let hasMore = true;
    while (hasMore && !orders.every((order) => isWhole(order, rows))) {
      page = await this.page(account, oldest - MARGIN_MS, page.findLast(({ id }) => id !== undefined)?.id);
      const before = rows.size;
      for (const row of page) if (row.id !== undefined) rows.set(row.id, row);
      hasMore = page.length === PAGE_SIZE && rows.size > before;
    }
    for (const { id } of orders) this.keep(id, rowsOf(id, rows).reverse().map(executionOf));
  }

  private page(account: string, after: number, token: string | undefined): Promise<ListedFill[]> {
    const parameters = {
      ...{ after: new Date(after).toISOString(), direction: 'desc', page_size: String(PAGE_SIZE) },
      ...(token !== undefined && { page_token: token }),
    };
    return this.calls.get(account, { path: PATH, parameters }, z.array(listedFill));
  }

  private keep(id: string, executions: Execution[]): void {
    this.known.delete(id);
    this.known.set(id, executions);
    const [eldest] = this.known.keys();
    if (this.known.size > MOST_ORDERS && eldest !== undefined) this.known.delete(eldest);
  }
}

/** Fills that came while the pages were read make it more than the order said: then the rest is read as well. */
function isWhole({ id, filled_qty: filled }: AlpacaOrder, rows: ReadonlyMap<string, ListedFill>): boolean {
  return Decimal.sum(rowsOf(id, rows).map(({ qty }) => decimal(qty))).equals(decimal(filled));
}

/** Without a row that cannot be read: the order lacks a fill then. */
function rowsOf(orderId: string, rows: ReadonlyMap<string, ListedFill>): FillActivity[] {
  const own = [...rows.values()].filter((row) => row.order_id === orderId);
  return own.flatMap((row) => fillActivity.safeParse(row).data ?? []);
}
