/** Every order has one intent, every intent at most one order, and every fill one record. */
import { Decimal } from '../domain/decimal.js';
import type { AttributedFacts } from './attribution.js';
import { type AuditIntent, type Finding, finding, type LedgerOrder } from './facts.js';
import { fillsOf, isSameMoney } from './ledger.js';

/** I-U1: every order in our accounts belongs to exactly one intent. */
export function ordersWithoutIntent({ unrelated }: AttributedFacts): Finding[] {
  return unrelated.map(({ clientOrderId, account, orderId, side, symbol, type, status }) => {
    const order = `${side} ${symbol} ${type} ${orderId} (${status}) at the broker has no intent`;
    return finding('I-U1', clientOrderId ?? account, order);
  });
}

/** I-U2: an intent that the broker acknowledged is an order there; one that was never sent, or refused, is none. */
export function intentsWithoutOrder({ attributed, intents, trades }: AttributedFacts): Finding[] {
  const orders = new Map(attributed.map(({ intent, order }) => [intent.clientOrderId, order]));
  const ended = new Set(trades.filter(({ isFinal }) => isFinal).map(({ id }) => id));
  return intents.flatMap(({ clientOrderId, intent, tradeId }) => {
    const order = orders.get(clientOrderId);
    if ((intent === 'ACKED' || intent === 'CLOSED') && !order) {
      return [finding('I-U2', clientOrderId, `intent ${intent}, but the broker has no such order`)];
    }
    if (!order || order.status === 'rejected') return [];
    const isLost = (intent === 'SENT' || intent === 'UNKNOWN') && ended.has(tradeId);
    if (intent === 'PREPARED' || intent === 'REFUSED' || isLost) {
      return [finding('I-U2', clientOrderId, `intent ${intent}, but the broker has the order (${order.status})`)];
    }
    return [];
  });
}

/** I-U3: at most one order for each intent. */
export function repeatedOrders({ attributed }: AttributedFacts): Finding[] {
  const seen = new Set<string>();
  return attributed.flatMap(({ intent: { clientOrderId }, order }) => {
    if (seen.has(clientOrderId)) return [finding('I-U3', clientOrderId, `sent twice: also order ${order.orderId}`)];
    seen.add(clientOrderId);
    return [];
  });
}

/**
 * I-U8: each execution of the broker is in the database once, with the same quantity and price. A broker that reports only
 * totals gives us no execution ids: there the quantity and, to the cent, the cost of each order agree (averages are rounded).
 */
export function executionsThatDiffer({ attributed }: AttributedFacts): Finding[] {
  return attributed.flatMap(({ order, intent }) => fillsThatDiffer(order, intent));
}

function fillsThatDiffer(order: LedgerOrder, { clientOrderId, executions }: AuditIntent): Finding[] {
  const fills = fillsOf(order);
  const known = new Map(executions.map((execution) => [execution.executionId, execution]));
  const hasOurIds = fills.some(({ executionId }) => known.has(executionId));
  if (hasOurIds) {
    return fills.flatMap((fill) => {
      const recorded = known.get(fill.executionId);
      if (!recorded) return [finding('I-U8', clientOrderId, `execution ${fill.executionId} is not in the database`)];
      const same = recorded.quantity.equals(fill.quantity) && recorded.price.equals(fill.price);
      return same ? [] : [finding('I-U8', clientOrderId, `execution ${fill.executionId} differs`)];
    });
  }
  const [there, here] = [fills, executions].map((all) => ({
    quantity: Decimal.sum(all.map(({ quantity }) => quantity)),
    cost: Decimal.sum(all.map(({ quantity, price }) => quantity.times(price))),
  }));
  if (!there || !here || (there.quantity.equals(here.quantity) && isSameMoney(there.cost, here.cost))) return [];
  const evidence = `the broker filled ${there.quantity} for ${there.cost}, the database has ${here.quantity} for ${here.cost}`;
  return [finding('I-U8', clientOrderId, evidence)];
}
