/** What a person has in every account at the simulated Alpaca, and what Alpaca refuses and charges by default. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Body, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
let headers: Record<string, string>;

beforeEach(async () => {
  simulator = await TestSimulator.start();
  const { credentials } = await simulator.open('alpaca');
  headers = { 'APCA-API-KEY-ID': credentials.keyId, 'APCA-API-SECRET-KEY': credentials.secretKey };
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
});
afterEach(() => simulator.close());

const call = (method: string, path: string, json?: unknown): Promise<Answer> =>
  simulator.call(method, `/alpaca${path}`, { headers, json });
const place = (json: object) =>
  call('POST', '/v2/orders', { symbol: 'AAPL', qty: '40', side: 'buy', type: 'market', time_in_force: 'day', ...json });
const coin = { symbol: 'BTC/USD', qty: '0.01', time_in_force: 'gtc' };

describe('a person', () => {
  it('has an order for dollars, a spread, one that rests and one that was cancelled', async () => {
    const open: Body[] = (await call('GET', '/v2/orders')).body;
    expect(open).toMatchObject([
      { qty: null, notional: '50', status: 'accepted' },
      { order_class: 'mleg', symbol: '', side: '', legs: [{ ratio_qty: '1' }, { ratio_qty: '1' }] },
      { symbol: 'KO', limit_price: '20', status: 'new' },
    ]);
    expect((await call('GET', '/v2/orders?status=closed')).body).toMatchObject([{ status: 'canceled' }]);
    expect((await call('GET', '/v2/orders?status=all&symbols=AAPL')).body).toEqual([]);
    expect((await call('GET', '/v2/orders?after=2020-01-01')).body).toHaveLength(3);
    const [, spread] = open;
    expect((await call('GET', `/v2/orders/${spread.id}`)).body).toEqual(spread);
    const byClientId = `/v2/orders:by_client_order_id?client_order_id=${spread.client_order_id}`;
    expect((await call('GET', byClientId)).body).toEqual(spread);
  });

  it('holds a perpetual; none of it counts, or is in the ledger', async () => {
    expect((await call('GET', '/v2/positions')).body).toMatchObject([{ asset_class: 'crypto_perp' }]);
    expect((await call('GET', '/v2/account')).body).toMatchObject({ equity: '100000.00', buying_power: '100000.00' });
    const { orders, positions } = await simulator.ledger();
    expect([orders, positions]).toEqual([[], []]);
  });
});

describe('coins', () => {
  // docs.alpaca.markets, "Crypto Spot Trading Fees": 0.25 % of what is received; the words are of a user's log of 2022.
  it('pay their fee in what is received, so that less can be sold than was bought', async () => {
    await place(coin);
    expect((await call('GET', '/v2/positions/BTCUSD')).body).toMatchObject({ qty: '0.009975' });
    const protect = { ...coin, side: 'sell', type: 'stop_limit', stop_price: '65000', limit_price: '63700' };
    const refused = await place(protect);
    expect([refused.status, refused.body]).toMatchObject([
      403,
      { code: 40310000, message: 'insufficient balance for BTC (requested: 0.01, available: 0.009975)' },
    ]);
    expect((await place({ ...protect, qty: '0.009975' })).status).toBe(200);
  });

  it('pay dollars when they are sold', async () => {
    await place(coin);
    const before = Number((await call('GET', '/v2/account')).body.cash);
    await place({ ...coin, qty: '0.009975', side: 'sell' });
    const after = Number((await call('GET', '/v2/account')).body.cash);
    expect(after - before).toBeCloseTo(0.009975 * 68_000 * 0.9975, 2);
  });

  it('are what they were after a purchase is taken back', async () => {
    await place(coin);
    await simulator.fault('bust', '*', { count: 1, match: { symbol: 'BTC-USD' } });
    expect((await call('GET', '/v2/positions/BTCUSD')).status).toBe(404);
    expect((await call('GET', '/v2/account')).body).toMatchObject({ cash: '100000.00' });
  });

  // The object is in the same document: it is posted at the end of the day, and names no order.
  it('list their fees the day after', async () => {
    await place(coin);
    await place({ ...coin, qty: '0.005', side: 'sell' });
    const fees = async () => (await call('GET', '/v2/account/activities/CFEE?direction=asc')).body;
    expect(await fees()).toEqual([]);
    simulator.clock.advance(86_400);
    expect(await fees()).toMatchObject([
      { activity_type: 'CFEE', symbol: 'BTCUSD', qty: '-0.000025', net_amount: '0', price: '68010' },
      { activity_type: 'CFEE', qty: '0', net_amount: '-0.85', description: 'Coin Pair Transaction Fee (USD)' },
    ]);
  });
});

describe('options', () => {
  // IgorGanapolsky/trading, pull requests 1915 and 3056.
  it('are ordered for the day only', async () => {
    await simulator.market('AAPL260618C00210000', '6.4', '6.5', { last: '6.45' });
    const option = { symbol: 'AAPL260618C00210000', qty: '2', type: 'limit', limit_price: '6' };
    const refused = await place({ ...option, time_in_force: 'gtc' });
    expect([refused.status, refused.body]).toEqual([
      422,
      { code: 42210000, message: 'order_time_in_force provided not supported for options trading' },
    ]);
    expect((await place(option)).status).toBe(200);
  });
});

describe('orders of both sides (docs.alpaca.markets, "User Protection")', () => {
  const REST: Record<string, object> = {
    limit: { type: 'limit', limit_price: '140' },
    stop: { type: 'stop', stop_price: '160' },
    stop_limit: { type: 'stop_limit', stop_price: '160', limit_price: '161' },
    trailing_stop: { type: 'trailing_stop', trail_percent: '10' },
  };
  const SELL: Record<string, object> = {
    market: { type: 'market' },
    limit: { type: 'limit', limit_price: '155' },
    'limit below': { type: 'limit', limit_price: '139' },
    stop: { type: 'stop', stop_price: '130' },
    stop_limit: { type: 'stop_limit', stop_price: '145', limit_price: '144' },
    'stop_limit below': { type: 'stop_limit', stop_price: '130', limit_price: '129' },
    trailing_stop: { type: 'trailing_stop', trail_percent: '10' },
  };

  it.each([
    ['limit', 'market', true],
    ['limit', 'limit', false],
    ['limit', 'limit below', true],
    ['limit', 'stop', true],
    ['limit', 'stop_limit', false],
    ['limit', 'stop_limit below', true],
    ['limit', 'trailing_stop', false],
    ['stop', 'limit', true],
    ['stop', 'stop', true],
    ['stop', 'stop_limit', true],
    ['stop_limit', 'market', true],
    ['stop_limit', 'limit', true],
    ['stop_limit', 'stop', true],
    ['trailing_stop', 'stop', false],
  ])('beside a %s to buy, a %s to sell is refused: %s', async (resting, arriving, isRefused) => {
    await place({});
    const first = await place({ qty: '1', time_in_force: 'gtc', ...REST[resting] });
    expect(first.status, first.text).toBe(200);
    const second = await place({ side: 'sell', qty: '1', time_in_force: 'gtc', ...SELL[arriving] });
    expect(second.status, second.text).toBe(isRefused ? 403 : 200);
    if (!isRefused) return;
    expect(second.body).toMatchObject({
      ...{ code: 40310000, message: 'potential wash trade detected. use complex orders' },
      existing_order_id: first.body.id,
    });
  });

  it('of coins too', async () => {
    await place({ ...coin, qty: '0.02' });
    await place({ ...coin, type: 'limit', limit_price: '66000' });
    const sale = { ...coin, side: 'sell', type: 'stop_limit', stop_price: '65000' };
    expect((await place({ ...sale, limit_price: '63700' })).body.message).toContain('wash trade');
    expect((await place({ ...sale, stop_price: '67000', limit_price: '66500' })).status).toBe(200);
  });
});
