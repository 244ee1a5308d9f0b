import { Decimal, type DecimalString, decimal } from '../decimal.js';
import type { Leg } from '../ids.js';
import { quantityStep } from '../instrument.js';
import type { Execution } from '../order.js';
import type { TradeSide } from './request.js';

/** A fill of one of the trade's orders. */
export interface Fill extends Execution {
  leg: Leg;
  clientOrderId: string;
}

/**
 * Shares that left the trade without an order of ours. That is concluded from a position, while fills are facts: what our
 * own orders turn out to have closed after all has not left in another way, and is not counted twice.
 */
interface ExternalChange {
  /** positive: taken out of the open quantity */
  quantity: DecimalString;
  at: number;
  /** what was paid for each: a fraction of a share after a split */
  price?: DecimalString;
}

/** The facts of a trade's quantity and money. Everything else is computed from them. A ledger is replaced, never changed. */
export interface TradeLedger {
  readonly fills: readonly Fill[];
  /** `price`: at which fractions of a new share are paid out */
  readonly splits: readonly { ratio: DecimalString; at: number; price?: DecimalString }[];
  readonly external: readonly ExternalChange[];
}

/** Quantities in today's shares (after splits); money in dollars. */
export interface LedgerTotals {
  /** as the broker's orders say: a part of it may have been taken as a fee */
  entered: Decimal;
  exited: Decimal;
  open: Decimal;
  averageEntry: Decimal | undefined;
  averageExit: Decimal | undefined;
  /** of the part that was closed by executions or paid out after a split, fees not deducted */
  realizedPnl: Decimal;
  fees: Decimal;
}

export function emptyLedger(): TradeLedger {
  return { fills: [], splits: [], external: [] };
}

/** Adds the fills not known yet. A fill is a fact: it is identified by its execution id and never removed or changed. */
export function withFills(ledger: TradeLedger, fills: readonly Fill[]): TradeLedger {
  const known = new Set(ledger.fills.map((fill) => fill.executionId));
  const fresh = fills.filter((fill) => !known.has(fill.executionId) && known.add(fill.executionId));
  return fresh.length === 0 ? ledger : { ...ledger, fills: [...ledger.fills, ...fresh] };
}

/** Adds a split not known yet; one instant has one split. */
export function withSplit(ledger: TradeLedger, split: TradeLedger['splits'][number]): TradeLedger {
  if (ledger.splits.some((known) => known.at === split.at)) return ledger;
  return { ...ledger, splits: [...ledger.splits, split] };
}

export function withExternal(ledger: TradeLedger, change: ExternalChange): TradeLedger {
  return { ...ledger, external: [...ledger.external, change] };
}

/**
 * Independent of the order in which the facts arrived. `multiplier` is the contract's; `feeInKind` the share of a purchase that
 * the broker takes out of what was bought: so much less is open from the beginning.
 */
export function totalsOf(
  ledger: TradeLedger,
  side: TradeSide,
  multiplier: Decimal,
  feeInKind?: DecimalString,
): LedgerTotals {
  const entry = sumFills(ledger, 'entry');
  const received = entry.quantity.minus(takenInKind(ledger, feeInKind));
  const stop = sumFills(ledger, 'stop');
  const exit = sumFills(ledger, 'exit');
  const exited = stop.quantity.plus(exit.quantity);
  const proceeds = stop.cost.plus(exit.cost);
  const unsold = received.minus(exited);
  const external = Decimal.sum(ledger.external.map((change) => sinceSplits(ledger, change.quantity, change.at)));
  const taken = external.min(unsold).max(Decimal.zero);
  const paid = paidOut(ledger);
  const closed = { quantity: exited.plus(paid.quantity), cost: proceeds.plus(paid.cost) };
  return {
    entered: entry.quantity,
    exited,
    open: unsold.minus(taken),
    averageEntry: average(entry.cost, entry.quantity),
    averageExit: average(proceeds, exited),
    realizedPnl: realized({ ...entry, quantity: received }, closed, side).times(multiplier),
    fees: Decimal.sum(ledger.fills.map((fill) => decimal(fill.fee))),
  };
}

/** Of each purchase, in whole steps of a coin: what is held is a whole number of them too. */
function takenInKind({ fills }: TradeLedger, share: DecimalString | undefined): Decimal {
  if (share === undefined) return Decimal.zero;
  const bought = fills.filter(({ leg }) => leg === 'entry').map(({ quantity }) => decimal(quantity));
  return Decimal.sum(
    bought.map((quantity) => quantity.times(decimal(share)).roundedToTick(quantityStep('crypto'), 'up')),
  );
}

interface FillSum {
  quantity: Decimal;
  cost: Decimal;
}

function sumFills(ledger: TradeLedger, leg: Leg): FillSum {
  let quantity = Decimal.zero;
  let cost = Decimal.zero;
  for (const fill of ledger.fills) {
    if (fill.leg !== leg) continue;
    quantity = quantity.plus(sinceSplits(ledger, fill.quantity, fill.at));
    cost = cost.plus(decimal(fill.quantity).times(decimal(fill.price)));
  }
  return { quantity, cost };
}

/** Fractions of shares that were paid out after a split. */
function paidOut(ledger: TradeLedger): FillSum {
  const priced = ledger.external.flatMap(({ quantity, price, at }) =>
    price === undefined ? [] : [{ quantity, price, at }],
  );
  return {
    quantity: Decimal.sum(priced.map(({ quantity, at }) => sinceSplits(ledger, quantity, at))),
    cost: Decimal.sum(priced.map(({ quantity, price }) => decimal(quantity).times(decimal(price)))),
  };
}

/** A ratio such as a third is no finite decimal. */
const FINEST = decimal('0.000000001');

/** A quantity of then, in today's shares. */
function sinceSplits({ splits }: TradeLedger, quantity: DecimalString, at: number): Decimal {
  return inTodaysShares(splits, quantity, at);
}

export function inTodaysShares(
  splits: readonly { ratio: string; at: number }[],
  quantity: DecimalString,
  at: number,
): Decimal {
  return splits
    .filter((split) => at < split.at)
    .reduce(
      (adjusted, split) => adjusted.times(decimal(split.ratio)).roundedToTick(FINEST, 'half_even'),
      decimal(quantity),
    );
}

function average(cost: Decimal, quantity: Decimal): Decimal | undefined {
  return quantity.isZero() ? undefined : cost.dividedBy(quantity);
}

function realized(entry: FillSum, exit: FillSum, side: TradeSide): Decimal {
  // A fill of the entry may be reported after one of the exit: what that cost is not known yet.
  if (exit.quantity.isZero() || entry.quantity.isZero()) return Decimal.zero;
  const closedCost = entry.quantity.equals(exit.quantity)
    ? entry.cost
    : entry.cost.times(exit.quantity).dividedBy(entry.quantity);
  return side === 'buy' ? exit.cost.minus(closedCost) : closedCost.minus(exit.cost);
}
