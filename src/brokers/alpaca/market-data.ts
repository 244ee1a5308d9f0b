/** Quotes and candles. Source: Market Data API v2, its snapshots and bars. */
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { AlpacaCalls } from './calls.js';
import { bars, type Snapshot, stockSnapshots, wrappedSnapshots } from './schemas.js';
import { toAlpacaSymbol } from './symbols.js';

export interface CandleRange {
  /** epoch milliseconds */
  from: number;
  to: number;
  /** `1Min` to `59Min`, `1Hour` to `23Hour`, `1Day`, `1Week`, `1Month` */
  timeframe: string;
}

export interface Candle {
  /** when it begins, epoch milliseconds */
  at: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  volume: DecimalString;
}

const PATHS: Readonly<Record<AssetClass, string>> = {
  equity: '/v2/stocks',
  option: '/v1beta1/options',
  crypto: '/v1beta3/crypto/us',
};
/** What every account may read without a further subscription. */
const FEED: Readonly<Partial<Record<AssetClass, { feed: string }>>> = {
  equity: { feed: 'iex' },
  option: { feed: 'indicative' },
};
/** Alpaca names no limit; the address stays far below 8 kB. */
const SYMBOLS_PER_CALL = 200;

/** One call for each class of assets; a symbol that Alpaca does not know is left out. */
export async function readQuotes(calls: AlpacaCalls, account: string, symbols: readonly string[]): Promise<Quote[]> {
  const classes: AssetClass[] = ['equity', 'option', 'crypto'];
  const batches = classes.flatMap((assetClass) => {
    const own = symbols.filter((symbol) => assetClassOf(symbol) === assetClass);
    return inParts(own).map((part) => ({ assetClass, part }));
  });
  const quotes = await Promise.all(batches.map((batch) => batchOfQuotes(calls, account, batch)));
  return quotes.flat();
}

async function batchOfQuotes(
  calls: AlpacaCalls,
  account: string,
  { assetClass, part }: { assetClass: AssetClass; part: readonly string[] },
): Promise<Quote[]> {
  const parameters = { symbols: part.map(toAlpacaSymbol).join(','), ...FEED[assetClass] };
  const query = { path: `${PATHS[assetClass]}/snapshots`, parameters, isData: true };
  const found =
    assetClass === 'equity'
      ? await calls.get(account, query, stockSnapshots)
      : (await calls.get(account, query, wrappedSnapshots)).snapshots;
  return part.flatMap((symbol) => quoteOf(symbol, found[toAlpacaSymbol(symbol)]) ?? []);
}

/** The time is that of the quote, or of the last trade where nothing is quoted. */
export function quoteOf(symbol: string, shown: Snapshot | undefined): Quote | undefined {
  const { latestQuote: quote, latestTrade: trade } = shown ?? {};
  const at = quote?.t ?? trade?.t;
  if (at === undefined) return undefined;
  const isQuoted = (price: DecimalString) => decimal(price).isPositive();
  return {
    symbol,
    ...(quote && isQuoted(quote.bp) && { bid: quote.bp, bidSize: quote.bs }),
    ...(quote && isQuoted(quote.ap) && { ask: quote.ap, askSize: quote.as }),
    ...(trade && isQuoted(trade.p) && { last: trade.p }),
    at,
  };
}

/** Candles, the oldest first; a bar without a trade is left out. */
export async function readCandles(
  calls: AlpacaCalls,
  account: string,
  symbol: string,
  { from, to, timeframe }: CandleRange,
): Promise<Candle[]> {
  const assetClass = assetClassOf(symbol) ?? 'equity';
  const name = toAlpacaSymbol(symbol);
  const candles: Candle[] = [];
  let token: string | undefined;
  do {
    const parameters = {
      ...{ symbols: name, timeframe, limit: '10000', sort: 'asc' },
      ...{ start: new Date(from).toISOString(), end: new Date(to).toISOString() },
      ...(assetClass === 'equity' && { adjustment: 'raw', ...FEED.equity }),
      ...(token !== undefined && { page_token: token }),
    };
    const page = await calls.get(account, { path: `${PATHS[assetClass]}/bars`, parameters, isData: true }, bars);
    const rows = page.bars?.[name] ?? [];
    candles.push(...rows.map(({ t, o, h, l, c, v }) => ({ at: t, open: o, high: h, low: l, close: c, volume: v })));
    token = page.next_page_token ?? undefined;
  } while (token !== undefined);
  return candles;
}

function inParts(symbols: readonly string[]): string[][] {
  const count = Math.ceil(symbols.length / SYMBOLS_PER_CALL);
  return Array.from({ length: count }, (_, part) =>
    symbols.slice(part * SYMBOLS_PER_CALL, (part + 1) * SYMBOLS_PER_CALL),
  );
}
