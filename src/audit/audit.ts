/**
 * Compares the broker's own ledger with the database. It reads and changes nothing: it is given
 * both and returns what does not agree. The names of the invariants are those of the failure model (section 5).
 */
import { type AttributedFacts, type AttributedOrder, attribute } from './attribution.js';
import { attentionWithoutAlert, fillsOfNothing, stillReserved, stillWorking } from './ends.js';
import { executionsThatDiffer, intentsWithoutOrder, ordersWithoutIntent, repeatedOrders } from './existence.js';
import type { AuditFacts, AuditTrade, Finding } from './facts.js';
import { type CoverGap, coverGaps, exitsBesideStops, overcommitted } from './protection.js';
import { movesOf, oversold, positionsThatDiffer, totalsThatDiffer } from './quantities.js';

export function audit(facts: AuditFacts): Finding[] {
  const known = attribute(facts);
  const ordersOf = groupedByTrade(known);
  return [
    ...ordersWithoutIntent(known),
    ...intentsWithoutOrder(known),
    ...repeatedOrders(known),
    ...executionsThatDiffer(known),
    ...known.trades.flatMap((trade) => auditTrade(trade, ordersOf(trade), known)),
    ...positionsThatDiffer(known),
  ];
}

/** I-P1: every time in which a trade held more than its stops and closing orders at the broker could close. */
export function uncovered(facts: AuditFacts): CoverGap[] {
  const known = attribute(facts);
  const ordersOf = groupedByTrade(known);
  return known.trades
    .filter((trade) => !hasSplit(trade, known))
    .flatMap((trade) => coverGaps(trade, ordersOf(trade), movesOf(trade, ordersOf(trade), known)));
}

function auditTrade(trade: AuditTrade, orders: readonly AttributedOrder[], facts: AttributedFacts): Finding[] {
  const moves = movesOf(trade, orders, facts);
  return [
    ...oversold(trade, moves),
    ...totalsThatDiffer(trade, moves),
    ...(hasSplit(trade, facts) ? [] : overcommitted(trade, orders, moves)),
    ...exitsBesideStops(trade, orders),
    ...fillsOfNothing(trade, moves),
    ...stillWorking(trade, orders),
    ...attentionWithoutAlert(trade),
    ...stillReserved(trade),
  ];
}

/** The ledger shows an order's current quantity, which a split may have changed. */
function hasSplit({ symbol }: AuditTrade, { splits }: AuditFacts): boolean {
  return splits.some((split) => split.symbol === symbol);
}

function groupedByTrade({ attributed }: AttributedFacts): (trade: AuditTrade) => readonly AttributedOrder[] {
  const groups = new Map<string, AttributedOrder[]>();
  for (const one of attributed) {
    const group = groups.get(one.intent.tradeId);
    if (group) group.push(one);
    else groups.set(one.intent.tradeId, [one]);
  }
  return ({ id }) => groups.get(id) ?? [];
}
