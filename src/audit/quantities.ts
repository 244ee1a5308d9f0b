/** What a trade holds and what it earned, from the broker's executions alone. */
import { Decimal, decimal } from '../domain/decimal.js';
import { contractMultiplier } from '../domain/instrument.js';
import { inTodaysShares } from '../domain/trade/ledger.js';
import type { AttributedFacts, AttributedOrder } from './attribution.js';
import { type AuditTrade, type Finding, finding } from './facts.js';
import { fillsOf, isSameMoney } from './ledger.js';

/** A fill in today's shares. */
export interface Move {
  /** epoch milliseconds, the broker's clock */
  at: number;
  /** what the account received: less than was filled where a fee is taken out of it */
  opened: Decimal;
  closed: Decimal;
  filled: Decimal;
  cost: Decimal;
}

/** All fills of a trade in the order of the broker's clock. */
export function movesOf(
  trade: AuditTrade,
  orders: readonly AttributedOrder[],
  { splits }: Pick<AttributedFacts, 'splits'>,
): Move[] {
  const fills = orders.flatMap(({ order }) =>
    fillsOf(order).map((fill) => ({ ...fill, opens: order.side === trade.side })),
  );
  fills.sort((one, other) => one.at - other.at || one.sequence - other.sequence);
  return fills.map((fill) => {
    const own = splits.filter((split) => split.symbol === trade.symbol);
    const filled = inTodaysShares(own, fill.quantity.toString(), fill.at);
    const [opened, closed] = fill.opens ? [filled.minus(fill.feeInKind), Decimal.zero] : [Decimal.zero, filled];
    return { at: fill.at, opened, closed, filled, cost: fill.quantity.times(fill.price) };
  });
}

/** I-Q2: at every moment sold ≤ bought (mirrored for shorts). */
export function oversold(trade: AuditTrade, moves: readonly Move[]): Finding[] {
  let held = Decimal.zero;
  for (const { opened, closed } of moves) {
    held = held.plus(opened).minus(closed);
    if (held.isNegative()) return [finding('I-Q2', trade.id, `closed ${held.absolute()} more than was opened`)];
  }
  return [];
}

/** I-Q1, I-Q3, I-E5: quantities and money of the record are those of the broker's executions. */
export function totalsThatDiffer(trade: AuditTrade, moves: readonly Move[]): Finding[] {
  const opening = moves.filter(({ closed }) => closed.isZero());
  const filled = Decimal.sum(opening.map((move) => move.filled));
  const gone = [...moves.map((move) => move.closed), ...trade.paidOut.map(({ quantity }) => quantity)];
  const open = Decimal.sum(opening.map((move) => move.opened)).minus(Decimal.sum(gone));
  const findings: Finding[] = [];
  if (!trade.filledQuantity.equals(filled)) {
    findings.push(finding('I-Q1', trade.id, `record says filled ${trade.filledQuantity}, the broker ${filled}`));
  }
  if (trade.exitReason !== 'external' && trade.isFinal && !open.isZero()) {
    findings.push(finding('I-Q3', trade.id, `${trade.status}, but ${open} are still held`));
  }
  if (trade.status === 'needs_attention' && !trade.openQuantity.equals(open)) {
    findings.push(finding('I-Q3', trade.id, `record says ${trade.openQuantity} open, the broker ${open}`));
  }
  const profit = profitOf(trade, moves);
  if (trade.isFinal && open.isZero() && !isSameMoney(trade.realizedPnl, profit)) {
    findings.push(finding('I-E5', trade.id, `record says ${trade.realizedPnl} realised, the broker ${profit}`));
  }
  return findings;
}

function profitOf(trade: AuditTrade, moves: readonly Move[]): Decimal {
  const paid = Decimal.sum(moves.filter((move) => move.opened.isPositive()).map((move) => move.cost));
  const sales = moves.filter((move) => move.closed.isPositive()).map((move) => move.cost);
  const got = Decimal.sum([...sales, ...trade.paidOut.map(({ quantity, price }) => quantity.times(price))]);
  const gain = trade.side === 'buy' ? got.minus(paid) : paid.minus(got);
  return gain.times(contractMultiplier(trade.assetClass)).roundedTo(8, 'half_even');
}

/** I-Q4: what the account holds is what its trades hold. */
export function positionsThatDiffer({ ledger, trades }: AttributedFacts): Finding[] {
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
