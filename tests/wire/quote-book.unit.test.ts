import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrokerUnavailable } from '../../src/broker-port/broker.js';
import { type DecimalString, decimalString } from '../../src/domain/decimal.js';
import type { Quote } from '../../src/domain/market.js';
import { KnownQuotes } from '../../src/wire/known-quotes.js';
import { QuoteBook, type QuoteBookOptions } from '../../src/wire/quote-book.js';

const START = Date.parse('2026-03-03T15:00:00Z');
const A = 'account-a';
const B = 'account-b';

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const price = (text: string) => decimalString(text) as DecimalString;

function quote(symbol: string, bid: string, at = Date.now(), more: Partial<Quote> = {}): Quote {
  return { symbol, bid: price(bid), ask: price(bid), at, ...more };
}

/** A broker that answers after a second, and what it was asked. */
class Venue {
  readonly calls: { symbols: readonly string[]; account: string | undefined }[] = [];
  readonly unreachable = new Set<string | undefined>();
  bid = '100';
  readonly book: QuoteBook;

  constructor(options: Partial<QuoteBookOptions> = {}) {
    this.book = new QuoteBook({
      marketOf: (account) => `venue:${account}`,
      ask: (symbols, account) => this.ask(symbols, account),
      now: Date.now,
      ...options,
    });
  }

  get = (symbols: readonly string[], ageMs: number, account = A) => after(this.book.get(symbols, account, ageMs));
  look = (symbol: string, ageMs: number, account = A) => after(this.book.forLook(symbol, account, ageMs));
  hear = (heard: Quote) => this.book.hear(heard, A);

  private async ask(symbols: readonly string[], account: string | undefined): Promise<Quote[]> {
    this.calls.push({ symbols, account });
    const { bid } = this;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (this.unreachable.has(account)) throw new BrokerUnavailable('down');
    return symbols.filter((symbol) => symbol !== 'NONE').map((symbol) => quote(symbol, bid));
  }
}

/** The result, once all timers that lead to it have run. */
async function after<Result>(running: Promise<Result>): Promise<Result> {
  const result = running.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  const ended = await result;
  if ('error' in ended) throw ended.error;
  return ended.value;
}

describe('a quote of the book', () => {
  it('serves whoever accepts its age, and nobody else', async () => {
    const venue = new Venue();
    await venue.get(['AAPL'], 0);
    expect(await venue.get(['AAPL'], 10_000)).toMatchObject([{ symbol: 'AAPL', bid: '100' }]);
    expect(venue.calls).toHaveLength(1);
    venue.bid = '101';
    await vi.advanceTimersByTimeAsync(100);
    await venue.get(['AAPL'], 10_000);
    expect(venue.calls).toHaveLength(2);
    expect(await venue.get(['AAPL'], 0)).toMatchObject([{ bid: '101' }]);
    expect(venue.calls).toHaveLength(3);
  });

  it('may be that there is none', async () => {
    const venue = new Venue();
    expect(await venue.get(['NONE', 'AAPL'], 0)).toHaveLength(1);
    expect(await venue.get(['NONE'], 10_000)).toEqual([]);
    expect(venue.calls).toHaveLength(1);
  });

  it('is asked for once by all who miss it, also while the call is under way', async () => {
    const venue = new Venue();
    const first = Array.from({ length: 100 }, (_, index) => venue.book.get([`S${index % 5}`], A, 10_000));
    await vi.advanceTimersByTimeAsync(500);
    expect(await venue.get(['S1', 'S2'], 10_000)).toHaveLength(2);
    expect((await Promise.all(first)).flat()).toHaveLength(100);
    expect(venue.calls.map(({ symbols }) => symbols)).toEqual([['S0', 'S1', 'S2', 'S3', 'S4']]);
  });

  it('is no answer of a call that was made before, for whoever wants one from now on', async () => {
    const venue = new Venue();
    const before = venue.get(['AAPL'], 0);
    await vi.advanceTimersByTimeAsync(500);
    venue.bid = '90';
    expect(await venue.get(['AAPL'], 0)).toMatchObject([{ bid: '90' }]);
    expect(await before).toMatchObject([{ bid: '100' }]);
  });

  it('that cannot be had is a failure for those who waited, and asked for again by the next', async () => {
    const venue = new Venue();
    venue.unreachable.add(A);
    await expect(venue.get(['AAPL'], 10_000)).rejects.toThrow(BrokerUnavailable);
    venue.unreachable.clear();
    expect(await venue.get(['AAPL'], 10_000)).toHaveLength(1);
  });
});

describe('accounts', () => {
  it('have books of their own', async () => {
    const venue = new Venue();
    await venue.get(['AAPL'], 0);
    await venue.get(['AAPL'], 10_000, B);
    expect(venue.calls.map(({ account }) => account)).toEqual([A, B]);
  });

  it('have one where all are shown the same, and the failed login of one is not the failure of another', async () => {
    const venue = new Venue({ marketOf: () => 'venue:all' });
    await Promise.all([venue.get(['BTC-USD'], 0), venue.get(['ETH-USD'], 0, B)]);
    expect(venue.calls).toEqual([{ symbols: ['BTC-USD', 'ETH-USD'], account: A }]);
    venue.unreachable.add(A);
    for (const ageMs of [0, 1_000]) {
      const both = await Promise.allSettled([venue.get(['BTC-USD'], ageMs), venue.get(['BTC-USD'], ageMs, B)]);
      expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    }
  });
});

