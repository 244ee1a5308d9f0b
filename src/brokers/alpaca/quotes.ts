/** Source: Market Data API v2, snapshots. */
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { batchesOf, quoted } from '../../wire/quotes.js';
import type { AlpacaCalls } from './calls.js';
import { type Snapshot, snapshot, stockSnapshots, wrappedSnapshots } from './schemas.js';
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
      : ((await calls.get(account, query, wrappedSnapshots)).snapshots ?? {});
  return quotesIn(found, part);
}

/** What cannot be read of one symbol hides no other. @throws UnexpectedAnswer when nothing can be read */
function quotesIn(found: Record<string, unknown>, symbols: readonly string[]): Quote[] {
  const shown = symbols.flatMap((symbol) => {
    const entry = found[toAlpacaSymbol(symbol)] ?? undefined;
    return entry === undefined ? [] : [{ symbol, read: snapshot.safeParse(entry) }];
  });
  if (shown.length > 0 && !shown.some(({ read }) => read.success)) {
    throw new UnexpectedAnswer("Alpaca's snapshots are not as documented");
  }
  return shown.flatMap(({ symbol, read }) => quoteOf(symbol, read.data) ?? []);
}

/** The time is that of the quote, or of the last trade where nothing is quoted. A quote of no time is none. */
export function quoteOf(symbol: string, shown: Snapshot | undefined): Quote | undefined {
  const { latestQuote, latestTrade: trade } = shown ?? {};
  const quote = latestQuote?.t == null ? undefined : latestQuote;
  const at = quote?.t ?? trade?.t;
  if (at === undefined) return undefined;
  return {
    symbol,
    ...quoted('bid', quote?.bp ?? undefined, quote?.bs ?? undefined),
    ...quoted('ask', quote?.ap ?? undefined, quote?.as ?? undefined),
    ...quoted('last', trade?.p ?? undefined),
    ...(trade?.p != null && trade.t != null && { lastAt: trade.t }),
    at,
  };
}
