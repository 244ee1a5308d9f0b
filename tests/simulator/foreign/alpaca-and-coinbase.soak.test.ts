import { afterAll, beforeAll, describe, it } from 'vitest';
import { MARKET_HOURS } from '../exchange-fixture.js';
import { TestSimulator } from '../simulator-fixture.js';
import { alpacaJsWitness } from './alpaca-js-witness.js';
import { expectRun } from './clients.js';
import { quoteAll } from './prices.js';
import { installClients, runWitness } from './python.js';

/** Of one day at Alpaca: an order changed and cancelled, a purchase, a stop, a bracket, and everything cancelled. */
const DAY = [
  ...['new', 'replaced', 'new', 'canceled', 'new', 'fill', 'new', 'new', 'fill', 'new', 'new'],
  ...['canceled', 'canceled', 'canceled'],
];

describe('clients that others wrote, unmodified', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    await installClients('early');
    simulator = await TestSimulator.start();
    await quoteAll(simulator);
  }, 300_000);
  afterAll(() => simulator.close());

  it('alpaca-py signs in, quotes, places, reads, replaces and cancels', async () => {
    const { credentials } = await simulator.open('alpaca');
    const url = `${simulator.url}/alpaca`;
    const settings = { url, now: new Date(MARKET_HOURS).toISOString(), ...credentials, updates: DAY.length };
    await expectRun('alpaca-py', await runWitness('alpaca_witness.py', settings), {
      ...{ 'sign in': 'ACTIVE', account: '100000.00', positions: ['5', '0'], stream: DAY },
      quotes: {
        ...{ latest: { AAPL: [212.3, 212.4] }, snapshot: 212.35, bars: 5, coin: 68000, asset: ['AAPL', true] },
        open: [true, 5],
      },
      place: {
        repeated: [422, 40010001, 'client_order_id must be unique'],
        ...{ stop: ['stop', '198.4'], bracket: ['limit', 'stop'] },
      },
      ...{ read: [true, 'new', '200', '212.4'], replace: true, cancel: ['canceled', [200, 200, 200]], list: 5 + 4 },
    });
  });

  it("Alpaca's own client in JavaScript does the same", async () => {
    const { credentials } = await simulator.open('alpaca');
    await expectRun('alpaca-trade-api', await alpacaJsWitness({ url: `${simulator.url}/alpaca`, ...credentials }), {
      ...{ 'sign in': ['ACTIVE', 401], account: '98117.80', read: [true, '212.4'], replace: [true, '201'] },
      quotes: {
        stocks: [
          ['AAPL', 212.3, 212.4],
          ['MSFT', 410, 410.1],
        ],
        ...{ coin: 68000, last: 212.35, bars: 5, isOpen: true },
      },
      ...{ place: ['pending_new', 40010001, 'stop', 2], list: ['stop'], cancel: ['canceled', [200, 200, 200]] },
      positions: [
        ['AAPL', '5'],
        ['MSFT', '2'],
        ['BTC-PERP', '0.5'],
      ],
      stream: DAY,
    });
  });

  it('coinbase-advanced-py signs each request, quotes, places, reads, edits and cancels', async () => {
    const { credentials } = await simulator.open('coinbase');
    const seconds = MARKET_HOURS / 1000;
    const times = { start: String(seconds - 3600), end: String(seconds) };
    const settings = { host: new URL(simulator.url).host, ...times, ...credentials };
    await expectRun('coinbase-advanced-py', await runWitness('coinbase_witness.py', settings), {
      ...{ 'sign in': [true, true], account: ['USD', 'ADA', 'ICP', 'LTC', 'EUR', 'USDC'] },
      quotes: {
        product: ['BTC-USD', '68005', '68005'],
        books: [
          ['BTC-USD', '68000'],
          ['ETH-USD', '3400'],
        ],
        candles: 12,
      },
      place: { repeated: [true, true], stop: 'STOP_PENDING', refused: [false, 'INSUFFICIENT_FUND'], preview: [] },
      ...{ read: ['OPEN', 'arb-1', '0', 404], replace: true, cancel: [true, 'CANCELLED'] },
      list: { orders: ['61000'], fills: [['0.01', '68010']] },
    });
  });
});
