import type { PrismaClient } from '../../prisma/generated/client.js';
import { audit, uncovered } from '../../src/audit/audit.js';
import { type AuditTrade, type BrokerLedger, type Finding, finding } from '../../src/audit/facts.js';
import type { CoverGap } from '../../src/audit/protection.js';
import { tradeIdOfClientOrder } from '../../src/domain/ids.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { auditFacts } from '../../src/storage/audit-facts.js';
import type { ChaosExchange } from './exchange.js';

/** The results of a run, from the exchange's ledger and the database. */
export interface Books {
  trades: number;
  ends: Record<string, number>;
  orders: number;
  sends: number;
  repeats: number;
  unknown: number;
  resolved: number;
  attention: Record<string, number>;
  /** the longest time without cover at the broker, in milliseconds, of trades with stops there and with emulated stops */
  uncovered: { broker: number; emulated: number };
  /** of trades with stops at the broker: how often nobody was alerted of a time without cover for over a minute */
  silentlyUncovered: number;
  /** the journals of the trades with findings, that were without cover and an alert, and that were so for longest */
  stories: string[];
  findings: Finding[];
}

/** A time without cover that lasts longer must be reported. */
const SILENT_MS = 60_000;

export async function keepBooks(prisma: PrismaClient, exchange: ChaosExchange): Promise<Books> {
  const where = { broker: exchange.broker };
  const ledger: BrokerLedger = await exchange.ledger();
  const facts = await auditFacts(prisma, exchange.broker);
  const orders = await prisma.order.findMany({ where });
  const events = await prisma.tradeEvent.findMany({ where: { trade: where }, orderBy: { id: 'asc' } });
  const eventsOf = (id: string) => events.filter(({ tradeId }) => tradeId === id);
  const describeGap = (gap: CoverGap) =>
    `without cover for ${lengthOf(gap) / 1_000} s from ${new Date(gap.from - exchange.offsetMs).toISOString()}`;
  const ofKind = (kind: string) => events.filter((event) => event.kind === kind);
  const gaps = uncovered({ ...facts, ledger });
  const findings = [...audit({ ...facts, ledger }), ...notOver(facts.trades)];
  const emulated = new Set((await prisma.trade.findMany({ where })).filter(isEmulated).map(({ id }) => id));
  const native = gaps
    .filter(({ tradeId }) => !emulated.has(tradeId))
    .sort((one, other) => lengthOf(other) - lengthOf(one));
  const alerts = await prisma.alert.findMany({ select: { tradeId: true, at: true } });
  const silent = native.filter((gap) => silenceOf(gap, alerts, exchange.offsetMs) > SILENT_MS);
  const concerned = new Set([
    ...[...native.slice(0, 1), ...silent].map(({ tradeId }) => tradeId),
    ...findings.flatMap(({ subject }) => tradesOf(facts.trades, subject)),
  ]);
  return {
    trades: facts.trades.length,
    ends: countedBy(facts.trades, ({ status, isFinal }) => (isFinal ? status : `still ${status}`)),
    orders: ledger.orders.length,
    sends: orders.reduce((sum, { sends }) => sum + sends, 0),
    repeats: orders.filter(({ sends }) => sends > 1).length,
    unknown: ofKind('order_unknown').length,
    resolved: ofKind('order_resolved').length,
    attention: countedBy(ofKind('attention'), ({ data }) => String((data as { code?: unknown }).code)),
    uncovered: {
      broker: longest(gaps.filter(({ tradeId }) => !emulated.has(tradeId))),
      emulated: longest(gaps.filter(({ tradeId }) => emulated.has(tradeId))),
    },
    silentlyUncovered: silent.length,
    stories: [...concerned].map((id) =>
      [...native.filter(({ tradeId }) => tradeId === id).map(describeGap), storyOf(eventsOf(id))].join('\n'),
    ),
    findings,
  };
}

/** The trades that a finding about a trade, an order or a position concerns. */
function tradesOf(trades: readonly AuditTrade[], subject: string): string[] {
  const tradeId = tradeIdOfClientOrder(subject) ?? subject;
  return trades
    .filter(({ id, account, symbol }) => id === tradeId || `${account} ${symbol}` === subject)
    .map(({ id }) => id);
}

/** I-L1: minutes after the last fault, and after everybody was asked to end, no trade is still running. */
function notOver(trades: readonly AuditTrade[]): Finding[] {
  const left = trades.filter(({ isFinal }) => !isFinal);
  return left.map(({ id, status }) => finding('I-L1', id, `still ${status}`));
}

function isEmulated({ state }: { state: unknown }): boolean {
  return (state as TradeState | null)?.protection.emulated === true;
}

function lengthOf({ ms = Number.POSITIVE_INFINITY }: CoverGap): number {
  return ms;
}

/** How long a time without cover lasted before an alert of its trade, in milliseconds; the broker's clock is `offsetMs` ahead. */
function silenceOf(
  { tradeId, from, ms = Number.POSITIVE_INFINITY }: CoverGap,
  alerts: readonly { tradeId: string | null; at: Date }[],
  offsetMs: number,
): number {
  const after = alerts
    .filter((alert) => alert.tradeId === tradeId)
    .map(({ at }) => at.getTime() + offsetMs - from)
    .filter((delay) => delay >= 0);
  return Math.min(ms, ...after);
}

function longest(gaps: readonly CoverGap[]): number {
  return Math.max(0, ...gaps.map(lengthOf));
}

function storyOf(events: readonly { tradeId: string; at: Date; kind: string; data: unknown }[]): string {
  const lines = events.map(({ at, kind, data }) => `  ${at.toISOString()} ${kind} ${JSON.stringify(data)}`);
  return [events[0]?.tradeId, ...lines].join('\n');
}

function countedBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
