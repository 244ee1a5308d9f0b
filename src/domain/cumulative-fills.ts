import { Decimal, decimal } from './decimal.js';
import type { Execution } from './order.js';

/**
 * The execution by which a broker's running total goes beyond the fills that are known of the order, or undefined when
 * everything is known. Its price makes the total cost come out: with it the fills average at what the broker says.
 *
 * The total alone does not say what was counted before, so only whoever keeps the fills can ask, and of one order only one
 * at a time.
 */
export function executionBeyond(known: readonly Execution[], total: Execution): Execution | undefined {
  const counted = Decimal.sum(known.map((fill) => decimal(fill.quantity)));
  const quantity = decimal(total.quantity).minus(counted);
  if (!quantity.isPositive()) return undefined;
  const cost = costOf([total]).minus(costOf(known));
  // An average that is behind its quantity must not make a price out of nothing.
  const price = cost.isPositive() ? cost.dividedBy(quantity).toString() : total.price;
  const fee = decimal(total.fee).minus(Decimal.sum(known.map((fill) => decimal(fill.fee))));
  return { ...total, quantity: quantity.toString(), price, fee: fee.max(Decimal.zero).toString() };
}

function costOf(fills: readonly Execution[]): Decimal {
  return Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price))));
}
