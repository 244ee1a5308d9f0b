/**
 * Compares what the broker's own ledger says with what the database says. Reads nothing and changes nothing: it is given
 * both and answers what does not agree. Names of invariants are those of the failure model (section 5).
 */
import { Decimal, decimal } from '../domain/decimal.js';
import { CLIENT_ORDER_ID_PREFIX, tradeIdOfClientOrder } from '../domain/ids.js';
import { contractMultiplier } from '../domain/instrument.js';
import type { AuditFacts, AuditTrade, Finding, LedgerOrder } from './facts.js';

export function audit(facts: AuditFacts): Finding[] {
  const findings = [
    ...ordersWithoutIntent(facts),
    ...intentsWithoutOrder(facts),
    ...repeatedOrders(facts),
    ...executionsThatDiffer(facts),
    ...facts.trades.flatMap((trade) => auditTrade(trade, facts)),
    ...positionsThatDiffer(facts),
  ];
  return findings;
}

/** I-U1: every order with our prefix belongs to exactly one intent. */
function ordersWithoutIntent({ ledger, intents }: AuditFacts): Finding[] {
  const known = new Set(intents.map((intent) => intent.clientOrderId));
  return ledger.orders
    .filter(({ clientOrderId }) => clientOrderId?.startsWith(CLIENT_ORDER_ID_PREFIX) && !known.has(clientOrderId))
    .map((order) => finding('I-U1', order.clientOrderId, `order ${order.orderId} at the broker has no intent`));
}

/** I-U2: an intent that the broker acknowledged is an order there; one that was never sent, or refused, is none. */
function intentsWithoutOrder({ ledger, intents }: AuditFacts): Finding[] {
  const orders = new Set(ledger.orders.map((order) => order.clientOrderId));
  return intents.flatMap(({ clientOrderId, intent }) => {
    const exists = orders.has(clientOrderId);
    if ((intent === 'ACKED' || intent === 'CLOSED') && !exists) {
      return [finding('I-U2', clientOrderId, `intent ${intent}, but the broker has no such order`)];
    }
    if ((intent === 'PREPARED' || intent === 'REFUSED') && exists) {
      return [finding('I-U2', clientOrderId, `intent ${intent}, but the broker has the order`)];
    }
    return [];
  });
}

/** I-U3: one order at most for each decision. */
function repeatedOrders({ ledger }: AuditFacts): Finding[] {
  const seen = new Set<string>();
  return ledger.orders.flatMap(({ clientOrderId, orderId }) => {
    if (clientOrderId === undefined) return [];
    if (seen.has(clientOrderId)) return [finding('I-U3', clientOrderId, `sent twice: also order ${orderId}`)];
    seen.add(clientOrderId);
    return [];
  });
}

/** I-U8: each execution of the broker is in the database once, with the same quantity and price. */
function executionsThatDiffer({ ledger, executions }: AuditFacts): Finding[] {
  const recorded = new Map(executions.map((execution) => [execution.executionId, execution]));
  const ours = ledger.orders.filter((order) => order.clientOrderId?.startsWith(CLIENT_ORDER_ID_PREFIX));
  return ours.flatMap((order) =>
    fillsOf(order).flatMap((fill) => {
      const known = recorded.get(fill.executionId);
      if (!known) return [finding('I-U8', order.clientOrderId, `execution ${fill.executionId} is not in the database`)];
      const same = known.quantity.equals(fill.quantity) && known.price.equals(fill.price);
      return same ? [] : [finding('I-U8', order.clientOrderId, `execution ${fill.executionId} differs`)];
    }),
  );
}

function auditTrade(trade: AuditTrade, facts: AuditFacts): Finding[] {
  const orders = facts.ledger.orders.filter((order) => tradeIdOfClientOrder(order.clientOrderId ?? '') === trade.id);
  const moves = movesOf(trade, orders, facts);
  return [...oversold(trade, moves), ...totalsThatDiffer(trade, moves), ...stillWorking(trade, orders)];
}

/** A fill in today's shares: positive opens, negative closes. */
interface Move {
  opened: Decimal;
  closed: Decimal;
  cost: Decimal;
}

