import type { AssetClass } from '../domain/instrument.js';
import type { MarketSession, Split } from '../domain/market.js';
import type { MarketEvent, PriceEvent } from '../matching/event.js';

/**
 * The port every source of prices stands behind. All times are market time in epoch milliseconds. A feed answers the same
 * for the same times, whoever asks and how often, so that accounts can be brought up to date at any later moment.
 */
export interface MarketFeed {
  /** names the market: an account that was matched against another one begins here anew */
  readonly id: string;
  /** quotes older than this are stale */
  readonly staleAfterMs: number;
  /** the symbols offered, for lists; a feed may know more */
  symbols(at: number): readonly string[];
  knows(symbol: string): boolean;
  /** the latest prices at or before `at` */
  latest(symbol: string, at: number): Promise<PriceEvent | undefined>;
  /** everything in (from, to], in order; a split comes before the prices of its instant */
  events(symbol: string, from: number, to: number): Promise<readonly MarketEvent[]>;
  /** splits in (from, to] */
  splits(symbol: string, from: number, to: number): readonly Split[];
  session(assetClass: AssetClass, at: number): MarketSession;
}
