import type { PrismaClient } from '../../prisma/generated/client.js';
import type { AuditFacts } from '../audit/facts.js';
import { decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { TradeSide } from '../domain/trade/request.js';
import { isFinalStatus, type TradeStatus } from '../domain/trade/status.js';
import { textOf } from './trade-view.js';

/** The database's side of an audit: one broker, and of it only the given accounts unless all are meant. */
export async function auditFacts(
  prisma: PrismaClient,
  broker: string,
  accounts?: readonly string[],
): Promise<Omit<AuditFacts, 'ledger'>> {
  const where = { broker, ...(accounts && { account: { in: [...accounts] } }) };
  const [trades, intents, executions, splits] = await Promise.all([
    prisma.trade.findMany({ where }),
    prisma.order.findMany({ where, select: { clientOrderId: true, intent: true } }),
    prisma.execution.findMany({ where, select: { executionId: true, quantity: true, price: true } }),
    prisma.tradeEvent.findMany({
      where: { kind: 'split', trade: where },
      include: { trade: { select: { symbol: true } } },
    }),
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
    splits: splitsOnce(splits),
    executions: executions.map(({ executionId, quantity, price }) => ({
      executionId,
      quantity: decimal(textOf(quantity)),
      price: decimal(textOf(price)),
    })),
  };
}

interface SplitEntry {
  key: string;
  data: unknown;
  trade: { symbol: string };
}

/** Every trade that lived through a split has it in its journal; it happened once. */
function splitsOnce(entries: readonly SplitEntry[]): AuditFacts['splits'] {
  const byInstant = new Map(
    entries.map(({ key, data, trade: { symbol } }) => {
      const split = {
        symbol,
        ratio: String((data as { ratio?: unknown }).ratio),
        at: Number(key.slice('split:'.length)),
      };
      return [`${symbol} ${split.at}`, split] as const;
    }),
  );
  return [...byInstant.values()];
}
