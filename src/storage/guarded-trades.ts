import type { Order as OrderRow, PrismaClient, Trade as TradeRow } from '../../prisma/generated/client.js';
import type { DecimalString } from '../domain/decimal.js';
import { type TradeId, tradeWorkflowId } from '../domain/ids.js';
import type { Alert } from '../domain/trade/journal.js';
import type { StartTicket, TradeInput, TradeRequest } from '../domain/trade/request.js';
import type { TradeState } from '../domain/trade/state.js';
import { FINAL_STATUSES, type TradeStatus } from '../domain/trade/status.js';
import { textOf } from './decimal-text.js';

/** A trade that is not final, with everything needed to run it again. */
export interface GuardedTrade {
  id: TradeId;
  userId: string;
  workflowId: string;
  status: TradeStatus;
  input: TradeInput;
  /** as last recorded; absent when the workflow ended before its first record */
  state: TradeState | undefined;
  lookedAt: Date | undefined;
  createdAt: Date;
}

/** The account's started trades that are not final and were asked for before `before`. */
export async function guardedTrades(prisma: PrismaClient, account: string, before: Date): Promise<GuardedTrade[]> {
  const rows = await prisma.trade.findMany({
    where: { account, status: { notIn: [...FINAL_STATUSES] }, startedAt: { not: null }, createdAt: { lt: before } },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(guardedTrade);
}

function guardedTrade(row: TradeRow): GuardedTrade {
  return {
    id: row.id as TradeId,
    userId: row.userId,
    workflowId: tradeWorkflowId(row.id as TradeId),
    status: row.status as TradeStatus,
    input: { trade: row.request as unknown as TradeRequest, ticket: row.ticket as unknown as StartTicket },
    state: row.state === null ? undefined : (row.state as unknown as TradeState),
    lookedAt: row.lookedAt ?? undefined,
    createdAt: row.createdAt,
  };
}

/** Whether the trade is still not final. */
export async function isGuarded(prisma: PrismaClient, id: TradeId): Promise<boolean> {
  return (await prisma.trade.count({ where: { id, status: { notIn: [...FINAL_STATUSES] } } })) > 0;
}

/** Broker accounts with trades that are not final: each must have its guardian. */
export async function accountsToGuard(prisma: PrismaClient): Promise<{ broker: string; account: string }[]> {
  return prisma.trade.findMany({
    where: { status: { notIn: [...FINAL_STATUSES] }, startedAt: { not: null } },
    distinct: ['broker', 'account'],
    select: { broker: true, account: true },
  });
}

export async function raiseAlert(
  prisma: PrismaClient,
  trade: { id: string; userId: string },
  alert: Alert,
): Promise<void> {
  await prisma.alert.createMany({ data: { ...alert, userId: trade.userId, tradeId: trade.id }, skipDuplicates: true });
}

/** Those of the client order ids whose orders a trade counts with: not those that it takes for refused or never arrived. */
export async function knownOrders(prisma: PrismaClient, clientOrderIds: string[]): Promise<Set<string>> {
  if (clientOrderIds.length === 0) return new Set();
  const rows = await prisma.order.findMany({
    where: { clientOrderId: { in: clientOrderIds }, intent: { not: 'REFUSED' } },
    select: { clientOrderId: true },
  });
  return new Set(rows.map(({ clientOrderId }) => clientOrderId));
}

/** Those of the broker's order ids that are of a trade's orders. */
export async function brokerOrderIdsOfTrades(
  prisma: PrismaClient,
  account: string,
  brokerOrderIds: string[],
): Promise<Set<string>> {
  const rows = await prisma.order.findMany({
    where: { account, brokerOrderId: { in: brokerOrderIds } },
    select: { brokerOrderId: true },
  });
  return new Set(rows.map(({ brokerOrderId }) => brokerOrderId ?? ''));
}

/** What the account's trades that are not final are in. */
export async function symbolsOfOpenTrades(prisma: PrismaClient, account: string): Promise<Set<string>> {
  const rows = await prisma.trade.findMany({
    where: { account, status: { notIn: [...FINAL_STATUSES] } },
    distinct: ['symbol'],
    select: { symbol: true },
  });
  return new Set(rows.map(({ symbol }) => symbol));
}

/** A trade whose shares may be without a stop, and when what shows that was written. */
export interface MaybeUncovered {
  trade: GuardedTrade;
  at: Date;
}

/**
 * Trades that are not final and whose orders changed after their last record, or that recorded shares without a stop at the
 * broker. Each with its last change.
 */
export async function maybeUncoveredTrades(prisma: PrismaClient): Promise<MaybeUncovered[]> {
  const changes = await prisma.$queryRaw<{ id: string; at: Date }[]>`
    SELECT id, coalesce(changed.at, trades.updated_at) AS at
    FROM trades LEFT JOIN LATERAL (
      SELECT max(orders.updated_at) AS at FROM orders
      WHERE orders.trade_id = trades.id AND orders.updated_at > trades.updated_at
    ) AS changed ON true
    WHERE trades.status <> ALL(${[...FINAL_STATUSES]}) AND started_at IS NOT NULL
      AND (changed.at IS NOT NULL OR (open_quantity <> 0 AND view->>'stopKind' IS DISTINCT FROM 'broker'))`;
  const rows = await prisma.trade.findMany({ where: { id: { in: changes.map(({ id }) => id) } } });
  const changedAt = new Map(changes.map(({ id, at }) => [id, at]));
  return rows.map((row) => ({ trade: guardedTrade(row), at: changedAt.get(row.id) ?? row.updatedAt }));
}

/** An order that works, as its trade knows it. */
export interface WorkingOrder extends OrderOfTrade {
  /** when the trade looked last */
  lookedAt: Date | undefined;
}

/** The orders of an account's trades that work at the broker by what the trades know. */
export async function workingOrders(prisma: PrismaClient, account: string): Promise<WorkingOrder[]> {
  const rows = await prisma.order.findMany({
    where: {
      account,
      intent: 'ACKED',
      brokerOrderId: { not: null },
      trade: { account, status: { notIn: [...FINAL_STATUSES] } },
    },
    include: { trade: { select: { userId: true, lookedAt: true } } },
  });
  return rows.map((row) => ({ ...orderOfTrade(row), lookedAt: row.trade.lookedAt ?? undefined }));
}

/** An order that the broker knows, with its trade's owner. */
export interface OrderOfTrade {
  id: bigint;
  tradeId: TradeId;
  userId: string;
  broker: string;
  account: string;
  symbol: string;
  leg: string;
  clientOrderId: string;
  brokerOrderId: string;
  filledQuantity: DecimalString;
}

/** Those of the broker's orders whose trade ended before `before`. */
export async function ordersOfEndedTrades(
  prisma: PrismaClient,
  account: string,
  brokerOrderIds: string[],
  before: Date,
): Promise<OrderOfTrade[]> {
  if (brokerOrderIds.length === 0) return [];
  const rows = await prisma.order.findMany({
    where: {
      account,
      brokerOrderId: { in: brokerOrderIds },
      trade: { status: { in: [...FINAL_STATUSES] }, closedAt: { lt: before } },
    },
    include: { trade: { select: { userId: true } } },
  });
  return rows.map(orderOfTrade);
}

/** Entries that ended unfilled in part or whole, of trades that ended since `since`. */
export async function endedEntries(prisma: PrismaClient, account: string, since: Date): Promise<OrderOfTrade[]> {
  const rows = await prisma.order.findMany({
    where: {
      account,
      leg: 'entry',
      brokerOrderId: { not: null },
      status: { in: ['cancelled', 'expired'] },
      // The account again: of its many orders, only those of trades that ended lately are read.
      trade: { account, status: { in: [...FINAL_STATUSES] }, closedAt: { gte: since } },
    },
    include: { trade: { select: { userId: true } } },
  });
  return rows.map(orderOfTrade);
}

function orderOfTrade(row: OrderRow & { trade: { userId: string } }): OrderOfTrade {
  const { id, tradeId, broker, account, symbol, leg, clientOrderId, brokerOrderId, filledQuantity, trade } = row;
  return {
    id,
    tradeId: tradeId as TradeId,
    userId: trade.userId,
    broker,
    account,
    symbol,
    leg,
    clientOrderId,
    brokerOrderId: brokerOrderId ?? '',
    filledQuantity: textOf(filledQuantity),
  };
}
