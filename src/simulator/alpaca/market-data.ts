/** Market data of stocks, options and crypto (docs/brokers/alpaca.md, section 9). Here, as at Alpaca, numbers are JSON numbers. */
import type { Quote } from '../../domain/market.js';
import { type Candle, candlesOf } from '../exchange/candles.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { badInput, failure } from './answers.js';
import { fromAlpacaSymbol } from './symbols.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** As documented ('1Min or 1T'), and `min` as ccxt writes it. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ Min: MINUTE_MS, T: MINUTE_MS, min: MINUTE_MS, Hour: HOUR_MS, H: HOUR_MS, Day: DAY_MS, D: DAY_MS },
  ...{ Week: 7 * DAY_MS, W: 7 * DAY_MS, Month: 30 * DAY_MS, M: 30 * DAY_MS },
};

/** The requested names with the exchange's symbols for them; unknown ones are left out. */
function known(exchange: Exchange, names: string): { name: string; symbol: string }[] {
  return names.split(',').flatMap((name) => {
    const symbol = fromAlpacaSymbol(name);
    return symbol !== undefined && exchange.market.knows(symbol) ? [{ name, symbol }] : [];
  });
}

async function byName<Value>(
  exchange: Exchange,
  names: string,
  view: (symbol: string) => Promise<Value | undefined>,
): Promise<Record<string, Value>> {
  const found: Record<string, Value> = {};
  for (const { name, symbol } of known(exchange, names)) {
    const value = await view(symbol);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

export async function latestQuotes(exchange: Exchange, names: string, call: Call) {
  return { quotes: await byName(exchange, names, async (symbol) => quoteView(await exchange.quote(symbol, call))) };
}

export async function latestTrades(exchange: Exchange, names: string, call: Call) {
  return { trades: await byName(exchange, names, async (symbol) => tradeView(await exchange.quote(symbol, call))) };
}

export async function snapshots(exchange: Exchange, names: string, call: Call) {
  return await byName(exchange, names, async (symbol) => {
    const quote = await exchange.quote(symbol, call);
    const now = exchange.now();
    const bar = async (widthMs: number, from: number) => {
      const [candle] = await candlesOf(exchange.market, symbol, { from, to: from + 1, widthMs });
      return candle ? barView(candle) : undefined;
    };
    const [minute, day] = [Math.floor(now / MINUTE_MS) * MINUTE_MS, Math.floor(now / DAY_MS) * DAY_MS];
    return {
      ...{ latestTrade: tradeView(quote), latestQuote: quoteView(quote), minuteBar: await bar(MINUTE_MS, minute) },
      ...{ dailyBar: await bar(DAY_MS, day), prevDailyBar: await bar(DAY_MS, day - DAY_MS) },
    };
  });
}

/** The limit applies to all symbols together; the token says where the next page starts. */
export async function bars(exchange: Exchange, query: Partial<Record<string, string>>): Promise<Response> {
  const { symbols = '', timeframe = '', start, end, limit = '1000', sort = 'asc', page_token: token = '0' } = query;
  const [, count = '', unit = ''] = /^(\d{1,2})([A-Za-z]+)$/.exec(timeframe) ?? [];
  const widthMs = Number(count) * (UNITS[unit] ?? 0);
  const now = exchange.now();
  const to = end === undefined ? now : Date.parse(end);
  const from = start === undefined ? Math.floor(now / DAY_MS) * DAY_MS : Date.parse(start);
  if (!(widthMs > 0) || Number.isNaN(from) || Number.isNaN(to))
    return failure(badInput('invalid timeframe, start or end'));
  const rows: { name: string; bar: ReturnType<typeof barView> }[] = [];
  for (const { name, symbol } of known(exchange, symbols)) {
    const candles = await candlesOf(exchange.market, symbol, { from, to: Math.min(to, now), widthMs });
    const sorted = sort === 'desc' ? candles.reverse() : candles;
    rows.push(...sorted.map((candle) => ({ name, bar: barView(candle) })));
  }
  const [first, size] = [Number(token), Math.min(Number(limit), 10_000)];
  const page: Record<string, ReturnType<typeof barView>[]> = {};
  for (const { name, bar } of rows.slice(first, first + size)) page[name] = [...(page[name] ?? []), bar];
  return Response.json({ bars: page, next_page_token: first + size < rows.length ? String(first + size) : null });
}

/** A price of 0 means that the side is not quoted. */
export function quoteView(quote: Quote | undefined) {
  if (quote === undefined) return undefined;
  const { bid, ask, bidSize, askSize } = quote;
  return {
    ...{ t: iso(quote.at), ax: 'V', ap: Number(ask ?? 0), as: Number(askSize ?? 100) },
    ...{ bx: 'V', bp: Number(bid ?? 0), bs: Number(bidSize ?? 100), c: ['R'], z: 'C' },
  };
}

export function tradeView(quote: Quote | undefined) {
  if (quote?.last === undefined) return undefined;
  return { t: iso(quote.at), x: 'V', p: Number(quote.last), s: 100, c: ['@'], i: quote.at, z: 'C' };
}

function barView({ at, open, high, low, close, volume }: Candle) {
  const numbers = { o: Number(open), h: Number(high), l: Number(low), c: Number(close), v: Number(volume) };
  return { t: iso(at), ...numbers, n: 5, vw: Number(close) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
