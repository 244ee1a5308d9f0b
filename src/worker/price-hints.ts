import { type DecimalString, decimal } from '../domain/decimal.js';
import type { TradeId } from '../domain/ids.js';
import type { Quote } from '../domain/market.js';
import type { WatchedLevels } from '../storage/watched-levels.js';

export type Hint = (tradeId: TradeId, event: 'brokerEvent' | 'priceEvent') => Promise<void>;

/** A trade gets a hint about the same crossed level at most this often; it looks by itself every minute. */
const REPEAT_MS = 5_000;

/** Wakes the trades whose entry, stop or target a quote has crossed. Only hints: one that is lost costs time, never money. */
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

function isCrossed(levels: WatchedLevels, quotes: readonly Quote[]): boolean {
  const quote = quotes.find(({ symbol }) => symbol === levels.symbol);
  return quote !== undefined && (mayEnter(levels, quote) || mustExit(levels, quote));
}

/** The entry rests at a limit that the market has reached: it may have filled, and nothing protects it yet. */
function mayEnter({ side, limitPrice, remainingQuantity }: WatchedLevels, { bid, ask }: Quote): boolean {
  if (limitPrice === null || decimal(remainingQuantity).isZero()) return false;
  return side === 'buy' ? isAtMost(ask, limitPrice) : isAtMost(limitPrice, bid);
}

function mustExit({ side, openQuantity, stopPrice, takeProfitPrice }: WatchedLevels, { bid, ask }: Quote): boolean {
  if (decimal(openQuantity).isZero()) return false;
  return side === 'buy'
    ? isAtMost(bid, stopPrice) || isAtMost(takeProfitPrice, bid)
    : isAtMost(stopPrice, ask) || isAtMost(ask, takeProfitPrice);
}

/** False when one of them is not known. */
function isAtMost(price?: DecimalString | null, bound?: DecimalString | null): boolean {
  return price != null && bound != null && decimal(price).atMost(decimal(bound));
}
