/** Calls of Coinbase's reference that clients need, products with their own increments, and what people have beside a program. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logIn } from '../brokers/coinbase/coinbase-fixture.js';
import { type Answer, type Body, TestSimulator } from './simulator-fixture.js';

const API = '/coinbase/api/v3/brokerage';
let simulator: TestSimulator;
let authorization: string;
let account: string;

beforeEach(async () => {
  simulator = await TestSimulator.start();
  ({ account } = await simulator.open('coinbase'));
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
  await simulator.market('DOGE-USD', '0.12344', '0.12346', { last: '0.12345' });
  await simulator.market('SHIB-USD', '0.00001233', '0.00001235', { last: '0.00001234' });
  const credential = await logIn(simulator);
  authorization = `Bearer ${credential.kind === 'bearer' ? credential.accessToken : ''}`;
});
afterEach(() => simulator.close());

const call = (method: string, path: string, json?: unknown): Promise<Answer> =>
  simulator.call(method, API + path, { headers: { authorization }, json });
const get = async (path: string): Promise<Body> => (await call('GET', path)).body;

let ids = 0;
function place(product_id: string, order_configuration: object, side = 'BUY'): Promise<Answer> {
  ids++;
  return call('POST', '/orders', { client_order_id: `id-${ids}`, product_id, side, order_configuration });
}
const limit = (base_size: string, limit_price: string, more: object = {}) => ({
  limit_limit_gtc: { base_size, limit_price, ...more },
});

// The members that ccxt (fetchMarkets, fetchTradingFees) and coinbase-advanced-py (get_transaction_summary) read.
describe('what clients ask for first', () => {
  it('is the fee tier', async () => {
    await place('BTC-USD', { market_market_ioc: { base_size: '0.1' } });
    expect(await get('/transaction_summary?product_type=SPOT')).toMatchObject({
      ...{ total_volume: 6801, advanced_trade_only_volume: 6801, total_fees: 27.204, margin_rate: null },
      fee_tier: { pricing_tier: 'Advanced 1', taker_fee_rate: '0.004', maker_fee_rate: '0.004', usd_from: '0' },
      goods_and_services_tax: null,
    });
  });

  it('is the portfolio of the key', async () => {
    const portfolio = { name: 'Default', uuid: account, type: 'DEFAULT', deleted: false };
    expect(await get('/portfolios')).toEqual({ portfolios: [portfolio] });
    expect(await get('/portfolios?portfolio_type=INTX')).toEqual({ portfolios: [] });
  });

  it('is the products of a type', async () => {
    const ids = async (query: string) => (await get(`/products${query}`)).products.map((row: Body) => row.product_id);
    expect(await ids('?product_type=FUTURE')).toEqual(['BIP-20DEC30-CDE']);
    expect(await ids('?product_type=SPOT')).toEqual(expect.arrayContaining(['BTC-USD', 'XYZ-USD']));
    expect(await ids('?product_ids=BTC-USD&product_ids=XYZ-USD')).toEqual(['BTC-USD', 'XYZ-USD']);
  });

  it('and an unknown path is answered in Coinbase’s form', async () => {
    const answer = await call('GET', '/nothing/here');
    expect([answer.status, answer.body.message]).toEqual([404, 'Not Found']);
    expect((await simulator.call('GET', '/coinbase/else')).body.error).toBe('unknown');
  });
});

describe('orders', () => {
  it('are listed by type, time in force and kind of product', async () => {
    const resting = (await place('BTC-USD', limit('0.01', '60000'))).body.order_id;
    const bought = (await place('BTC-USD', { market_market_ioc: { base_size: '0.01' } })).body.order_id;
    const listed = async (query: string) => {
      const { orders } = await get(`/orders/historical/batch?product_ids=BTC-USD&${query}`);
      return orders.map((order: Body) => order.order_id);
    };
    expect(await listed('order_types=LIMIT')).toEqual([resting]);
    expect(await listed('order_types=MARKET&order_types=LIMIT')).toEqual([bought, resting]);
    expect(await listed('time_in_forces=IMMEDIATE_OR_CANCEL')).toEqual([bought]);
    expect(await listed('product_type=FUTURE')).toEqual([]);
    expect(await listed('product_type=UNKNOWN_PRODUCT_TYPE')).toEqual([bought, resting]);
  });

  it('are previewed as edited, and stay as they are', async () => {
    const id = (await place('BTC-USD', limit('0.01', '60000'))).body.order_id;
    const preview = async (change: object) =>
      (await call('POST', '/orders/edit_preview', { order_id: id, ...change })).body;
    expect(await preview({ price: '61000.00', size: '0.02' })).toEqual({
      ...{ errors: [], slippage: '0', order_total: '1224.88', commission_total: '4.88', quote_size: '1220' },
      ...{ base_size: '0.02', best_bid: '68000', best_ask: '68010', average_filled_price: '0' },
    });
    expect((await preview({ order_id: 'nobody', size: '1' })).errors).toMatchObject([
      { edit_failure_reason: 'ORDER_NOT_FOUND' },
    ]);
    const { order } = await get(`/orders/historical/${id}`);
    expect(order.order_configuration.limit_limit_gtc).toMatchObject({ base_size: '0.01', limit_price: '60000' });
  });

  it('that end in the past are refused', async () => {
    const end_time = new Date(simulator.clock.now() - 1).toISOString();
    const { body } = await place('BTC-USD', { limit_limit_gtd: { base_size: '0.01', limit_price: '60000', end_time } });
    expect(body).toMatchObject({ success: false, error_response: { error: 'END_TIME_IS_IN_THE_PAST' } });
  });
});

// Increments of DOGE-USD and SHIB-USD as public clients keep them: a tenth and a hundred-thousandth; one and 1e-8.
describe('products', () => {
  it('show increments and sizes of their own', async () => {
    expect(await get('/products/DOGE-USD')).toMatchObject({
      ...{ base_increment: '0.1', price_increment: '0.00001', base_min_size: '0.1', quote_min_size: '1' },
    });
    expect(await get('/products/SHIB-USD')).toMatchObject({ base_increment: '1', price_increment: '0.00000001' });
  });

  it.each([
    ['DOGE-USD', limit('100.15', '0.12'), 'INVALID_SIZE_PRECISION'],
    ['DOGE-USD', limit('100.1', '0.120001'), 'INVALID_PRICE_PRECISION'],
    ['SHIB-USD', limit('999', '0.01'), 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL'],
    ['SHIB-USD', limit('1000000000001', '0.00001'), 'PREVIEW_INVALID_BASE_SIZE_TOO_LARGE'],
  ])('refuse %s for %j with %s', async (product, configuration, error) => {
    const { body } = await place(product, configuration);
    expect(body).toMatchObject({ success: false, error_response: { error } });
  });

  it('are bought for money in whole steps', async () => {
    const { order_id } = (await place('SHIB-USD', { market_market_ioc: { quote_size: '10' } })).body;
    // 10 / 0.00001235, rounded down
    expect((await get(`/orders/historical/${order_id}`)).order).toMatchObject({
      status: 'FILLED',
      filled_size: '809716',
    });
  });
});

describe('what people have', () => {
  it('is in every list, and in no balance', async () => {
    const { accounts } = await get('/accounts');
    expect(accounts.map((wallet: Body) => wallet.type)).toContain('ACCOUNT_TYPE_STAKED_FUNDS');
    expect(accounts.find(({ currency }: Body) => currency === 'ICP').hold).toBeNull();
    const { orders } = await get('/orders/historical/batch?order_status=OPEN');
    const kinds = orders.map(({ order_configuration }: Body) => Object.keys(order_configuration ?? { none: 1 })[0]);
    expect(kinds).toEqual(['trigger_bracket_gtc', 'twap_limit_gtd', 'none', 'limit_limit_gtc']);
    expect((await get(`/orders/historical/${orders[0].order_id}`)).order.order_type).toBe('BRACKET');
    const { fills } = await get('/orders/historical/fills');
    expect(fills).toMatchObject([{ trade_type: 'REVERSAL' }]);
    expect((await get('/best_bid_ask')).pricebooks).toContainEqual({
      product_id: 'XYZ-USD',
      bids: [],
      asks: [],
      time: null,
    });
    const { orders: ledger } = await simulator.ledger();
    expect(ledger).toEqual([]);
    expect((await get('/transaction_summary')).total_balance).toBe('100000');
  });
});
