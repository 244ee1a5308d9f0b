/** Bars of past prices, sampled from the market: enough to draw a chart, but not a record of every trade. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Market } from './market.js';

export interface Candle {
  /** start, epoch milliseconds */
  at: number;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
}

const SAMPLES = 5;
const SAMPLE_SIZE = decimal('100');
/** More bars than any broker returns in one page. */
const MOST_CANDLES = 10_000;

/** The bars that begin in [from, to), oldest first, without those in which the market was closed. */
export async function candlesOf(
  market: Market,
  symbol: string,
  { from, to, widthMs }: { from: number; to: number; widthMs: number },
): Promise<Candle[]> {
  const candles: Candle[] = [];
  const first = Math.ceil(from / widthMs) * widthMs;
  const end = Math.min(to, first + MOST_CANDLES * widthMs);
  for (let at = first; at < end; at += widthMs) {
    const candle = await candleAt(market, symbol, at, widthMs);
    if (candle) candles.push(candle);
  }
  return candles;
}

async function candleAt(market: Market, symbol: string, at: number, widthMs: number): Promise<Candle | undefined> {
  const instants = Array.from({ length: SAMPLES }, (_, index) => at + Math.floor((widthMs * index) / SAMPLES));
  const events = await Promise.all(instants.map((instant) => market.latest(symbol, instant)));
  const prices = events.flatMap((event) => {
    const isNews = event !== undefined && (market.isOwn(symbol) || event.at >= at - 1000);
    return isNews ? (event.last ?? event.bid ?? []) : [];
  });
  const [open, close] = [prices[0], prices.at(-1)];
  if (open === undefined || close === undefined) return undefined;
  const high = prices.reduce((highest, price) => highest.max(price));
  const low = prices.reduce((lowest, price) => lowest.min(price));
  return { at, open, high, low, close, volume: SAMPLE_SIZE.times(Decimal.ofInteger(prices.length)) };
}
