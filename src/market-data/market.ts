import type { Pool } from 'pg';
import { type MarketClock, StoredClock, wallClock } from './clock.js';
import { CoinbaseFeed } from './coinbase-feed.js';
import type { MarketFeed } from './feed.js';
import { ReplayFeed } from './replay-feed.js';
import { SyntheticFeed } from './synthetic-feed.js';

/** `MARKET_DATA`, parsed. `speed` is market seconds per second; with 0, time stands still until it is moved manually. */
export type MarketSource =
  | { kind: 'synthetic' }
  | { kind: 'replay'; directory: string; speed: number }
  | { kind: 'coinbase' };

/** A source of prices, and its clock. */
export interface Market {
  feed: MarketFeed;
  clock: MarketClock;
}

/** A market whose time is stored and can be moved manually. */
export interface ReplayMarket extends Market {
  feed: ReplayFeed;
  clock: StoredClock;
}

/** Opens the market that `MARKET_DATA` names. @throws Error when a replay's folder holds no market data. */
export async function createMarket(source: MarketSource, pool: Pool): Promise<Market> {
  if (source.kind === 'replay') return openReplay(source, pool);
  const feed = source.kind === 'coinbase' ? new CoinbaseFeed() : new SyntheticFeed();
  return { feed, clock: wallClock };
}

/** Opens a replay; its time starts at the folder's earliest row unless it has been started before. */
export async function openReplay(
  { directory, speed }: { directory: string; speed: number },
  pool: Pool,
): Promise<ReplayMarket> {
  const feed = await ReplayFeed.open(directory);
  const clock = await StoredClock.open(pool, { id: feed.id, startsAt: feed.startsAt, speed });
  return { feed, clock };
}
