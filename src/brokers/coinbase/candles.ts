import type { Candle } from '../../broker-port/candle.js';
import type { CoinbaseCalls } from './calls.js';
import { candlePage } from './schemas.js';

/** Widths that Coinbase has, in milliseconds. */
const GRANULARITIES = {
  ONE_MINUTE: 60_000,
  FIVE_MINUTE: 300_000,
  FIFTEEN_MINUTE: 900_000,
  THIRTY_MINUTE: 1_800_000,
  ONE_HOUR: 3_600_000,
  TWO_HOUR: 7_200_000,
  SIX_HOUR: 21_600_000,
  ONE_DAY: 86_400_000,
} as const;
type Granularity = keyof typeof GRANULARITIES;

export interface CandleRange {
  granularity: Granularity;
  /** epoch milliseconds */
  from: number;
  to: number;
}

/** Coinbase answers 350 at most. */
const CANDLES_AT_ONCE = 300;

/** Oldest first; none for a product that Coinbase does not have. */
export async function readCandles(
  calls: CoinbaseCalls,
  account: string,
  symbol: string,
  range: CandleRange,
): Promise<Candle[]> {
  const found = new Map<number, Candle>();
  const windowMs = CANDLES_AT_ONCE * GRANULARITIES[range.granularity];
  for (let start = range.from; start < range.to; start += windowMs) {
    const query = {
      start: seconds(start),
      end: seconds(Math.min(start + windowMs, range.to)),
      granularity: range.granularity,
    };
    const page = await calls.get(account, `/market/products/${encodeURIComponent(symbol)}/candles`, query, candlePage);
    for (const { start: at, ...prices } of page?.candles ?? []) {
      found.set(Number(at), { at: Number(at) * 1_000, ...prices });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1_000));
}
