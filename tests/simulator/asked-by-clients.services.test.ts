/** Calls that only clients that others wrote make (tests/simulator/foreign), and how they are refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../brokers/coinbase/coinbase-fixture.js';
import { type Body, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
  await simulator.market('AAPL', '212.30', '212.40', { last: '212.35' });
  await simulator.market('BTC-USD', '68000', '68010', { last: '68000' });
});
afterAll(() => simulator.close());

// "No keys required for crypto data": docs.alpaca.markets, "Getting Started with Market Data API".
it("shows Alpaca's coins without keys, and checks keys that come along", async () => {
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await simulator.call('GET', `/alpaca${path}`, { headers })).status;
  const coins = '/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD';
  expect(await status(coins)).toBe(200);
  expect(await status(coins, { 'apca-api-key-id': 'nobody', 'apca-api-secret-key': 'wrong' })).toBe(401);
  expect(await status('/v2/stocks/AAPL/trades/latest')).toBe(401);
  expect(await status('/v2/positions')).toBe(401);
});

// docs.cdp.coinbase.com/coinbase-app: track-apis, and api-architecture/pagination.
describe("Coinbase's App API", () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    simulator.call('GET', `/coinbase/v2${path}`, { headers });

  it('has rates of every coin in any currency, and refuses an unknown one', async () => {
    expect((await get('/exchange-rates?currency=BTC')).body.data).toEqual({
      currency: 'BTC',
      rates: { USD: '68000', BTC: '1' },
    });
    expect((await get('/exchange-rates?currency=XXX')).status).toBe(400);
    expect((await get('/currencies/crypto')).body.data).toMatchObject([{ code: 'BTC', type: 'crypto' }]);
    expect(await get('/prices/BTC-USD/spot')).toMatchObject({ status: 404, body: { errors: [{ id: 'not_found' }] } });
  });

  it('lists accounts in pages, with what is held included', async () => {
    await simulator.open('coinbase');
    const credential = await logIn(simulator);
    const headers = { authorization: `Bearer ${credential.kind === 'bearer' ? credential.accessToken : ''}` };
    const first: Body = (await get('/accounts?limit=2', headers)).body;
    const next = first.pagination.next_starting_after;
    const second: Body = (await get(`/accounts?limit=100&starting_after=${next}`, headers)).body;
    expect([...first.data, ...second.data].map(({ type, balance }) => [type, balance])).toEqual([
      ['fiat', { amount: '100000', currency: 'USD' }],
      ['wallet', { amount: '12.5', currency: 'ICP' }],
      ['vault', { amount: '12.5', currency: 'LTC' }],
      ['fiat', { amount: '12.5', currency: 'EUR' }],
      ['wallet', { amount: '12.5', currency: 'USDC' }],
    ]);
    expect(second.pagination).toMatchObject({ next_uri: null, limit: 100 });
    expect((await get('/accounts')).status).toBe(401);
  });
});
