/** From what somebody wants to spend, or to risk, to a quantity. */
import { Decimal, decimal } from '../decimal.js';
import { contractMultiplier, quantityStep } from '../instrument.js';
import { expectedExits } from './exit-prices.js';
import type { TradePlan, TradeSize } from './request.js';

const HUNDRED = Decimal.ofInteger(100);

/**
 * The most whole steps that cost, or lose at the stop, no more than was said, whether the trade enters at `entry`, where it
 * is expected to, or at its limit; zero when one step is too much already. `entry` and `equity` in dollars.
 */
export function quantityFor(size: TradeSize, trade: TradePlan, entry: Decimal, equity: Decimal): Decimal {
  const expected = quantityAt(entry, size, trade, equity);
  if (trade.limitPrice === undefined) return expected;
  return expected.min(quantityAt(decimal(trade.limitPrice), size, trade, equity));
}

function quantityAt(entry: Decimal, size: TradeSize, trade: TradePlan, equity: Decimal): Decimal {
  const ofOne = contractMultiplier(trade.assetClass);
  const budget = 'dollars' in size ? decimal(size.dollars) : equity.times(decimal(size.riskPercent)).dividedBy(HUNDRED);
  const cost = 'dollars' in size ? entry : entry.minus(expectedExits(trade, entry).stop).absolute();
  if (!budget.isPositive() || cost.isZero()) return Decimal.zero;
  const step = quantityStep(trade.assetClass);
  const steps = budget.dividedBy(cost.times(ofOne).times(step), 0, 'down');
  return steps.times(step);
}