describe('a look', () => {
  it('takes what the beat and the stream have brought', async () => {
    const venue = new Venue();
    await venue.get(['AAPL'], 0);
    await venue.hear(quote('AAPL', '99'));
    expect(await venue.look('AAPL', 6_000)).toMatchObject({ bid: '99' });
    expect(venue.calls).toHaveLength(1);
  });

  it('takes nothing that other looks have asked for: the price that woke it may be newer', async () => {
    const venue = new Venue();
    await venue.look('AAPL', 6_000);
    venue.bid = '90';
    expect(await venue.look('AAPL', 6_000)).toMatchObject({ bid: '90' });
  });

  it('that confirms a price asks the broker', async () => {
    const venue = new Venue();
    await venue.get(['AAPL'], 0);
    venue.bid = '90';
    expect(await venue.look('AAPL', 0)).toMatchObject({ bid: '90' });
  });
});

describe('a stream', () => {
  it('changes prices, and leaves what it does not send as the last call has shown it', () => {
    const known = new KnownQuotes(Date.now);
    const answered = quote('AAPL', '100', START, { last: price('99'), lastAt: START - 1, halted: true });
    known.answer('m', 'AAPL', { quote: answered, heardAt: START });
    known.hear('m', quote('AAPL', '101', START + 1, { last: price('101') }));
    const { quote: latest } = known.recent('m', 'AAPL', 0) ?? {};
    expect(latest).toEqual({ ...answered, bid: '101', ask: '101', at: START + 1 });
  });

  // A venue's times may be whole seconds: the target was seen only when a hint was repeated.
  it('is newer than an answer of the same time that came before', () => {
    const known = new KnownQuotes(Date.now);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100', START), heardAt: START });
    vi.setSystemTime(START + 300);
    expect(known.hear('m', quote('AAPL', '101', START))?.quote).toMatchObject({ bid: '101' });
    expect(known.recent('m', 'AAPL', 0)?.quote).toMatchObject({ bid: '101' });
  });

  it('has the last trade where the call shows no time of it', () => {
    const known = new KnownQuotes(Date.now);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100', START, { last: price('99') }), heardAt: START });
    known.hear('m', quote('AAPL', '101', START + 1, { last: price('101') }));
    expect(known.recent('m', 'AAPL', 0)?.quote).toMatchObject({ last: '101' });
  });

  it.each([
    ['without a side', { symbol: 'AAPL', bid: price('101'), at: START + 1 }],
    ['that comes late', quote('AAPL', '101', START - 15_001)],
    ['of a symbol that no call has shown', quote('MSFT', '101', START)],
  ])('counts for nothing by a quote %s', (_what, streamed) => {
    const known = new KnownQuotes(Date.now);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100', START - 20_000), heardAt: START });
    expect(known.hear('m', streamed)).toBeUndefined();
  });

  it('does not keep alone what no call has confirmed for long', () => {
    const known = new KnownQuotes(Date.now);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100'), heardAt: START });
    vi.setSystemTime(START + 15_001);
    known.hear('m', quote('AAPL', '101'));
    expect(known.recent('m', 'AAPL', 6_000)).toBeUndefined();
  });
});

describe('what is known', () => {
  const event = fc.record({
    isStreamed: fc.boolean(),
    /** how old the quote is when it comes */
    lagMs: fc.integer({ min: 0, max: 3_000 }),
    isNone: fc.boolean(),
    passMs: fc.integer({ min: 0, max: 2_000 }),
  });

  it('is never replaced by something older, and is as old as it says', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        vi.setSystemTime(START);
        const known = new KnownQuotes(Date.now);
        let newest = 0;
        for (const { isStreamed, lagMs, isNone, passMs } of events) {
          vi.setSystemTime(Date.now() + passMs);
          const at = Date.now() - lagMs;
          const heard = quote('AAPL', '100', at);
          if (isStreamed) known.hear('m', heard);
          else known.answer('m', 'AAPL', { ...(!isNone && { quote: heard }), heardAt: Date.now() - lagMs });
          const latest = known.recent('m', 'AAPL', 1_000_000);
          if (latest?.quote) {
            // Only after the broker has shown none in between may an older time come back.
            expect(latest.quote.at).toBeGreaterThanOrEqual(newest);
            expect(latest.heardAt).toBeLessThanOrEqual(Date.now());
            expect(latest.quote.at).toBeLessThanOrEqual(latest.heardAt);
          }
          newest = latest?.quote?.at ?? 0;
        }
      }),
    );
  });

  it('gets over a quote of a wrong time', () => {
    const known = new KnownQuotes(Date.now);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '1', START + 86_400_000), heardAt: START });
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100', START + 2_000), heardAt: START + 2_000 });
    expect(known.recent('m', 'AAPL', 6_000)?.quote).toMatchObject({ bid: '1' });
    vi.setSystemTime(START + 16_000);
    known.answer('m', 'AAPL', { quote: quote('AAPL', '100'), heardAt: START + 16_000 });
    expect(known.recent('m', 'AAPL', 6_000)?.quote).toMatchObject({ bid: '100' });
  });
});
