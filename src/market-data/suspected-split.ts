/** Recognises an unannounced split by the jump between one day's last trade and the next day's open. */
import { Decimal, decimal } from '../domain/decimal.js';
import type { RecordedRow } from './replay-row.js';

/** Old shares per new ones, as fractions. */
const USUAL_RATIOS: readonly (readonly [number, number])[] = [
  ...[2, 3, 4, 5, 7, 10, 15, 20].flatMap((ratio) => [[ratio, 1] as const, [1, ratio] as const]),
  [3, 2],
  [2, 3],
];
const LOWEST = decimal('0.97');
const HIGHEST = decimal('1.03');

/** Whether every price of a row is within 3 % of the price before it divided by a usual split ratio. */
export function looksLikeSplit(row: RecordedRow, before: Decimal): boolean {
  const prices = [row.close, row.bid, row.ask].filter((price) => price !== undefined);
  if (prices.length === 0) return false;
  return USUAL_RATIOS.some(([numerator, denominator]) => {
    const expected = before.times(Decimal.ofInteger(denominator)).dividedBy(Decimal.ofInteger(numerator));
    const [low, high] = [expected.times(LOWEST), expected.times(HIGHEST)];
    return prices.every((price) => price.atLeast(low) && price.atMost(high));
  });
}
