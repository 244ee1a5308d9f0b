/** The read model and the journal of a trade, as its workflow writes them. */

import type { TradeRecord } from '../../activities/contracts.js';
import { Prisma, type PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import type { JournalEntry } from '../domain/trade/journal.js';
import type { TradeInput } from '../domain/trade/request.js';
import { FINAL_STATUSES, isFinalStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { markAbsent } from './orders.js';
import { trueReservation } from './risk.js';

/** Writes a trade's state, journal and alerts, and trues its reservation, all or nothing. Repeating it changes nothing. */
export async function recordTrade(prisma: PrismaClient, record: TradeRecord): Promise<void> {
  const { view, journal, alerts } = record;
  await prisma.$transaction(async (tx) => {
    const { count } = await tx.trade.updateMany({
      where: { id: view.id, version: { lt: record.version }, status: { notIn: [...FINAL_STATUSES] } },
      data: {
        ...columnsOf(view),
        version: record.version,
        state: { ...record.state } as unknown as Prisma.InputJsonObject,
      },
    });
    // The risk check itself ends a trade that it denies, without a record; no other end takes anything more.
    const isDenied =
      count === 0 && (await tx.trade.count({ where: { id: view.id, status: 'rejected', version: 0 } })) > 0;
    if (count === 0 && !isDenied) return;
    if (count > 0) await trueReservation(tx, view.id, record.exposure, isFinalStatus(view.status));
    if (count > 0) await markAbsent(tx, record.state.orders);
    await appendJournal(tx, view.id, journal);
    if (alerts.length === 0) return;
    const userId = record.state.userId;
    await tx.alert.createMany({
      data: alerts.map((alert) => ({ ...alert, userId, tradeId: view.id })),
      skipDuplicates: true,
    });
  });
}

/** Adds entries to the journal; one that is there already stays as it is. */
export async function appendJournal(
  tx: Prisma.TransactionClient | PrismaClient,
  tradeId: TradeId,
  entries: readonly JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const data = entries.map(({ key, at, kind, data: details }) => ({
    tradeId,
    key,
    at: new Date(at),
    kind,
    data: details,
  }));
  await tx.tradeEvent.createMany({ data, skipDuplicates: true });
}

/**
 * The row of a trade that any Temporal client started with a ticket of the API; the API writes its own before it starts.
 * Answers whether the row, old or new, belongs to the ticket's user.
 */
export async function ensureTradeRow(prisma: PrismaClient, { trade, ticket }: TradeInput): Promise<boolean> {
  const { tradeId: id, userId } = ticket;
  const { limitPrice, strategy, note, broker, account, symbol, assetClass, side, quantity, orderType, timeInForce } =
    trade;
  await prisma.trade.createMany({
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
      createdAt: new Date(ticket.issuedAt),
    },
    skipDuplicates: true,
  });
  const { count } = await prisma.trade.updateMany({
    where: { id, userId, startedAt: null },
    data: { startedAt: new Date() },
  });
  if (count > 0) {
    const requested: JournalEntry = {
      key: 'requested',
      at: ticket.issuedAt,
      kind: 'requested',
      data: { symbol, side, quantity },
    };
    await appendJournal(prisma, id, [requested]);
  }
  return count > 0 || (await prisma.trade.count({ where: { id, userId } })) > 0;
}

function columnsOf(view: TradeView): Prisma.TradeUncheckedUpdateManyInput {
  const {
    id: _id,
    workflowId: _workflowId,
    unrealizedPnl: _quote,
    reason,
    createdAt: _createdAt,
    openedAt,
    closedAt,
    ...columns
  } = view;
  return {
    ...columns,
    reason: reason === null ? Prisma.DbNull : { ...reason },
    openedAt: openedAt === null ? null : new Date(openedAt),
    closedAt: closedAt === null ? null : new Date(closedAt),
  };
}
