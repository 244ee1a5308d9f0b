import type { Decimal } from '../../domain/decimal.js';
import type { MarketFeed } from '../../market-data/feed.js';
import type { BookPosition } from '../../matching/book.js';
import { notional } from '../../matching/funds.js';

/** What a position would bring now: longs at the bid, shorts at the ask, else the last trade, else what was paid. */
export async function marketValue(position: BookPosition, feed: MarketFeed, now: number): Promise<Decimal> {
  const prices = await feed.latest(position.symbol, now);
  const side = position.quantity.isNegative() ? prices?.ask : prices?.bid;
  return notional(position, position.quantity, side ?? prices?.last ?? position.averagePrice);
}
