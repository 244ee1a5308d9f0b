import { decimal } from '../../domain/decimal.js';
import type { Split } from '../../domain/market.js';
import type { MarketFeed } from '../../market-data/feed.js';

const TICK = decimal('0.0001');

/** The splits with what a fraction of a share is paid out at: the last price before the split, in new shares. */
export function withPrices(feed: MarketFeed, splits: readonly Split[]): Promise<Split[]> {
  return Promise.all(
    splits.map(async (split) => {
      const { last, bid } = (await feed.latest(split.symbol, split.at - 1)) ?? {};
      const before = last ?? bid;
      if (before === undefined) return split;
      const price = before.dividedBy(decimal(split.ratio)).roundedToTick(TICK, 'half_even');
      return { ...split, price: price.toString() };
    }),
  );
}
