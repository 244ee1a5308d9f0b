import type { Pool } from 'pg';
import { isFinal } from '../../domain/order.js';
import type { Book, BookOrder, Change } from '../../matching/book.js';
import { remaining } from '../../matching/book.js';
import { executionId, orNull } from './account-rows.js';
import { query } from './queries.js';

/** What a step did to an account that was loaded as `before`. */
export interface AccountStep {
  account: string;
  before: Book;
  book: Book;
  changes: readonly Change[];
  matchedTo: number;
  market: string;
  /** that the account has with this step */
  revision: number;
}

/**
 * One statement, all or nothing, and nothing unless the account is as it was loaded: $10 is the revision after that. The
 * account's row is written first, so that of two writers one waits and then finds it changed.
 */
const SAVE = `
  WITH saved_account AS (
    INSERT INTO paper_accounts AS account (id, cash, taken, matched_to, market, revision)
    VALUES ($1, $6, $7, to_timestamp($8::double precision / 1000), $9, $10)
    ON CONFLICT (id) DO UPDATE SET cash = excluded.cash, taken = excluded.taken, matched_to = excluded.matched_to,
      market = excluded.market, revision = excluded.revision
    WHERE account.revision = excluded.revision - 1
    RETURNING id
  ), saved_orders AS (
    INSERT INTO paper_orders (id, account_id, client_order_id, symbol, asset_class, side, type, quantity, limit_price,
      stop_price, trail_percent, time_in_force, session, status, triggered, filled_quantity, reserve_price, reason,
      replaced_by, placed_at, expires_at, updated_at, revision)
    SELECT given.id, saved_account.id, "clientOrderId", symbol, "assetClass", side, type, quantity, "limitPrice",
      "stopPrice", "trailPercent", "timeInForce", session, status, triggered, "filledQuantity", "reservePrice", reason,
      "replacedBy", "placedAt", "expiresAt", "updatedAt", $10
    FROM saved_account, json_to_recordset($2) AS given (id bigint, "clientOrderId" text, symbol text, "assetClass" text, side text,
      type text, quantity numeric, "limitPrice" numeric, "stopPrice" numeric, "trailPercent" numeric,
      "timeInForce" text, session text, status text, triggered boolean, "filledQuantity" numeric,
      "reservePrice" numeric, reason text, "replacedBy" bigint, "placedAt" timestamptz, "expiresAt" timestamptz,
      "updatedAt" timestamptz)
    ON CONFLICT (id) DO UPDATE SET quantity = excluded.quantity, limit_price = excluded.limit_price,
      stop_price = excluded.stop_price, status = excluded.status, triggered = excluded.triggered,
      filled_quantity = excluded.filled_quantity, reserve_price = excluded.reserve_price, reason = excluded.reason,
      replaced_by = excluded.replaced_by, updated_at = excluded.updated_at, revision = excluded.revision
  ), saved_events AS (
    INSERT INTO paper_order_events (order_id, at, kind, quantity, price, fee, execution_id, detail)
    SELECT "orderId", at, kind, quantity, price, fee, "executionId", detail
    FROM saved_account, json_to_recordset($3) AS given (sequence int, "orderId" bigint, at timestamptz, kind text, quantity numeric,
      price numeric, fee numeric, "executionId" text, detail json)
    ORDER BY sequence
  ), saved_positions AS (
    INSERT INTO paper_positions (account_id, symbol, asset_class, quantity, average_price)
    SELECT saved_account.id, symbol, "assetClass", quantity, "averagePrice"
    FROM saved_account, json_to_recordset($4) AS given (symbol text, "assetClass" text, quantity numeric, "averagePrice" numeric)
    ON CONFLICT (account_id, symbol) DO UPDATE SET quantity = excluded.quantity, average_price = excluded.average_price
  ), closed_positions AS (
    DELETE FROM paper_positions USING saved_account WHERE account_id = saved_account.id AND symbol = ANY($5)
  )
  SELECT id FROM saved_account`;

/** Stores a step; false, and nothing is stored, when somebody else has changed the account since it was loaded. */
export async function saveStep(pool: Pool, step: AccountStep): Promise<boolean> {
  const { account, before, book, changes } = step;
  const held = [...book.positions.values()].filter((position) => before.positions.get(position.symbol) !== position);
  const closed = [...before.positions.keys()].filter((symbol) => !book.positions.has(symbol));
  const saved = await query(pool, SAVE, [
    account,
    JSON.stringify(orderRecords(changes)),
    JSON.stringify(changes.map(eventRecord)),
    JSON.stringify(held),
    closed,
    book.cash.toString(),
    JSON.stringify(Object.fromEntries(book.taken)),
    step.matchedTo,
    step.market,
    step.revision,
  ]);
  return saved.length > 0;
}

/** Each order once, as its last change left it. */
function orderRecords(changes: readonly Change[]) {
  const last = new Map<string, Change>();
  for (const change of changes) last.set(change.order.id, change);
  const successor = changes.find(({ kind }) => kind === 'accepted')?.order.id ?? null;
  return [...last.values()].map((change) => ({
    ...orderRecord(change.order),
    updatedAt: timestamp(change.at),
    replacedBy: change.kind === 'replaced' ? successor : null,
  }));
}

function orderRecord(order: BookOrder) {
  const { id, clientOrderId, symbol, assetClass, side, type, timeInForce, session, status, triggered } = order;
  return {
    ...{ id, clientOrderId, symbol, assetClass, side, type, timeInForce, session, status, triggered },
    quantity: order.quantity,
    filledQuantity: order.filled,
    limitPrice: orNull(order.limitPrice),
    stopPrice: orNull(order.stopPrice),
    trailPercent: orNull(order.trailPercent),
    reservePrice: order.reservePrice,
    reason: order.reason ?? null,
    placedAt: timestamp(order.placedAt),
    expiresAt: order.expiresAt === undefined ? null : timestamp(order.expiresAt),
  };
}

function eventRecord(change: Change, sequence: number) {
  const { kind, order } = change;
  const event = { sequence, orderId: order.id, at: timestamp(change.at), kind };
  if (change.kind === 'fill') {
    return { ...event, ...amounts(change), executionId: executionId(order) };
  }
  const quantity = isFinal(order.status) ? remaining(order) : order.quantity;
  const price = orNull(
    kind === 'triggered' || kind === 'trailed' ? order.stopPrice : (order.limitPrice ?? order.stopPrice),
  );
  return { ...event, quantity, price, detail: order.reason === undefined ? null : { reason: order.reason } };
}

function amounts({ quantity, price, fee }: Change & { kind: 'fill' }) {
  return { quantity, price, fee };
}

function timestamp(at: number): string {
  return new Date(at).toISOString();
}
