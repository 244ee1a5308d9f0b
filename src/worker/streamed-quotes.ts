import type { Quote } from '../domain/market.js';

/** A symbol without a streamed quote for this long is polled: with the beat of the polls, looks never find it too old. */
const QUIET_MS = 3_000;
/** Halts and last trades come by polls alone, at most so far apart. */
const POLLED_MS = 10_000;
/** A quote that was older than this when it arrived is ignored. */
const STALE_MS = 15_000;

/** The quotes that a stream has sent: whether one is new, and whether a request can be saved. */
export class StreamedQuotes {
  private readonly latest = new Map<string, { at: number; heardAt: number }>();
  private readonly polledAt = new Map<string, number>();

  /** False for a quote that comes after a newer one. */
  take({ symbol, bid, ask, at }: Quote): boolean {
    const known = this.latest.get(symbol);
    if (known && at < known.at) return false;
    const now = Date.now();
    // A quote with one side only, or a late one, does not replace polling.
    const isWhole = bid !== undefined && ask !== undefined && now - at <= STALE_MS;
    this.latest.set(symbol, { at, heardAt: isWhole ? now : Number.NEGATIVE_INFINITY });
    return true;
  }

  polled(symbols: readonly string[]): void {
    for (const symbol of symbols) this.polledAt.set(symbol, Date.now());
  }

  isFresh(symbol: string): boolean {
    const known = this.latest.get(symbol);
    const polledAt = this.polledAt.get(symbol) ?? Number.NEGATIVE_INFINITY;
    return known !== undefined && Date.now() - known.heardAt <= QUIET_MS && Date.now() - polledAt <= POLLED_MS;
  }
}
