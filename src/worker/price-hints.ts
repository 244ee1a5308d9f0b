import { decimal } from '../domain/decimal.js';
import type { TradeId } from '../domain/ids.js';
import type { Quote } from '../domain/market.js';
import type { WatchedLevels } from '../storage/watched-levels.js';

export type Hint = (tradeId: TradeId, event: 'brokerEvent' | 'priceEvent') => Promise<void>;

/** A trade gets a hint about the same crossed level at most this often; it looks by itself every minute. */
const REPEAT_MS = 5_000;

/** Wakes the trades whose stop or target a quote has crossed. Only hints: one that is lost costs time, never money. */
export class PriceHints {
  private readonly hinted = new Map<TradeId, number>();

  constructor(private readonly hint: Hint) {}

  async give(watched: readonly WatchedLevels[], quotes: readonly Quote[]): Promise<void> {
    const now = Date.now();
    for (const [id, at] of this.hinted) if (now - at >= REPEAT_MS) this.hinted.delete(id);
    const crossed = watched.filter((levels) => !this.hinted.has(levels.id) && isCrossed(levels, quotes));
    for (const { id } of crossed) this.hinted.set(id, now);
    await Promise.all(crossed.map(({ id }) => this.hint(id, 'priceEvent')));
  }
}

function isCrossed({ symbol, side, stopPrice, takeProfitPrice }: WatchedLevels, quotes: readonly Quote[]): boolean {
  const quote = quotes.find((candidate) => candidate.symbol === symbol);
  const text = side === 'buy' ? quote?.bid : quote?.ask;
  if (text === undefined) return false;
  const price = decimal(text);
  const [floor, ceiling] = side === 'buy' ? [stopPrice, takeProfitPrice] : [takeProfitPrice, stopPrice];
  return (floor !== null && price.atMost(decimal(floor))) || (ceiling !== null && price.atLeast(decimal(ceiling)));
}
