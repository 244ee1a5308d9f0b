/** Stops and closing orders over time: never more than the position, and for how long less. */
import { Decimal, decimal } from '../domain/decimal.js';
import type { AttributedOrder } from './attribution.js';
import { type AuditTrade, type Finding, finding } from './facts.js';
import { acceptedAt, endedAt, fillsOf } from './ledger.js';
import type { Move } from './quantities.js';

/** A period in which the orders at the broker protected less than the trade held. */
export interface CoverGap {
  tradeId: string;
  /** epoch milliseconds, the broker's clock */
  from: number;
  /** absent while it lasts */
  ms?: number;
}

interface Moment {
  at: number;
  held: Decimal;
  /** the quantity that working stops and closing orders can still close */
  closing: Decimal;
}

/** I-P3: at every instant, working closing orders add up to at most what the trade holds. */
export function overcommitted(
  trade: AuditTrade,
  orders: readonly AttributedOrder[],
  moves: readonly Move[],
): Finding[] {
  const worst = momentsOf(orders, moves).find(({ held, closing }) => closing.greaterThan(held));
  if (!worst) return [];
  const at = new Date(worst.at).toISOString();
  return [finding('I-P3', trade.id, `at ${at} orders for ${worst.closing} worked to close ${worst.held}`)];
}

/** I-P5: when an exit order arrives, every earlier stop is final. */
export function exitsBesideStops(trade: AuditTrade, orders: readonly AttributedOrder[]): Finding[] {
  const exits = orders.filter(({ intent }) => intent.leg === 'exit');
  return exits.flatMap(({ order: exit }) => {
    const at = acceptedAt(exit);
    if (at === undefined) return [];
    const alive = orders.filter(({ intent, order }) => intent.leg === 'stop' && isAlive(order, at));
    return alive.map(({ order }) =>
      finding('I-P5', trade.id, `exit ${exit.orderId} came while stop ${order.orderId} worked`),
    );
  });
}

/** I-P1: periods in which less was protected at the broker than was held. A working closing order counts as protection. */
export function coverGaps(trade: AuditTrade, orders: readonly AttributedOrder[], moves: readonly Move[]): CoverGap[] {
  const gaps: CoverGap[] = [];
  for (const { at, held, closing } of momentsOf(orders, moves)) {
    const last = gaps.at(-1);
    const open = last?.ms === undefined ? last : undefined;
    if (closing.lessThan(held)) {
      if (!open) gaps.push({ tradeId: trade.id, from: at });
    } else if (open) open.ms = at - open.from;
  }
  return gaps;
}

/** What was held and what worked to close it, after each event. */
function momentsOf(orders: readonly AttributedOrder[], moves: readonly Move[]): Moment[] {
  const closing = orders.filter(({ intent }) => intent.leg !== 'entry').map(({ order }) => order);
  const times = closing.flatMap((order) => [acceptedAt(order), endedAt(order), ...fillsOf(order).map(({ at }) => at)]);
  const all = new Set([...times, ...moves.map(({ at }) => at)].filter((at) => at !== undefined));
  return [...all]
    .sort((one, other) => one - other)
    .map((at) => {
      const until = moves.filter((move) => move.at <= at);
      const held = Decimal.sum(until.map(({ opened, closed }) => opened.minus(closed)));
      return { at, held, closing: Decimal.sum(closing.map((order) => remainingAt(order, at))) };
    });
}

function remainingAt(order: AttributedOrder['order'], at: number): Decimal {
  if (!isAlive(order, at)) return Decimal.zero;
  const filled = Decimal.sum(fillsOf(order).flatMap((fill) => (fill.at <= at ? [fill.quantity] : [])));
  return decimal(order.quantity).minus(filled);
}

function isAlive(order: AttributedOrder['order'], at: number): boolean {
  const [from, until] = [acceptedAt(order), endedAt(order)];
  return from !== undefined && from <= at && (until === undefined || at < until) && !isFilledBy(order, at);
}

function isFilledBy(order: AttributedOrder['order'], at: number): boolean {
  const filled = Decimal.sum(fillsOf(order).flatMap((fill) => (fill.at <= at ? [fill.quantity] : [])));
  return filled.atLeast(decimal(order.quantity));
}
