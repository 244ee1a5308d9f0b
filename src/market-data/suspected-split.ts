/** Recognises an unannounced split by the jump between one day's last trade and the next day's open. */
import type { Decimal } from '../domain/decimal.js';
import { ratioOfPrices } from '../domain/split-ratios.js';
import type { RecordedRow } from './replay-row.js';

/** Whether every price of a row is within 3 % of the price before it divided by a usual split ratio. */
export function looksLikeSplit(row: RecordedRow, before: Decimal): boolean {
  const prices = [row.close, row.bid, row.ask].filter((price) => price !== undefined);
  return ratioOfPrices(before, prices) !== undefined;
}
