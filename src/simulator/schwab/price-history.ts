/** Schwab's candles: their query and their form (docs/brokers/schwab.md, section 8.2). */
import { newYorkMidnight, tradingDay } from '../../domain/calendar.js';
import type { Candle } from '../exchange/candles.js';
import { wire } from './order-views.js';

export interface PriceHistoryQuery {
  from: number;
  to: number;
  widthMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** The frequencies that each period type allows; the first is the default. */
const PERIODS: Readonly<
  Record<string, { periods: readonly number[]; frequencyTypes: readonly string[]; days: number }>
> = {
  day: { periods: [1, 2, 3, 4, 5, 10], frequencyTypes: ['minute'], days: 1 },
  month: { periods: [1, 2, 3, 6], frequencyTypes: ['daily', 'weekly'], days: 30 },
  year: { periods: [1, 2, 3, 5, 10, 15, 20], frequencyTypes: ['daily', 'weekly', 'monthly'], days: 365 },
  ytd: { periods: [1], frequencyTypes: ['daily', 'weekly'], days: 365 },
};

const FREQUENCIES: Readonly<Record<string, { frequencies: readonly number[]; unitMs: number }>> = {
  minute: { frequencies: [1, 5, 10, 15, 30], unitMs: MINUTE_MS },
  daily: { frequencies: [1], unitMs: DAY_MS },
  weekly: { frequencies: [1], unitMs: 7 * DAY_MS },
  monthly: { frequencies: [1], unitMs: 30 * DAY_MS },
};

/** Without dates, the period ends now. */
export function readPriceHistoryQuery(query: URLSearchParams, now: number): PriceHistoryQuery | { problem: string } {
  const type = PERIODS[query.get('periodType') ?? 'day'];
  if (!type) return { problem: 'periodType is not valid' };
  const frequencyType = query.get('frequencyType') ?? type.frequencyTypes[0] ?? 'minute';
  const unit = FREQUENCIES[frequencyType];
  if (!unit || !type.frequencyTypes.includes(frequencyType)) return { problem: 'frequencyType is not valid' };
  const period = Number(query.get('period') ?? type.periods[0]);
  const frequency = Number(query.get('frequency') ?? 1);
  if (!type.periods.includes(period)) return { problem: 'period is not valid' };
  if (!unit.frequencies.includes(frequency)) return { problem: 'frequency is not valid' };
  const to = Number(query.get('endDate') ?? now);
  const from = Number(query.get('startDate') ?? startOf(to, period * type.days));
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return { problem: 'dates are epoch milliseconds' };
  return { from, to, widthMs: frequency * unit.unitMs };
}

/** The start of the given number of days, the current one included. */
function startOf(to: number, days: number): number {
  return newYorkMidnight(tradingDay('equity', to - (days - 1) * DAY_MS));
}

export function priceHistory(symbol: string, candles: readonly Candle[]): object {
  const shown = candles.map(({ at, open, high, low, close, volume }) => ({
    ...{ open: wire(open), high: wire(high), low: wire(low), close: wire(close), volume: wire(volume), datetime: at },
  }));
  return { candles: shown, symbol, empty: shown.length === 0 };
}
