import type { z } from 'zod';
import type { Candle } from '../../broker-port/candle.js';
import type { priceHistory } from './schemas.js';
import { toSchwabSymbol } from './symbols.js';

export interface CandleRange {
  /** epoch milliseconds */
  from: number;
  to: number;
  width: '1m' | '5m' | '10m' | '15m' | '30m' | '1d';
}

export function priceHistoryPath(symbol: string, { from, to, width }: CandleRange): string {
  const isDaily = width === '1d';
  const query = new URLSearchParams({
    symbol: toSchwabSymbol(symbol),
    periodType: isDaily ? 'year' : 'day',
    frequencyType: isDaily ? 'daily' : 'minute',
    frequency: String(Number.parseInt(width, 10)),
    ...{ startDate: String(from), endDate: String(to), needExtendedHoursData: 'false' },
  });
  return `/marketdata/v1/pricehistory?${query}`;
}

export function candlesOf({ candles }: z.infer<typeof priceHistory>): Candle[] {
  return candles.map(({ datetime: at, ...prices }) => ({ at, ...prices }));
}
