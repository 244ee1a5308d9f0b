import type { PrismaClient, Reservation } from '../../prisma/generated/client.js';
import type { AuditFacts } from '../audit/facts.js';
import { decimal } from '../domain/decimal.js';
import type { Leg } from '../domain/ids.js';
import { isFinalStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { textOf } from './decimal-text.js';
import { viewOf } from './trade-view.js';

/** The database's side of an audit of one broker. */
export async function auditFacts(prisma: PrismaClient, broker: string): Promise<Omit<AuditFacts, 'ledger'>> {
  const where = { broker };
  const [trades, intents, splits, changes, alerts] = await Promise.all([
    prisma.trade.findMany({ where, include: { reservation: true } }),
    prisma.order.findMany({ where, include: { executions: true } }),
    prisma.tradeEvent.findMany({
      where: { kind: 'split', trade: where },
      include: { trade: { select: { symbol: true } } },
    }),
    prisma.tradeEvent.findMany({ where: { kind: 'external_change', trade: where } }),
    prisma.alert.groupBy({ by: ['tradeId'], _count: true }),
  ]);
  const alertsOf = new Map(alerts.map(({ tradeId, _count }) => [tradeId, _count]));
  return {
    trades: trades.map((row) => ({
      ...tradeFacts(viewOf(row), row.reservation, alertsOf.get(row.id) ?? 0),
      paidOut: paidOut(changes.filter(({ tradeId }) => tradeId === row.id)),
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

/** What left a trade without an order and was paid for. */
function paidOut(changes: readonly { data: unknown }[]): AuditFacts['trades'][number]['paidOut'] {
  return changes.flatMap(({ data }) => {
    const { quantity, price } = data as { quantity: string; price?: string };
    return price === undefined ? [] : [{ quantity: decimal(quantity), price: decimal(price) }];
  });
}

function tradeFacts(
  view: TradeView,
  reservation: Reservation | null,
  alerts: number,
): Omit<AuditFacts['trades'][number], 'paidOut'> {
  const { id, account, symbol, assetClass, side, status, exitReason } = view;
  return {
    ...{ id, account, symbol, assetClass, side, status, exitReason, alerts },
    isFinal: isFinalStatus(status),
    filledQuantity: decimal(view.filledQuantity),
    openQuantity: decimal(view.openQuantity),
    realizedPnl: decimal(view.realizedPnl),
    reserved: reservation && decimal(textOf(reservation.exposure)).plus(decimal(textOf(reservation.pending))),
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
