/** Source: Market Data API v2, bars. */
import type { Candle } from '../../broker-port/candle.js';
import { assetClassOf } from '../../domain/instrument.js';
import type { AlpacaCalls } from './calls.js';
import { FEED, PATHS } from './quotes.js';
import { bars } from './schemas.js';
import { toAlpacaSymbol } from './symbols.js';

export interface CandleRange {
  /** epoch milliseconds */
  from: number;
  to: number;
  /** `1Min` to `59Min`, `1Hour` to `23Hour`, `1Day`, `1Week`, `1Month` */
  timeframe: string;
}

/** The oldest first; a bar without a trade is left out. */
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
