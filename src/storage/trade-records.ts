/** The read model and the journal of a trade, as its workflow writes them. */

import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { JournalKind } from '../domain/trade/journal.js';
import type { TradeRecord } from '../domain/trade/record.js';
import type { TradeInput } from '../domain/trade/request.js';
import { FINAL_STATUSES, isFinalStatus } from '../domain/trade/status.js';
import type { AuditAction } from './audit.js';
import { columnsOf, requestedEntry, requestedRow } from './trade-view.js';

/**
 * Writes a trade's view, state, journal and alerts; sets its reservation to what was filled or may still fill; and marks
 * the orders that it concluded never to have arrived, so that they no longer block an identical order. What somebody
 * commanded past the API also becomes an audit event. One statement, all or nothing; repeating it changes nothing.
 */
export async function recordTrade(prisma: PrismaClient, record: TradeRecord): Promise<void> {
  // An abandoned risk check may still be reserving. Waiting for the row's lock releases that reservation, too.
  if (record.view.status === 'rejected') await prisma.$transaction([locked(prisma, record), written(prisma, record)]);
  else await written(prisma, record);
}

function locked(prisma: PrismaClient, { view }: TradeRecord): Prisma.PrismaPromise<unknown> {
  return prisma.$queryRaw`SELECT 1 FROM trades WHERE id = ${view.id}::uuid FOR UPDATE`;
}

function written(prisma: PrismaClient, record: TradeRecord): Prisma.PrismaPromise<unknown> {
  const { view, version, state, exposure, journal, alerts } = record;
  const releasedAt = isFinalStatus(view.status) ? new Date() : null;
  const trade = JSON.stringify({ id: view.id, ...columnsOf(view), version, state, ...exposure, releasedAt });
  const entries = JSON.stringify(journal.map((entry, sequence) => ({ ...entry, sequence })));
  const absent = state.orders.filter((order) => order.absent);
  const lost = JSON.stringify(absent.map(({ request, refusal }) => ({ id: request.clientOrderId, refusal })));
  return prisma.$executeRaw`
    WITH given AS (
      SELECT * FROM json_to_record(${trade}::json) AS given (id uuid, view jsonb, status text, quantity numeric,
        "openQuantity" numeric, "realizedPnl" numeric, fees numeric, "closedAt" timestamptz, version bigint, state jsonb,
        daily numeric, exposure numeric, pending numeric, "releasedAt" timestamptz)
    ), written AS (
      UPDATE trades SET view = given.view, status = given.status, quantity = given.quantity,
        open_quantity = given."openQuantity", realized_pnl = given."realizedPnl", fees = given.fees,
        closed_at = given."closedAt", version = given.version, state = given.state, updated_at = now()
      FROM given
      WHERE trades.id = given.id AND trades.version < given.version AND trades.status <> ALL(${[...FINAL_STATUSES]})
      RETURNING trades.id
    ), reserved AS (
      UPDATE reservations SET daily = given.daily, exposure = given.exposure, pending = given.pending,
        released_at = given."releasedAt"
      FROM given JOIN written USING (id) WHERE trade_id = id
    ), lost_orders AS (
      UPDATE orders SET intent = 'REFUSED', status = 'rejected', refusal = coalesce(lost.refusal, orders.refusal),
        updated_at = now()
      FROM written, json_to_recordset(${lost}::json) AS lost (id text, refusal jsonb)
      WHERE client_order_id = lost.id AND intent IN ('SENT', 'UNKNOWN')
    ), noted AS (
      -- A trade that the risk check denied has ended without a record; it still takes journal entries and alerts.
      SELECT id FROM written
      UNION SELECT id FROM trades WHERE id = ${view.id}::uuid AND status = 'rejected' AND version = 0
    ), journalled AS (
      INSERT INTO trade_events (trade_id, key, at, kind, data)
      SELECT noted.id, entry.key, to_timestamp(entry.at / 1000), entry.kind, entry.data
      FROM noted, json_to_recordset(${entries}::json)
        AS entry (sequence int, key text, at double precision, kind text, data jsonb)
      ORDER BY sequence
      ON CONFLICT DO NOTHING
      RETURNING trade_id, kind, data
    ), audited AS (
      INSERT INTO audit_events (actor, action, subject, detail)
      SELECT 'unknown', ${'trade.commanded_from_outside' satisfies AuditAction}, trade_id::text, data
      FROM journalled WHERE kind = ${'commanded' satisfies JournalKind}
    )
    INSERT INTO alerts (user_id, trade_id, severity, code, message, key)
    SELECT ${state.userId}::uuid, noted.id, alert.severity, alert.code, alert.message, alert.key
    FROM noted, json_to_recordset(${JSON.stringify(alerts)}::json)
      AS alert (severity int, code text, message text, key text)
    ON CONFLICT DO NOTHING`;
}

/**
 * Makes the row of a trade that a Temporal client other than the API started; the API writes the row before the start.
 * Returns whether the row, old or new, belongs to the ticket's user.
 */
export async function ensureTradeRow(prisma: PrismaClient, input: TradeInput): Promise<boolean> {
  const { tradeId: id, userId } = input.ticket;
  const row = { ...requestedRow(input), startedAt: new Date() };
  const { count: made } = await prisma.trade.createMany({ data: row, skipDuplicates: true });
  if (made > 0) {
    await prisma.tradeEvent.createMany({ data: { tradeId: id, ...requestedEntry(input) }, skipDuplicates: true });
    return true;
  }
  const { count } = await prisma.trade.updateMany({
    where: { id, userId, startedAt: null },
    data: { startedAt: new Date() },
  });
  return count > 0 || (await prisma.trade.count({ where: { id, userId } })) > 0;
}
