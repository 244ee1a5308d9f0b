import type { PrismaClient } from '../../prisma/generated/client.js';
import { type TradeId, tradeWorkflowId } from '../domain/ids.js';
import type { StartTicket, TradeInput, TradeRequest } from '../domain/trade/request.js';
import type { Alert, TradeState } from '../domain/trade/state.js';
import { FINAL_STATUSES, type TradeStatus } from '../domain/trade/status.js';

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
  return rows.map((row) => ({
    id: row.id as TradeId,
    userId: row.userId,
    workflowId: tradeWorkflowId(row.id as TradeId),
    status: row.status as TradeStatus,
    input: { trade: row.request as unknown as TradeRequest, ticket: row.ticket as unknown as StartTicket },
    state: row.state === null ? undefined : (row.state as unknown as TradeState),
    lookedAt: row.lookedAt ?? undefined,
    createdAt: row.createdAt,
  }));
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
