/** The ratios in which shares are split, and how a split shows in prices and quantities. */
import { Decimal, decimal } from './decimal.js';

/** New shares for old ones, as fractions. */
const USUAL_RATIOS: readonly (readonly [number, number])[] = [
  ...[2, 3, 4, 5, 7, 10, 15, 20].flatMap((ratio) => [[ratio, 1] as const, [1, ratio] as const]),
  ...[8, 25, 30, 40, 50, 100].map((ratio) => [1, ratio] as const),
  [3, 2],
  [2, 3],
];
const LOWEST = decimal('0.97');
const HIGHEST = decimal('1.03');

/** New shares for one old share. */
export interface SplitRatio {
  numerator: Decimal;
  denominator: Decimal;
}

const RATIOS: readonly SplitRatio[] = USUAL_RATIOS.map(([numerator, denominator]) => ({
  numerator: Decimal.ofInteger(numerator),
  denominator: Decimal.ofInteger(denominator),
}));

export function ratioOf({ numerator, denominator }: SplitRatio): Decimal {
  return numerator.dividedBy(denominator);
}

export function sameRatio(one: SplitRatio, other: SplitRatio): boolean {
  return one.numerator.times(other.denominator).equals(other.numerator.times(one.denominator));
}

/** The usual ratio by which every one of the prices lies within 3 % of the price before it. */
export function ratioOfPrices(before: Decimal, prices: readonly Decimal[]): SplitRatio | undefined {
  if (prices.length === 0) return undefined;
  return RATIOS.find(({ numerator, denominator }) => {
    const expected = before.times(denominator).dividedBy(numerator);
    const [low, high] = [expected.times(LOWEST), expected.times(HIGHEST)];
    return prices.every((price) => price.atLeast(low) && price.atMost(high));
  });
}

/** Whether every price is within 25 % of what the ratio makes of the price before. */
export function isNearRatio(
  before: Decimal,
  prices: readonly Decimal[],
  { numerator, denominator }: SplitRatio,
): boolean {
  const expected = before.times(denominator).dividedBy(numerator);
  const distance = expected.times(decimal('0.25'));
  return prices.length > 0 && prices.every((price) => price.minus(expected).absolute().atMost(distance));
}

/**
 * The usual ratios that make the one quantity of shares the other, first those without a rest. In the others a fraction of a
 * share was paid out: ten shares are one after a split of one for seven, eight or ten.
 */
export function ratiosOfQuantities(before: Decimal, after: Decimal): SplitRatio[] {
  if (!before.isPositive() || !after.isPositive() || before.equals(after)) return [];
  const exact = RATIOS.filter((ratio) => inNewShares(before, ratio).equals(after));
  const withRest = RATIOS.filter((ratio) =>
    inNewShares(before, ratio).roundedToTick(Decimal.one, 'down').equals(after),
  );
  return [...new Set([...exact, ...withRest])];
}

function inNewShares(quantity: Decimal, { numerator, denominator }: SplitRatio): Decimal {
  return quantity.times(numerator).dividedBy(denominator);
}
