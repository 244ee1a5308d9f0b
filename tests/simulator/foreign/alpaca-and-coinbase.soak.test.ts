import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MARKET_HOURS } from '../exchange-fixture.js';
import { TestSimulator } from '../simulator-fixture.js';
import { installClients, runWitness } from './python.js';

describe('clients that others wrote, unmodified', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    await installClients();
    simulator = await TestSimulator.start();
    await simulator.market('AAPL', '212.30', '212.40', { last: '212.35' });
    await simulator.market('MSFT', '410', '410.10', { last: '410' });
    await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
    await simulator.market('ETH-USD', '3400', '3401');
  }, 300_000);
  afterAll(() => simulator.close());

  it('alpaca-py signs in, quotes, places, reads, replaces and cancels', async () => {
    const { credentials } = await simulator.open('alpaca');
    const settings = {
      url: `${simulator.url}/alpaca`,
      now: new Date(MARKET_HOURS).toISOString(),
      ...credentials,
      updates: 14,
    };
    expect(await runWitness('alpaca_witness.py', settings)).toEqual({
      ...{ account: ['ACTIVE', '100000.00'], open: true, days: 5, asset: ['AAPL', true], coin: 68000 },
      ...{ quotes: { AAPL: [212.3, 212.4] }, snapshot: 212.35, bars: 5, resting: [true, 'new', '200'] },
      ...{ repeated: [422, 40010001, 'client_order_id must be unique'], replaced: [true, 'canceled'] },
      ...{ bought: '212.4', stop: ['stop', '198.4', '5', '0'], bracket: ['limit', 'stop'], listed: 5 + 4 },
      cancelled: [200, 200, 200],
      updates: [
        ...['new', 'replaced', 'new', 'canceled', 'new', 'fill', 'new', 'new', 'fill', 'new', 'new'],
        ...['canceled', 'canceled', 'canceled'],
      ],
    });
  });

  it('coinbase-advanced-py signs each request, quotes, places, reads, edits and cancels', async () => {
    const { credentials } = await simulator.open('coinbase');
    const seconds = MARKET_HOURS / 1000;
    const times = { start: String(seconds - 3600), end: String(seconds) };
    const settings = { host: new URL(simulator.url).host, ...times, ...credentials };
    expect(await runWitness('coinbase_witness.py', settings)).toEqual({
      ...{
        currencies: ['USD', 'ADA', 'ICP', 'LTC', 'EUR', 'USDC'],
        permissions: [true, true],
        product: ['BTC-USD', '68005', '68005'],
        candles: 12,
      },
      books: [
        ['BTC-USD', '68000'],
        ['ETH-USD', '3400'],
      ],
      ...{
        placed: [true, true],
        read: ['OPEN', 'arb-1', '0'],
        edited: [true, ['61000']],
        cancelled: [true, 'CANCELLED'],
      },
      ...{
        fills: [['0.01', '68010']],
        stop: 'STOP_PENDING',
        refused: [false, 'INSUFFICIENT_FUND'],
        preview: [],
        unknown: 404,
      },
    });
  });
});
