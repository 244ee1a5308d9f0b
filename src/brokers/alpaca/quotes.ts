/** Source: Market Data API v2, snapshots. */
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { batchesOf, quoted } from '../../wire/quotes.js';
import type { AlpacaCalls } from './calls.js';
import { type Snapshot, stockSnapshots, wrappedSnapshots } from './schemas.js';
import { toAlpacaSymbol } from './symbols.js';

export const PATHS: Readonly<Record<AssetClass, string>> = {
  equity: '/v2/stocks',
  option: '/v1beta1/options',
  crypto: '/v1beta3/crypto/us',
};
/** What every account may read without a further subscription. */
export const FEED: Readonly<Partial<Record<AssetClass, { feed: string }>>> = {
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
    return batchesOf(own, SYMBOLS_PER_CALL).map((part) => ({ assetClass, part }));
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
  return {
    symbol,
    ...quoted('bid', quote?.bp, quote?.bs),
    ...quoted('ask', quote?.ap, quote?.as),
    ...quoted('last', trade?.p),
    at,
  };
}