function movesOf(trade: AuditTrade, orders: LedgerOrder[], { splits }: AuditFacts): Move[] {
  const fills = orders.flatMap((order) => fillsOf(order).map((fill) => ({ ...fill, opens: isOpening(trade, order) })));
  fills.sort((one, other) => one.at - other.at || one.sequence - other.sequence);
  return fills.map((fill) => {
    const later = splits.filter((split) => split.symbol === trade.symbol && fill.at < split.at);
    const quantity = later.reduce((shares, split) => shares.times(decimal(split.ratio)), fill.quantity);
    const cost = fill.quantity.times(fill.price);
    return { opened: fill.opens ? quantity : Decimal.zero, closed: fill.opens ? Decimal.zero : quantity, cost };
  });
}

/** I-Q2: at every moment sold ≤ bought (mirrored for shorts). */
function oversold(trade: AuditTrade, moves: Move[]): Finding[] {
  let held = Decimal.zero;
  for (const { opened, closed } of moves) {
    held = held.plus(opened).minus(closed);
    if (held.isNegative()) return [finding('I-Q2', trade.id, `closed ${held.absolute()} more than was opened`)];
  }
  return [];
}

/** I-Q1, I-Q3, I-Q5: quantities and money of the record are those of the broker's executions. */
function totalsThatDiffer(trade: AuditTrade, moves: Move[]): Finding[] {
  const opened = Decimal.sum(moves.map((move) => move.opened));
  const closed = Decimal.sum(moves.map((move) => move.closed));
  const findings: Finding[] = [];
  if (!trade.filledQuantity.equals(opened)) {
    findings.push(finding('I-Q1', trade.id, `record says filled ${trade.filledQuantity}, the broker ${opened}`));
  }
  const open = opened.minus(closed);
  if (trade.isFinal && trade.exitReason !== 'external' && !open.isZero()) {
    findings.push(finding('I-Q3', trade.id, `${trade.status}, but ${open} are still held`));
  }
  if (trade.isFinal && open.isZero() && !trade.realizedPnl.equals(profitOf(trade, moves))) {
    findings.push(
      finding('I-Q1', trade.id, `record says ${trade.realizedPnl} realised, the broker ${profitOf(trade, moves)}`),
    );
  }
  return findings;
}

function profitOf(trade: AuditTrade, moves: Move[]): Decimal {
  const paid = Decimal.sum(moves.filter((move) => move.opened.isPositive()).map((move) => move.cost));
  const got = Decimal.sum(moves.filter((move) => move.closed.isPositive()).map((move) => move.cost));
  const gain = trade.side === 'buy' ? got.minus(paid) : paid.minus(got);
  return gain.times(contractMultiplier(trade.assetClass)).roundedTo(8, 'half_even');
}

/** I-P4: a trade that ended has no working order. */
function stillWorking(trade: AuditTrade, orders: LedgerOrder[]): Finding[] {
  if (!trade.isFinal) return [];
  return orders
    .filter((order) => ['submitted', 'working', 'partially_filled'].includes(order.status))
    .map((order) =>
      finding('I-P4', trade.id, `${trade.status}, but order ${order.orderId} (${order.type}) still works`),
    );
}

/** I-Q4: what the account holds is what its trades hold. */
function positionsThatDiffer({ ledger, trades }: AuditFacts): Finding[] {
  const keys = new Set([...ledger.positions, ...trades].map(({ account, symbol }) => `${account}\n${symbol}`));
  return [...keys].flatMap((key) => {
    const [account = '', symbol = ''] = key.split('\n');
    const here = (item: { account: string; symbol: string }) => item.account === account && item.symbol === symbol;
    const held = Decimal.sum(ledger.positions.filter(here).map((position) => decimal(position.quantity)));
    const owned = Decimal.sum(
      trades.filter(here).map((trade) => (trade.side === 'buy' ? trade.openQuantity : trade.openQuantity.negated())),
    );
    return held.equals(owned)
      ? []
      : [finding('I-Q4', key.replace('\n', ' '), `the broker holds ${held}, the trades ${owned}`)];
  });
}

function fillsOf(order: LedgerOrder) {
  return order.events.flatMap((event, sequence) => {
    const { executionId, quantity, price, at, kind } = event;
    if (kind !== 'fill' || executionId === undefined || quantity === undefined || price === undefined) return [];
    return [{ executionId, quantity: decimal(quantity), price: decimal(price), at: Date.parse(at), sequence }];
  });
}

function isOpening(trade: AuditTrade, order: LedgerOrder): boolean {
  return order.side === trade.side;
}

function finding(invariant: string, subject: string | undefined, evidence: string): Finding {
  return { invariant, subject: subject ?? 'unknown', evidence };
}
