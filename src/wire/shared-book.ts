/** What a process hears from the others of its broker's quotes, and they from it. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { SharedQuote, SharedQuotes } from '../broker-port/shared-quotes.js';
import { decimalString } from '../domain/decimal.js';
import type { Quote } from '../domain/market.js';
import type { Heard } from './known-quotes.js';

interface Queue {
  waiting: Map<string, Heard>;
  /** the write that takes along what waits */
  next: Promise<void> | undefined;
  last: Promise<void>;
}

/** Another process's call is waited for so long, and then made here as well: a look has 5 s altogether. */
const OTHERS_CALL_MS = 1_000;
const OTHERS_CHECK_MS = 50;

const price = z.string().transform(decimalString).optional();
const sharedQuote = z.object({
  symbol: z.string(),
  ...{ bid: price, ask: price, bidSize: price, askSize: price, last: price },
  lastAt: z.number().optional(),
  at: z.number(),
  halted: z.boolean().optional(),
});

export class SharedBook {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly shared: SharedQuotes) {}

  /** What any process has heard at most `ageMs` ago. */
  async recent(market: string, symbol: string, ageMs: number): Promise<Heard | undefined> {
    try {
      const [known] = await this.shared.read(market, [symbol]);
      return known && known.ageMs <= ageMs ? heardOf(known) : undefined;
    } catch {
      return undefined;
    }
  }

  /** What another process is just asking for; undefined when it is this one's turn to ask. */
  async awaited(market: string, symbol: string, ageMs: number): Promise<Heard | undefined> {
    // Apart for every age, so that a person's read, which may wait long for its turn, holds up no look.
    const right = `${market}:${symbol}:${ageMs}`;
    for (const end = Date.now() + OTHERS_CALL_MS; Date.now() < end; await pause(OTHERS_CHECK_MS)) {
      if (await this.mayAsk(right)) return undefined;
      const heard = await this.recent(market, symbol, ageMs);
      if (heard) return heard;
    }
    return undefined;
  }

  /**
   * Ends when the quotes are written; also when that fails, since others then ask the broker. Those that come while a write is
   * under way go together in the next one.
   */
  write(market: string, heard: readonly [symbol: string, heard: Heard][]): Promise<void> {
    const queue = this.queue(market);
    for (const [symbol, one] of heard) queue.waiting.set(symbol, one);
    queue.next ??= queue.last.then(() => this.begin(market, queue));
    return queue.next;
  }

  private async mayAsk(right: string): Promise<boolean> {
    return this.shared.mayAsk(right, OTHERS_CALL_MS).catch(() => true);
  }

  private begin(market: string, queue: Queue): Promise<void> {
    const now = Date.now();
    const heard = [...queue.waiting].map(([symbol, { quote, heardAt }]) => ({
      ...{ symbol, ageMs: Math.max(0, now - heardAt) },
      ...(quote && { quote: { json: JSON.stringify(quote), at: quote.at } }),
    }));
    queue.waiting.clear();
    queue.next = undefined;
    queue.last = this.shared.write(market, heard).catch(() => {});
    return queue.last;
  }

  private queue(market: string): Queue {
    const known = this.queues.get(market);
    if (known) return known;
    const queue: Queue = { waiting: new Map(), next: undefined, last: Promise.resolve() };
    this.queues.set(market, queue);
    return queue;
  }
}

/** @throws for what is no quote */
function heardOf({ quote, ageMs }: SharedQuote): Heard {
  const heardAt = Date.now() - ageMs;
  return quote ? { quote: withoutGaps(sharedQuote.parse(JSON.parse(quote.json))), heardAt } : { heardAt };
}

function withoutGaps(read: z.output<typeof sharedQuote>): Quote {
  const { symbol, at, ...rest } = read;
  const present = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { symbol, at, ...Object.fromEntries(present) };
}
