import type { PrismaClient } from '../../prisma/generated/client.js';
import type { AuditFacts } from '../audit/facts.js';
import { decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { TradeSide } from '../domain/trade/request.js';
import { isFinalStatus, type TradeStatus } from '../domain/trade/status.js';
import { textOf } from './trade-view.js';

/** The database's side of an audit, of one broker. */
export async function auditFacts(prisma: PrismaClient, broker: string): Promise<Omit<AuditFacts, 'ledger' | 'splits'>> {
  const [trades, intents, executions] = await Promise.all([
    prisma.trade.findMany({ where: { broker } }),
    prisma.order.findMany({ where: { broker }, select: { clientOrderId: true, intent: true } }),
    prisma.execution.findMany({ where: { broker }, select: { executionId: true, quantity: true, price: true } }),
  ]);
  return {
    trades: trades.map((row) => ({
      id: row.id,
      account: row.account,
      symbol: row.symbol,
      assetClass: row.assetClass as AssetClass,
      side: row.side as TradeSide,
      status: row.status,
      isFinal: isFinalStatus(row.status as TradeStatus),
      exitReason: row.exitReason,
      filledQuantity: decimal(textOf(row.filledQuantity)),
      openQuantity: decimal(textOf(row.openQuantity)),
      realizedPnl: decimal(textOf(row.realizedPnl)),
    })),
    intents,
    executions: executions.map(({ executionId, quantity, price }) => ({
      executionId,
      quantity: decimal(textOf(quantity)),
      price: decimal(textOf(price)),
    })),
  };
}
