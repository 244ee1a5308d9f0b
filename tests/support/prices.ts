/** Prices of one trading day, 2013-10-08, with one row per minute from the open on. */
import type { PricePaths, PriceRow } from './market-files.js';

export type Prices = Omit<PriceRow, 'minute'>;

const OPEN = Date.UTC(2013, 9, 8, 13, 30);
/** The market is open as long as there are rows: ten minutes before the close. */
const LAST_MINUTE = 380;

/** The minute of a row, by its place in the day: what `goTo` takes. */
export function minute(index: number): string {
  return new Date(OPEN + index * 60_000).toISOString().slice(0, 16);
}

/** Bid, ask and last trade of the same price; `more` changes some of it. */
export function at(price: string, more: Prices = {}): Prices {
  return { bid: price, ask: price, last: price, ...more };
}

/** A quote of this price in a minute without trades below `lowest`: a stop between the two is not triggered. */
export function quotedBelow(price: string, lowest: string): Prices {
  return { bid: price, ask: price, last: lowest };
}

/** A row for each of `prices`, and one long after so that the market stays open; market time begins at the first. */
export function day(prices: readonly Prices[]): PriceRow[] {
  const rows = prices.map((row, index) => ({ minute: minute(index), ...row }));
  const last = prices.at(-1) ?? {};
  return [...rows, { minute: minute(LAST_MINUTE), ...last }];
}

/** The same for rows that lie apart, by their minute of the day. */
export function sparseDay(prices: Record<number, Prices>): PriceRow[] {
  return Object.entries(prices).map(([index, row]) => ({ minute: minute(Number(index)), ...row }));
}

/** A day of AAPL. */
export function aapl(...prices: Prices[]): PricePaths {
  return { 'equity/AAPL': day(prices) };
}
