/** The quote book of several processes, on a real Redis. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import type { Quote } from '../../src/domain/market.js';
import { freePort } from '../../src/launcher/ports.js';
import { createRedis } from '../../src/storage/redis.js';
import { createSharedQuotes } from '../../src/storage/shared-quotes.js';
import { QuoteBook } from '../../src/wire/quote-book.js';

let server: ChildProcess;
const connections: Redis[] = [];
let url: string;

beforeAll(async () => {
  const port = await freePort();
  server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
  url = `redis://127.0.0.1:${port}`;
  await connected();
});
afterAll(() => {
  for (const redis of connections) redis.disconnect();
  server.kill('SIGKILL');
});

async function connected(): Promise<Redis> {
  const redis = createRedis(url);
  connections.push(redis);
  await vi.waitUntil(() => redis.status === 'ready', { timeout: 10_000 });
  return redis;
}

/** A broker, and the books of so many processes. */
class Venue {
  calls: (readonly string[])[] = [];
  bid = '100';
  answerMs = 200;
  readonly books: QuoteBook[] = [];

  static async open(processes: number): Promise<Venue> {
    const venue = new Venue();
    const market = randomUUID();
    for (let count = 0; count < processes; count++) {
      const shared = createSharedQuotes(await connected());
      const ask = (symbols: readonly string[]) => venue.ask(symbols);
      venue.books.push(new QuoteBook({ marketOf: () => market, ask, now: Date.now, shared }));
    }
    return venue;
  }

  private async ask(symbols: readonly string[]): Promise<Quote[]> {
    this.calls.push(symbols);
    const { bid } = this;
    await pause(this.answerMs);
    return symbols.filter((symbol) => symbol !== 'NONE').map((symbol) => quote(symbol, bid));
  }
}

const quote = (symbol: string, bid: string, at = Date.now()): Quote => ({
  ...{ symbol, at, bid: decimalString(bid), ask: decimalString(bid), askSize: decimalString('5') },
  ...{ last: decimalString('99.5'), lastAt: at - 1_000, halted: true },
});

test('processes that miss the same symbols at the same moment make one call', async () => {
  const venue = await Venue.open(3);
  const quotes = await Promise.all(venue.books.map((book) => book.get(['AAPL', 'MSFT', 'NONE'], 'a', 60_000)));
  expect(venue.calls.flat().sort()).toEqual(['AAPL', 'MSFT', 'NONE']);
  expect(quotes[1]).toEqual(quotes[0]);
  expect(quotes[2]).toMatchObject([
    { symbol: 'AAPL', bid: '100', askSize: '5', last: '99.5', halted: true },
    { symbol: 'MSFT' },
  ]);
});

test('a process that has the right to ask and does not come back holds the others up for a second', async () => {
  const venue = await Venue.open(2);
  venue.answerMs = 3_000;
  const [stuck, other] = venue.books as [QuoteBook, QuoteBook];
  const first = stuck.get(['AAPL'], 'a', 60_000);
  await vi.waitUntil(() => venue.calls.length === 1);
  venue.answerMs = 0;
  expect(await other.get(['AAPL'], 'a', 60_000)).toHaveLength(1);
  expect(venue.calls).toHaveLength(2);
  await first;
});

test("a look in one process has the price that another's beat has heard before it wakes anybody", async () => {
  const venue = await Venue.open(2);
  const [listener, worker] = venue.books as [QuoteBook, QuoteBook];
  for (const bid of ['100', '90', '95']) {
    venue.bid = bid;
    await listener.get(['AAPL'], 'a', 0);
    expect(await worker.forLook('AAPL', 'a', 60_000)).toMatchObject({ bid });
  }
  await listener.hear(quote('AAPL', '80'), 'a');
  expect(await worker.forLook('AAPL', 'a', 60_000)).toMatchObject({ bid: '80', halted: true });
  expect(venue.calls).toHaveLength(3);
});

test('a newer quote is not replaced by an older one, whoever writes it', async () => {
  const shared = createSharedQuotes(await connected());
  const market = randomUUID();
  const heard = (at: number, ageMs = 0) => ({ symbol: 'AAPL', quote: { json: `"${at}"`, at }, ageMs });
  const known = async () => (await shared.read(market, ['MSFT', 'AAPL']))[0]?.quote?.at;
  await shared.write(market, [heard(1_000)]);
  await shared.write(market, [heard(999)]);
  expect(await known()).toBe(1_000);
  await shared.write(market, [heard(1_001)]);
  await shared.write(market, [{ symbol: 'AAPL', ageMs: 100 }]);
  expect(await known()).toBe(1_001);
  await shared.write(market, [{ symbol: 'AAPL', ageMs: 0 }]);
  expect(await known()).toBeUndefined();
  // A wrong time is not believed for ever.
  await shared.write(market, [heard(9_000_000, 16_000)]);
  await shared.write(market, [heard(1_002)]);
  expect(await known()).toBe(1_002);
});

test('without Redis each process has a book of its own', async () => {
  const venue = await Venue.open(2);
  const [one, other] = venue.books as [QuoteBook, QuoteBook];
  server.kill('SIGKILL');
  await once(server, 'exit');
  await Promise.all([one.get(['AAPL'], 'a', 60_000), one.get(['AAPL'], 'a', 60_000)]);
  await one.get(['AAPL'], 'a', 60_000);
  expect(venue.calls).toHaveLength(1);
  await one.forLook('AAPL', 'a', 60_000);
  expect(venue.calls).toHaveLength(1);
  await other.get(['AAPL'], 'a', 60_000);
  expect(venue.calls).toHaveLength(2);
});
