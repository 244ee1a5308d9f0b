/** What must be true of a trade in each final state. */
import type { AttributedOrder } from './attribution.js';
import { type AuditTrade, type Finding, finding } from './facts.js';
import { isWorking } from './ledger.js';
import type { Move } from './quantities.js';

/** I-E1, I-E2: a trade that was refused, cancelled or expired never held anything. */
export function fillsOfNothing(trade: AuditTrade, moves: readonly Move[]): Finding[] {
  if (!trade.isFinal || trade.status === 'closed' || moves.length === 0) return [];
  return [
    finding(trade.status === 'rejected' ? 'I-E1' : 'I-E2', trade.id, `${trade.status} with ${moves.length} fills`),
  ];
}

/** I-E3, I-P4: a trade that ended has no working order. */
export function stillWorking(trade: AuditTrade, orders: readonly AttributedOrder[]): Finding[] {
  if (!trade.isFinal) return [];
  const working = orders.filter(({ order }) => isWorking(order));
  return working.map(({ order: { orderId, type } }) =>
    finding(
      trade.status === 'closed' ? 'I-E3' : 'I-P4',
      trade.id,
      `${trade.status}, but order ${orderId} (${type}) still works`,
    ),
  );
}

/** I-E4: a trade that needs attention has an alert. */
export function attentionWithoutAlert(trade: AuditTrade): Finding[] {
  if (trade.status !== 'needs_attention' || trade.alerts > 0) return [];
  return [finding('I-E4', trade.id, 'needs attention, and there is no alert of it')];
}

/** I-R3: nothing is reserved for a trade that has ended. */
export function stillReserved(trade: AuditTrade): Finding[] {
  if (!trade.isFinal || trade.reserved === null || trade.reserved.isZero()) return [];
  return [finding('I-R3', trade.id, `${trade.status}, but ${trade.reserved} is still reserved`)];
}
