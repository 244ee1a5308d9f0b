import type { AssetClass } from '../domain/instrument.js';
import type { MarketSession, Split } from '../domain/market.js';
import type { MarketEvent, PriceEvent } from '../matching/event.js';

/**
 * The interface of every source of prices. All times are market time in epoch milliseconds. A feed answers the same
 * for the same times, whoever asks and however often, so that accounts can be brought up to date at any later time.
 */
export interface MarketFeed {
  /** names the market: matching of an account that was last matched against another market starts afresh */
  readonly id: string;
  /** quotes older than this are stale */
  readonly staleAfterMs: number;
  /** the symbols to list; a feed may know more */
  symbols(at: number): readonly string[];
  knows(symbol: string): boolean;
  /** the latest prices at or before `at` */
  latest(symbol: string, at: number): Promise<PriceEvent | undefined>;
  /** everything in (from, to], in order; a split comes before the prices of its instant */
  events(symbol: string, from: number, to: number): Promise<readonly MarketEvent[]>;
  /** splits in (from, to] */
  splits(symbol: string, from: number, to: number): readonly Split[];
  /** with a symbol, the session of that contract */
  session(assetClass: AssetClass, at: number, symbol?: string): MarketSession;
}
