/** Candles and market hours, where Schwab has more to tell than the port asks for. */
import type { z } from 'zod';
import type { DecimalString } from '../../domain/decimal.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import type { marketHoursAnswer, priceHistory } from './schemas.js';
import { toSchwabSymbol } from './symbols.js';

/** `at`: epoch milliseconds of its beginning. */
export interface Candle {
  at: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  volume: DecimalString;
}

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

/** Epoch milliseconds; `end` is exclusive. */
interface Hours {
  start: number;
  end: number;
}

/** The sessions of a day; none on a day when the market is closed. */
export interface MarketDay {
  pre?: Hours;
  regular?: Hours;
  post?: Hours;
}

/** `day`: `YYYY-MM-DD`. */
export function marketHoursPath(market: 'equity' | 'option', day: string): string {
  return `/marketdata/v1/markets?${new URLSearchParams({ markets: market, date: day })}`;
}

/** The name of the product below the market differs on closed days: there is only one. @throws UnexpectedAnswer */
export function marketDayOf(market: 'equity' | 'option', answer: z.infer<typeof marketHoursAnswer>): MarketDay {
  const [product] = Object.values(answer[market] ?? {});
  if (product === undefined) throw new UnexpectedAnswer(`Schwab tells no hours of ${market}`);
  if (!product.isOpen) return {};
  const { preMarket: [pre] = [], regularMarket: [regular] = [], postMarket: [post] = [] } = product.sessionHours ?? {};
  return { ...(pre && { pre }), ...(regular && { regular }), ...(post && { post }) };
}
