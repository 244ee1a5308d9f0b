import type { Quote } from '../domain/market.js';

/** Wall time, epoch milliseconds: when the broker was asked, or when its stream sent the quote. */
export interface Heard {
  /** absent when the broker was asked and showed none */
  quote?: Quote;
  heardAt: number;
}

interface Entry {
  answered?: Heard;
  streamed?: Required<Heard>;
}

/** What was heard so long before the other says nothing about which of both is right. */
const APART_MS = 15_000;
/** A quote that was older than this when a stream sent it is ignored. */
const LATE_MS = 15_000;
/** More than this are only kept as long as they are of use. */
const MOST_ENTRIES = 1_000;

/** The quotes that one process has heard, of calls and of streams. */
export class KnownQuotes {
  private readonly entries = new Map<string, Entry>();

  /** `now`: the market's time. */
  constructor(private readonly now: () => number) {}

  /** What was heard at most `ageMs` ago. */
  recent(market: string, symbol: string, ageMs: number): Heard | undefined {
    const heard = latestOf(this.entries.get(keyOf(market, symbol)));
    return heard && Date.now() - heard.heardAt <= ageMs ? heard : undefined;
  }

  /** The answer of a call, or what another process has heard; returns what is the latest then. */
  answer(market: string, symbol: string, answered: Heard): Heard {
    const entry = this.entry(market, symbol);
    if (isNewer(answered, entry.answered)) entry.answered = answered;
    return latestOf(entry) ?? answered;
  }

  /** A quote of a stream; returns what it makes of the latest, undefined when it changes nothing. */
  hear(market: string, quote: Quote): Heard | undefined {
    if (quote.bid === undefined || quote.ask === undefined || this.now() - quote.at > LATE_MS) return undefined;
    const entry = this.entry(market, quote.symbol);
    const streamed = { quote, heardAt: Date.now() };
    if (!isNewer(streamed, entry.streamed)) return undefined;
    entry.streamed = streamed;
    const latest = latestOf(entry);
    return latest === entry.answered ? undefined : latest;
  }

  private entry(market: string, symbol: string): Entry {
    const key = keyOf(market, symbol);
    const known = this.entries.get(key);
    if (known) return known;
    if (this.entries.size >= MOST_ENTRIES) this.forgetOld();
    const entry = {};
    this.entries.set(key, entry);
    return entry;
  }

  private forgetOld(): void {
    const since = Date.now() - APART_MS;
    for (const [key, entry] of this.entries) {
      const { heardAt } = latestOf(entry) ?? { heardAt: 0 };
      if (heardAt < since) this.entries.delete(key);
    }
  }
}

function keyOf(market: string, symbol: string): string {
  return `${market} ${symbol}`;
}

/** A newer quote is not replaced by an older one that was longer on its way; but not even a wrong time keeps one for ever. */
function isNewer(heard: Heard, known: Heard | undefined): boolean {
  if (!known || heard.heardAt - known.heardAt > APART_MS) return true;
  const [at, knownAt] = [heard.quote?.at, known.quote?.at];
  if (at === undefined || knownAt === undefined || at === knownAt) return heard.heardAt >= known.heardAt;
  return at > knownAt;
}

/**
 * A stream sends prices, but neither halts nor when the last trade was: its quote counts beside an answer of a call that has
 * them, and that is not too old.
 */
function latestOf({ answered, streamed }: Entry = {}): Heard | undefined {
  if (!answered?.quote || !streamed || !isNewer(streamed, answered)) return answered;
  if (Math.abs(streamed.heardAt - answered.heardAt) > APART_MS) return answered;
  const { last, lastAt, halted } = answered.quote;
  const isKnownTrade = last !== undefined && (lastAt !== undefined || streamed.quote.last === undefined);
  return {
    heardAt: Math.max(streamed.heardAt, answered.heardAt),
    quote: {
      ...streamed.quote,
      ...(isKnownTrade && { last, ...(lastAt !== undefined && { lastAt }) }),
      ...(halted && { halted }),
    },
  };
}
