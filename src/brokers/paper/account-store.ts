/** The paper account in Postgres: read as one snapshot, written as one statement. */
import { decimal } from '../../domain/decimal.js';
import { type Book, openBook } from '../../matching/book.js';
import {
  bookOrder,
  bookPosition,
  type OrderRow,
  type PositionRow,
  type TakenRows,
  takenSizes,
} from './account-rows.js';
import { type Connection, query } from './transactions.js';

/** Which orders a reader wants to see besides the working ones. */
export interface WantedOrders {
  orderIds?: readonly string[];
  clientOrderIds?: readonly string[];
}

export interface AccountState {
  account: string;
  book: Book;
  /** market time up to which the working orders are matched, and the market it is of; absent in a new account */
  matchedTo: number | undefined;
  market: string | undefined;
  /** the working and the wanted orders, by arrival */
  orders: readonly OrderRow[];
}

interface AccountRow {
  cash: string | null;
  matchedTo: string | null;
  market: string | null;
  taken: TakenRows | null;
  orders: readonly OrderRow[];
  positions: readonly PositionRow[];
}

const EPOCH_MS = (column: string) => `round(extract(epoch FROM ${column}) * 1000)::text`;
const NUMBER = (column: string) => `trim_scale(${column})::text`;

const ORDER_FIELDS = `
  o.id::text, o.client_order_id AS "clientOrderId", o.symbol, o.asset_class AS "assetClass", o.side, o.type,
  ${NUMBER('o.quantity')} AS quantity, ${NUMBER('o.filled_quantity')} AS "filledQuantity",
  ${NUMBER('o.limit_price')} AS "limitPrice", ${NUMBER('o.stop_price')} AS "stopPrice",
  ${NUMBER('o.trail_percent')} AS "trailPercent", ${NUMBER('o.reserve_price')} AS "reservePrice",
  o.time_in_force AS "timeInForce", o.session, o.status, o.triggered, o.reason,
  ${EPOCH_MS('o.placed_at')} AS "placedAt", ${EPOCH_MS('o.expires_at')} AS "expiresAt"`;

const FILLS_OF_ORDER = `
  SELECT coalesce(json_agg(fill), '[]') FROM (
    SELECT execution_id AS "executionId", ${NUMBER('quantity')} AS quantity, ${NUMBER('price')} AS price,
      ${NUMBER('fee')} AS fee, ${EPOCH_MS('at')} AS at
    FROM paper_order_events WHERE order_id = o.id AND kind = 'fill' ORDER BY id) AS fill`;

/** One statement, so that orders, positions and cash are of one moment. */
const LOAD = `
  SELECT ${NUMBER('account.cash')} AS cash, ${EPOCH_MS('account.matched_to')} AS "matchedTo", account.market, account.taken,
    (SELECT coalesce(json_agg(listed), '[]') FROM (
      SELECT ${ORDER_FIELDS}, (${FILLS_OF_ORDER}) AS fills FROM paper_orders o
      WHERE o.account_id = $1 AND (o.status IN ('working', 'partially_filled') OR o.id = ANY($2::bigint[]) OR o.client_order_id = ANY($3))
      ORDER BY o.id) AS listed) AS orders,
    (SELECT coalesce(json_agg(held), '[]') FROM (
      SELECT symbol, asset_class AS "assetClass", ${NUMBER('quantity')} AS quantity, ${NUMBER('average_price')} AS "averagePrice"
      FROM paper_positions WHERE account_id = $1 ORDER BY symbol) AS held) AS positions
  FROM (SELECT $1::text AS id) AS asked LEFT JOIN paper_accounts AS account USING (id)`;

/** The account as it is stored; a new one, with `openingCash`, when it is not. */
export async function loadAccount(
  connection: Connection,
  account: string,
  wanted: WantedOrders,
  openingCash: string,
): Promise<AccountState> {
  const orderIds = (wanted.orderIds ?? []).filter((id) => /^\d{1,18}$/.test(id));
  const rows = await query<AccountRow>(connection, LOAD, [account, orderIds, wanted.clientOrderIds ?? []]);
  const row = rows[0];
  if (row === undefined) throw new Error('a SELECT without a condition answered no row');
  const working = row.orders.filter(({ status }) => status === 'working' || status === 'partially_filled');
  const book: Book = {
    ...openBook(decimal(row.cash ?? openingCash)),
    orders: working.map(bookOrder),
    positions: new Map(row.positions.map((position) => [position.symbol, bookPosition(position)])),
    taken: takenSizes(row.taken ?? {}),
  };
  const matchedTo = row.matchedTo === null ? undefined : Number(row.matchedTo);
  return { account, book, matchedTo, market: row.market ?? undefined, orders: row.orders };
}

/** Makes the account its caller's until the transaction ends, opening it first if it is new. */
export async function lockAccount(connection: Connection, account: string, openingCash: string): Promise<void> {
  const lock = () => query(connection, 'SELECT 1 FROM paper_accounts WHERE id = $1 FOR UPDATE', [account]);
  if ((await lock()).length > 0) return;
  await query(connection, 'INSERT INTO paper_accounts (id, cash) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [
    account,
    openingCash,
  ]);
  await lock();
}

/** An id for the next order. */
export async function nextOrderId(connection: Connection): Promise<string> {
  const rows = await query<{ id: string }>(
    connection,
    `SELECT nextval(pg_get_serial_sequence('paper_orders', 'id'))::text AS id`,
    [],
  );
  return rows[0]?.id ?? '';
}

/** The accounts that the market can still do something to. */
export async function accountsWithWorkingOrders(connection: Connection): Promise<string[]> {
  const rows = await query<{ account: string }>(
    connection,
    `SELECT DISTINCT account_id AS account FROM paper_orders WHERE status IN ('working', 'partially_filled')`,
    [],
  );
  return rows.map(({ account }) => account);
}
