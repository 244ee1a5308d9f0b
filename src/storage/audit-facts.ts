import type { PrismaClient } from '../../prisma/generated/client.js';
import type { AuditFacts } from '../audit/facts.js';
import { decimal } from '../domain/decimal.js';
import type { Leg } from '../domain/ids.js';
import type { AssetClass } from '../domain/instrument.js';
import type { TradeSide } from '../domain/trade/request.js';
import { isFinalStatus, type TradeStatus } from '../domain/trade/status.js';
import { textOf } from './trade-view.js';

/** The database's side of an audit of one broker. */
export async function auditFacts(prisma: PrismaClient, broker: string): Promise<Omit<AuditFacts, 'ledger'>> {
  const where = { broker };
  const [trades, intents, splits, alerts] = await Promise.all([
    prisma.trade.findMany({ where, include: { reservation: true } }),
    prisma.order.findMany({ where, include: { executions: true } }),
    prisma.tradeEvent.findMany({
      where: { kind: 'split', trade: where },
      include: { trade: { select: { symbol: true } } },
    }),
    prisma.alert.groupBy({ by: ['tradeId'], _count: true }),
  ]);
  const alertsOf = new Map(alerts.map(({ tradeId, _count }) => [tradeId, _count]));
  return {
    trades: trades.map(({ reservation, ...row }) => ({
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
      alerts: alertsOf.get(row.id) ?? 0,
      reserved: reservation && decimal(textOf(reservation.exposure)).plus(decimal(textOf(reservation.pending))),
    })),
    intents: intents.map(({ executions, ...row }) => ({
      tradeId: row.tradeId,
      leg: row.leg as Leg,
      clientOrderId: row.clientOrderId,
      account: row.account,
      symbol: row.symbol,
      intent: row.intent,
      brokerOrderId: row.brokerOrderId,
      executions: executions.map(({ executionId, quantity, price }) => ({
        executionId,
        quantity: decimal(textOf(quantity)),
        price: decimal(textOf(price)),
      })),
    })),
    splits: splitsOnce(splits),
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
