import { BrokerUnavailable } from '../../broker-port/broker.js';
import type { MarketClock } from '../../market-data/clock.js';
import type { MarketFeed } from '../../market-data/feed.js';

/** The feed, with prices that cannot be had turned into a broker that cannot be asked. */
export function reachableFeed(feed: MarketFeed): MarketFeed {
  return {
    id: feed.id,
    staleAfterMs: feed.staleAfterMs,
    symbols: (at) => feed.symbols(at),
    knows: (symbol) => feed.knows(symbol),
    latest: (symbol, at) => reaching(() => feed.latest(symbol, at)),
    events: (symbol, from, to) => reaching(() => feed.events(symbol, from, to)),
    splits: (symbol, from, to) => feed.splits(symbol, from, to),
    session: (assetClass, at, symbol) => feed.session(assetClass, at, symbol),
  };
}

/** The clock, with a time that cannot be read turned into a broker that cannot be asked. */
export function reachableClock(clock: MarketClock): MarketClock {
  return { now: () => reaching(() => clock.now()) };
}

async function reaching<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BrokerUnavailable(`the market cannot be read: ${message}`, { cause: error });
  }
}
