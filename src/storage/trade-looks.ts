import type { PrismaClient } from '../../prisma/generated/client.js';
import { type DecimalString, decimalString } from '../domain/decimal.js';
import { type TradeId, tradeWorkflowId, type UserId } from '../domain/ids.js';
import type { TradeRequest } from '../domain/trade/request.js';
import type { Reason, TradeStatus } from '../domain/trade/status.js';
import { viewOf } from './trade-view.js';

/** A trade's row, as far as the workflow's own questions go. */
export interface StoredTrade {
  id: TradeId;
  workflowId: string;
  userId: UserId;
  trade: TradeRequest;
  status: TradeStatus;
  reason: Reason | undefined;
  warnings: Reason[];
  /** its exposure was reserved: the risk check let it pass */
  reserved: boolean;
}

export async function storedTrade(prisma: PrismaClient, id: TradeId): Promise<StoredTrade | undefined> {
  const row = await prisma.trade.findUnique({ where: { id }, include: { reservation: { select: { tradeId: true } } } });
  if (!row) return undefined;
  const { reason, warnings } = viewOf(row);
  return {
    id,
    workflowId: tradeWorkflowId(id),
    userId: row.userId as UserId,
    trade: row.request as unknown as TradeRequest,
    status: row.status as TradeStatus,
    reason: reason ?? undefined,
    warnings,
    reserved: row.reservation !== null,
  };
}

/**
 * Leaves a sign of life, by which the guardian sees a trade that stopped looking, and answers the signed quantity that
 * other trades hold in the same account and symbol; shorts count negative.
 */
export async function noteLook(
  prisma: PrismaClient,
  id: TradeId,
  account: string,
  symbol: string,
): Promise<DecimalString> {
  const [row] = await prisma.$queryRaw<{ open: string }[]>`
    WITH seen AS (UPDATE trades SET looked_at = now() WHERE id = ${id}::uuid)
    SELECT coalesce(sum(CASE side WHEN 'buy' THEN open_quantity ELSE -open_quantity END), 0)::text AS open
    FROM trades
    WHERE account = ${account} AND symbol = ${symbol} AND open_quantity <> 0 AND id <> ${id}::uuid`;
  return decimalString(row?.open ?? '0');
}
