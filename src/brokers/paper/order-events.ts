import type { Pool } from 'pg';
import type { OrderStatus } from '../../domain/order.js';
import type { Change } from '../../matching/book.js';
import { query } from './queries.js';

/** An event of an order, and what the order is by now. */
export interface PaperOrderEvent {
  account: string;
  clientOrderId: string;
  orderId: string;
  kind: Change['kind'];
  status: OrderStatus;
  filledQuantity: string;
  triggered: boolean;
}

/** Ids are handed out before they are committed: an event may appear after a later one, but not this much later. */
const OVERLAP = 500;

/**
 * What happened to orders since the last call in this process, whoever brought it about: a fill may just as well have been
 * found by somebody's look in another process. What was there before the first call is not news.
 */
export class OrderEventReader {
  private seen: ReadonlySet<string> | undefined;
  private highest = 0n;

  constructor(private readonly pool: Pool) {}

  async news(): Promise<PaperOrderEvent[]> {
    if (this.seen === undefined) this.highest = await this.highestId();
    const rows = await this.rowsAfter(this.highest - BigInt(OVERLAP));
    const { seen } = this;
    this.seen = new Set(rows.map(({ id }) => id));
    this.highest = rows.reduce((highest, { id }) => (BigInt(id) > highest ? BigInt(id) : highest), this.highest);
    return seen === undefined ? [] : rows.filter(({ id }) => !seen.has(id)).map(({ id: _, ...event }) => event);
  }

  private async highestId(): Promise<bigint> {
    const rows = await query<{ id: string }>(
      this.pool,
      'SELECT coalesce(max(id), 0)::text AS id FROM paper_order_events',
      [],
    );
    return BigInt(rows[0]?.id ?? 0);
  }

  private rowsAfter(id: bigint): Promise<(PaperOrderEvent & { id: string })[]> {
    return query(
      this.pool,
      `SELECT e.id::text, o.account_id AS account, o.client_order_id AS "clientOrderId", o.id::text AS "orderId", e.kind,
         o.status, o.filled_quantity::text AS "filledQuantity", o.triggered
       FROM paper_order_events e JOIN paper_orders o ON o.id = e.order_id WHERE e.id > $1 ORDER BY e.id`,
      [id.toString()],
    );
  }
}
