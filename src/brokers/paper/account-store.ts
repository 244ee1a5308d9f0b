/** The paper account in Postgres: read as one snapshot, written as one statement. */
import type { Pool } from 'pg';
import { decimal } from '../../domain/decimal.js';
import { isFinal } from '../../domain/order.js';
import { type Book, openBook } from '../../matching/book.js';
import {
  bookOrder,
  bookPosition,
  type OrderRow,
  type PositionRow,
  type TakenRows,
  takenSizes,
} from './account-rows.js';
import { query } from './queries.js';

/** Which orders a reader wants to see. */
export interface WantedOrders {
  orderIds?: readonly string[];
  clientOrderIds?: readonly string[];
  /** all that work */
  working?: boolean;
  /** one that is not there yet: it needs an id */
  next?: boolean;
}

/** An account as it was when it had this revision. */
export interface KnownAccount {
  revision: number;
  book: Book;
  /** market time up to which the working orders are matched, and the market it is of; absent in a new account */
  matchedTo: number | undefined;
  /** what of that is stored: to match again what brought no change costs time, and nothing else */
  storedTo: number | undefined;
  market: string | undefined;
}

export interface AccountState extends KnownAccount {
  account: string;
  /** the wanted ones, by arrival */
  orders: readonly OrderRow[];
  /** of an order that arrives now; empty unless wanted */
  nextOrderId: string;
}

interface AccountRow {
  revision: string;
  cash: string | null;
  matchedTo: string | null;
  market: string | null;
  taken: TakenRows | null;
  orders: readonly OrderRow[];
  /** absent when nothing has changed since the known revision */
  changed: readonly OrderRow[] | null;
  positions: readonly PositionRow[] | null;
  nextOrderId: string | null;
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

const WORKS = `o.status IN ('working', 'partially_filled')`;
const IS_NAMED = `(o.id = ANY($3::bigint[]) OR (o.account_id = $1 AND o.client_order_id = ANY($4)))`;

/** One statement, so that orders, positions and cash are of one moment. $2: the revision that the reader knows, or null; $5: whether an order id is wanted. */
const load = (isWanted: string) => `
  SELECT coalesce(account.revision, 0)::text AS revision, ${NUMBER('account.cash')} AS cash,
    ${EPOCH_MS('account.matched_to')} AS "matchedTo", account.market, account.taken,
    CASE WHEN $5 THEN nextval(pg_get_serial_sequence('paper_orders', 'id'))::text END AS "nextOrderId",
    (SELECT coalesce(json_agg(listed), '[]') FROM (
      SELECT ${ORDER_FIELDS}, (${FILLS_OF_ORDER}) AS fills FROM paper_orders o
      WHERE o.account_id = $1 AND ${isWanted} ORDER BY o.id) AS listed) AS orders,
    CASE WHEN account.revision IS DISTINCT FROM $2::bigint THEN (SELECT coalesce(json_agg(listed), '[]') FROM (
      SELECT ${ORDER_FIELDS} FROM paper_orders o
      WHERE o.account_id = $1 AND o.revision > coalesce($2::bigint, -1) AND ($2::bigint IS NOT NULL OR ${WORKS}) ORDER BY o.id) AS listed)
    END AS changed,
    CASE WHEN account.revision IS DISTINCT FROM $2::bigint THEN (SELECT coalesce(json_agg(held), '[]') FROM (
      SELECT symbol, asset_class AS "assetClass", ${NUMBER('quantity')} AS quantity, ${NUMBER('average_price')} AS "averagePrice"
      FROM paper_positions WHERE account_id = $1 ORDER BY symbol) AS held)
    END AS positions
  FROM (SELECT $1::text AS id) AS asked LEFT JOIN paper_accounts AS account USING (id)`;

const LOAD_NAMED = load(IS_NAMED);
const LOAD_WORKING = load(`(${IS_NAMED} OR ${WORKS})`);

/** The account as it is stored; a new one, with `openingCash`, when it is not. What is `known` of it is not read again. */
export async function loadAccount(
  pool: Pool,
  account: string,
  wanted: WantedOrders,
  { openingCash, known }: { openingCash: string; known: KnownAccount | undefined },
): Promise<AccountState> {
  const orderIds = (wanted.orderIds ?? []).filter((id) => /^\d{1,18}$/.test(id));
  const text = wanted.working ? LOAD_WORKING : LOAD_NAMED;
  const parameters = [account, known?.revision ?? null, orderIds, wanted.clientOrderIds ?? [], wanted.next ?? false];
  const [row] = await query<AccountRow>(pool, text, parameters);
  if (row === undefined) throw new Error('a SELECT without a condition answered no row');
  const asked = { account, orders: row.orders, nextOrderId: row.nextOrderId ?? '' };
  if (known && row.changed === null) return { ...known, ...asked };
  const storedTo = row.matchedTo === null ? undefined : Number(row.matchedTo);
  return {
    ...asked,
    revision: Number(row.revision),
    book: changedBook(row, known?.book ?? openBook(decimal(openingCash)), openingCash),
    ...{ matchedTo: storedTo, storedTo, market: row.market ?? undefined },
  };
}

/** The book that was known, with what has changed since. */
function changedBook({ cash, changed, positions, taken }: AccountRow, before: Book, openingCash: string): Book {
  return {
    cash: decimal(cash ?? openingCash),
    orders: (changed ?? []).reduce((orders, row) => {
      return isFinal(row.status) ? orders.without(row.id) : orders.with(bookOrder(row));
    }, before.orders),
    positions: new Map((positions ?? []).map((position) => [position.symbol, bookPosition(position)])),
    taken: takenSizes(taken ?? {}),
  };
}

/** The accounts that the market can still do something to, with their revisions. */
export async function accountsWithWorkingOrders(pool: Pool): Promise<{ id: string; revision: number }[]> {
  const rows = await query<{ id: string; revision: string }>(
    pool,
    `SELECT id, revision::text FROM paper_accounts WHERE id IN (
      SELECT account_id FROM paper_orders WHERE status IN ('working', 'partially_filled'))`,
    [],
  );
  return rows.map(({ id, revision }) => ({ id, revision: Number(revision) }));
}
