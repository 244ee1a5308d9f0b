import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CoinbaseFeed, PricesUnavailable } from '../../src/market-data/coinbase-feed.js';

let server: Server | undefined;
let requests = 0;

/** A stand-in for the public API: answers by path, or with 500 when it has no answer. */
async function serve(answers: Record<string, unknown>): Promise<string> {
  server = createServer((request, response) => {
    requests += 1;
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  vi.useRealTimers();
  server?.close();
  requests = 0;
});

const ANSWERS: Record<string, unknown> = {
  '/products/BTC-USD/ticker': { trade_id: 7, price: '95000.10', size: '0.1', bid: '95000.09', ask: '95000.11' },
  '/products/BTC-USD/book?level=1': { bids: [['95000.09', '0.5', 3]], asks: [['95000.11', '1.25', 1]], sequence: 1 },
};

describe('Coinbase’s public prices', () => {
  it('are the best prices with their sizes and the last trade', async () => {
    const feed = new CoinbaseFeed(await serve(ANSWERS));
    const event = await feed.latest('BTC-USD');
    expect(JSON.parse(JSON.stringify(event))).toMatchObject({
      ...{ symbol: 'BTC-USD', bid: '95000.09', bidSize: '0.5', ask: '95000.11', askSize: '1.25' },
      ...{ last: '95000.1', low: '95000.1' },
    });
    expect(await feed.latest('AAPL')).toBeUndefined();
    expect(feed.session('equity')).toBe('closed');
  });

  it('are asked for once a second however many look', async () => {
    const feed = new CoinbaseFeed(await serve(ANSWERS));
    await Promise.all(Array.from({ length: 20 }, () => feed.latest('BTC-USD')));
    expect(requests).toBe(2);
  });

  it('count the same trade once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const feed = new CoinbaseFeed(await serve(ANSWERS));
    await feed.latest('BTC-USD');
    vi.advanceTimersByTime(1_500);
    const second = await feed.latest('BTC-USD');
    expect(second?.low).toBeUndefined();
    expect(await feed.events('BTC-USD', 0, Date.now())).toHaveLength(2);
  });

  it('keep for fifteen seconds when the line is cut, and come back by themselves', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const answers = { ...ANSWERS };
    const feed = new CoinbaseFeed(await serve(answers));
    await feed.latest('BTC-USD');
    delete answers['/products/BTC-USD/ticker'];
    vi.advanceTimersByTime(10_000);
    expect((await feed.latest('BTC-USD'))?.last?.toString()).toBe('95000.1');
    vi.advanceTimersByTime(10_000);
    await expect(feed.latest('BTC-USD')).rejects.toThrow(PricesUnavailable);
    Object.assign(answers, ANSWERS);
    vi.advanceTimersByTime(2_000);
    expect(await feed.latest('BTC-USD')).toBeDefined();
  });

  it('without a connection say so', async () => {
    const feed = new CoinbaseFeed('http://127.0.0.1:9');
    await expect(feed.latest('BTC-USD')).rejects.toThrow('is there a connection to the internet?');
  });

  it('that make no sense are no prices', async () => {
    const nonsense = { ...ANSWERS, '/products/BTC-USD/ticker': { trade_id: 7, price: 'NaN' } };
    await expect(new CoinbaseFeed(await serve(nonsense)).latest('BTC-USD')).rejects.toThrow(PricesUnavailable);
  });
});
