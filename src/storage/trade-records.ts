/** The read model and the journal of a trade, as its workflow writes them. */

import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { TradeRecord } from '../domain/trade/record.js';
import type { TradeInput } from '../domain/trade/request.js';
import { FINAL_STATUSES, isFinalStatus } from '../domain/trade/status.js';

/**
 * Writes a trade's state, journal and alerts, trues its reservation to what was filled, cancelled or is still unknown, and
 * marks the orders that it has concluded never to have arrived: they hold no twin up any longer. One statement, all or
 * nothing; repeating it changes nothing.
 */
export async function recordTrade(prisma: PrismaClient, record: TradeRecord): Promise<void> {
  // A risk check that was given up may still be reserving: what it has reserved when the row is free is released, too.
  if (record.view.status === 'rejected') await prisma.$transaction([locked(prisma, record), written(prisma, record)]);
  else await written(prisma, record);
}

function locked(prisma: PrismaClient, { view }: TradeRecord): Prisma.PrismaPromise<unknown> {
  return prisma.$queryRaw`SELECT 1 FROM trades WHERE id = ${view.id}::uuid FOR UPDATE`;
}

function written(prisma: PrismaClient, record: TradeRecord): Prisma.PrismaPromise<unknown> {
  const { view, version, state, exposure, journal, alerts } = record;
  const releasedAt = isFinalStatus(view.status) ? new Date() : null;
  const trade = JSON.stringify({ ...view, version, state, ...exposure, releasedAt });
  const entries = JSON.stringify(journal.map((entry, sequence) => ({ ...entry, sequence })));
  const absent = state.orders.filter((order) => order.absent);
  const lost = JSON.stringify(absent.map(({ request, refusal }) => ({ id: request.clientOrderId, refusal })));
  return prisma.$executeRaw`
    WITH given AS (
      SELECT * FROM json_to_record(${trade}::json) AS given (id uuid, version bigint, state jsonb, status text, reason jsonb,
        broker text, account text, symbol text, "assetClass" text, side text, "orderType" text, "limitPrice" numeric,
        "timeInForce" text, strategy text, note text, quantity numeric, "filledQuantity" numeric,
        "remainingQuantity" numeric, "openQuantity" numeric, "averageFillPrice" numeric, "stopPrice" numeric,
        "stopOrderId" text, "stopKind" text, "takeProfitPrice" numeric, "entryOrderId" text, "exitOrderId" text,
        "exitPrice" numeric, "exitReason" text, "realizedPnl" numeric, fees numeric, "unprotectedSeconds" numeric,
        "openedAt" timestamptz, "closedAt" timestamptz, daily numeric, exposure numeric, pending numeric,
        "releasedAt" timestamptz)
    ), written AS (
      UPDATE trades SET version = given.version, state = given.state, status = given.status, reason = given.reason,
        broker = given.broker, account = given.account, symbol = given.symbol, asset_class = given."assetClass",
        side = given.side, order_type = given."orderType", limit_price = given."limitPrice",
        time_in_force = given."timeInForce", strategy = given.strategy, note = given.note, quantity = given.quantity,
        filled_quantity = given."filledQuantity", remaining_quantity = given."remainingQuantity",
        open_quantity = given."openQuantity", average_fill_price = given."averageFillPrice",
        stop_price = given."stopPrice", stop_order_id = given."stopOrderId", stop_kind = given."stopKind",
        take_profit_price = given."takeProfitPrice", entry_order_id = given."entryOrderId",
        exit_order_id = given."exitOrderId", exit_price = given."exitPrice", exit_reason = given."exitReason",
        realized_pnl = given."realizedPnl", fees = given.fees, unprotected_seconds = given."unprotectedSeconds",
        opened_at = given."openedAt", closed_at = given."closedAt", updated_at = now()
      FROM given
      WHERE trades.id = given.id AND trades.version < given.version AND trades.status <> ALL(${[...FINAL_STATUSES]})
      RETURNING trades.id
    ), trued AS (
      UPDATE reservations SET daily = given.daily, exposure = given.exposure, pending = given.pending,
        released_at = given."releasedAt"
      FROM given JOIN written USING (id) WHERE trade_id = id
    ), given_up AS (
      UPDATE orders SET intent = 'REFUSED', status = 'rejected', refusal = coalesce(lost.refusal, orders.refusal),
        updated_at = now()
      FROM written, json_to_recordset(${lost}::json) AS lost (id text, refusal jsonb)
      WHERE client_order_id = lost.id AND intent IN ('SENT', 'UNKNOWN')
    ), told AS (
      -- The risk check itself ends a trade that it denies, without a record; no other end takes anything more.
      SELECT id FROM written
      UNION SELECT id FROM trades WHERE id = ${view.id}::uuid AND status = 'rejected' AND version = 0
    ), noted AS (
      INSERT INTO trade_events (trade_id, key, at, kind, data)
      SELECT told.id, entry.key, to_timestamp(entry.at / 1000), entry.kind, entry.data
      FROM told, json_to_recordset(${entries}::json)
        AS entry (sequence int, key text, at double precision, kind text, data jsonb)
      ORDER BY sequence
      ON CONFLICT DO NOTHING
    )
    INSERT INTO alerts (user_id, trade_id, severity, code, message, key)
    SELECT ${state.userId}::uuid, told.id, alert.severity, alert.code, alert.message, alert.key
    FROM told, json_to_recordset(${JSON.stringify(alerts)}::json)
      AS alert (severity int, code text, message text, key text)
    ON CONFLICT DO NOTHING`;
}

/**
 * The row of a trade that any Temporal client started with a ticket of the API; the API writes its own before it starts.
 * Answers whether the row, old or new, belongs to the ticket's user.
 */
export async function ensureTradeRow(prisma: PrismaClient, { trade, ticket }: TradeInput): Promise<boolean> {
  const { tradeId: id, userId } = ticket;
  const { limitPrice, strategy, note, broker, account, symbol, assetClass, side, quantity, orderType, timeInForce } =
    trade;
  const { count: made } = await prisma.trade.createMany({
    data: {
      id,
      userId,
      broker,
      account,
      symbol,
      assetClass,
      side,
      quantity,
      remainingQuantity: quantity,
      orderType,
      timeInForce,
      limitPrice: limitPrice ?? null,
      strategy: strategy ?? null,
      note: note ?? null,
      request: { ...trade } as unknown as Prisma.InputJsonObject,
      ticket: { ...ticket },
      status: 'pending',
      startedAt: new Date(),
      createdAt: new Date(ticket.issuedAt),
    },
    skipDuplicates: true,
  });
  if (made > 0) {
    const at = new Date(ticket.issuedAt);
    const requested = { key: 'requested', at, kind: 'requested', data: { symbol, side, quantity } };
    await prisma.tradeEvent.createMany({ data: { tradeId: id, ...requested }, skipDuplicates: true });
    return true;
  }
  const { count } = await prisma.trade.updateMany({
    where: { id, userId, startedAt: null },
    data: { startedAt: new Date() },
  });
  return count > 0 || (await prisma.trade.count({ where: { id, userId } })) > 0;
}
