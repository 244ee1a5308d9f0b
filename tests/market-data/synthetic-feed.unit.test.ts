import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { assetClassOf } from '../../src/domain/instrument.js';
import { SyntheticFeed } from '../../src/market-data/synthetic-feed.js';
import type { PriceEvent } from '../../src/matching/event.js';

const NOON = Date.parse('2026-11-24T17:00:00Z');
const feed = new SyntheticFeed();

describe('the synthetic market', () => {
  it('gives the same prices to everybody, in any order', async () => {
    const events = await feed.events('BTC-USD', NOON, NOON + 60_000);
    expect(events).toHaveLength(60);
    for (const event of [...events].reverse())
      expect(await new SyntheticFeed().latest('BTC-USD', event.at)).toEqual(event);
    expect(await feed.events('BTC-USD', NOON, NOON + 30_500)).toEqual(events.slice(0, 30));
  });

  it('lists symbols that it knows, with sane quotes', async () => {
    const symbols = feed.symbols(NOON);
    expect(symbols).toEqual(
      expect.arrayContaining(['BTC-USD', 'ETH-USD', 'AAPL', 'MSFT', 'SPY', 'IBM', 'BAC', 'TSLA', 'NVDA']),
    );
    expect(symbols.filter((symbol) => assetClassOf(symbol) === 'option')).toHaveLength(20);
    for (const symbol of symbols) {
      const event = await feed.latest(symbol, NOON);
      expect(feed.knows(symbol) && event?.ask?.greaterThan(event.bid ?? decimal('0'))).toBe(true);
    }
    expect(feed.knows('ZZZZ')).toBe(false);
  });

  it.each(['AAPL', 'BTC-USD', 'SPY'])('%s moves as much in a day as such a thing does', async (symbol) => {
    const returns: number[] = [];
    for (let day = 0; day < 250; day++) {
      const [from, to] = await Promise.all([0, 1].map((next) => feed.latest(symbol, NOON + (day + next) * 86_400_000)));
      returns.push(Math.log(Number(to?.last) / Number(from?.last)));
    }
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + value * value, 0) / returns.length);
    expect(deviation).toBeGreaterThan(0.004);
    expect(deviation).toBeLessThan(0.06);
    expect(Math.max(...returns.map(Math.abs))).toBeLessThan(0.25);
  });

  it('shares trade only while their exchange is open; the last price stays', async () => {
    const close = Date.parse('2026-11-25T01:00:00Z');
    const open = Date.parse('2026-11-25T09:00:00Z');
    expect(await feed.events('AAPL', close, open)).toEqual([]);
    expect(await feed.events('AAPL', close - 1_000, open + 1_000)).toHaveLength(2);
    const sunday = await feed.latest('AAPL', Date.parse('2026-11-29T12:00:00Z'));
    expect(sunday?.at).toBe(Date.parse('2026-11-27T22:00:00Z'));
  });

  it('an option costs at least its intrinsic value, and ends with its contract', async () => {
    const spy = await feed.latest('SPY', NOON);
    const call = await feed.latest('SPY261218C00500000', NOON);
    const intrinsic = Number(spy?.last) - 500;
    expect(Number(call?.ask)).toBeGreaterThan(Math.max(0, intrinsic - 0.1));
    const expiry = Date.parse('2026-12-18T21:15:00Z');
    expect((await feed.latest('SPY261218C00500000', expiry + 86_400_000 * 4))?.at).toBe(expiry);
    expect(feed.knows('SPY261217C00500000')).toBe(false);
  });

  it('a day of seconds is made in a second or so', async () => {
    const started = performance.now();
    const events: readonly PriceEvent[] = await feed.events('ETH-USD', NOON, NOON + 86_400_000);
    expect(events).toHaveLength(86_400);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
