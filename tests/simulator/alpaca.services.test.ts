import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Body, CLIENT, LOGIN, REDIRECT, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
let headers: Record<string, string>;

beforeEach(async () => {
  simulator = await TestSimulator.start();
  const { credentials } = await simulator.open('alpaca');
  headers = { 'APCA-API-KEY-ID': credentials.keyId, 'APCA-API-SECRET-KEY': credentials.secretKey };
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
});
afterEach(() => simulator.close());

const call = (method: string, path: string, json?: unknown): Promise<Answer> =>
  simulator.call(method, `/alpaca${path}`, { headers, json });
const place = (json: object) =>
  call('POST', '/v2/orders', { symbol: 'AAPL', qty: '40', side: 'buy', type: 'market', time_in_force: 'day', ...json });
/** Without what a person has in the account. */
const own = (rows: Body[]): Body[] => rows.filter(({ symbol }) => symbol === 'AAPL');
const stop = (price: string, more: object = {}) =>
  place({ side: 'sell', type: 'stop', stop_price: price, time_in_force: 'gtc', ...more });

describe('signing in', () => {
  it('takes the keys of an account and nothing else', async () => {
    expect((await call('GET', '/v2/account')).body).toMatchObject({
      status: 'ACTIVE',
      cash: '100000.00',
      buying_power: '100000.00',
    });
    headers['APCA-API-SECRET-KEY'] = 'wrong';
    const refused = await call('GET', '/v2/account');
    expect([refused.status, refused.body]).toEqual([401, { code: 40110000, message: 'request is not authorized' }]);
  });

  const authorize = (query: Record<string, string>, form: object = {}) =>
    simulator.call(
      'POST',
      `/alpaca/oauth/authorize?${new URLSearchParams({ response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT, state: '9c1f2e', scope: 'trading data', ...query })}`,
      {
        form: { ...LOGIN, decision: 'allow', ...form },
      },
    );
  const exchangeCode = (code: string, more: object = {}) =>
    simulator.call('POST', '/alpaca/oauth/token', {
      form: {
        grant_type: 'authorization_code',
        code,
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uri: REDIRECT,
        ...more,
      },
    });

  it('lets a person allow a program, whose token works for good and whose code works once', async () => {
    const back = new URL((await authorize({})).headers.get('location') ?? '');
    expect([back.origin + back.pathname, back.searchParams.get('state')]).toEqual([REDIRECT, '9c1f2e']);
    const code = back.searchParams.get('code') ?? '';
    const { body } = await exchangeCode(code);
    expect(new Set(Object.keys(body))).toEqual(new Set(['access_token', 'scope', 'token_type']));
    headers = { Authorization: `Bearer ${body.access_token}` };
    simulator.clock.advance(365 * 86_400);
    expect((await call('GET', '/v2/account')).status).toBe(200);
    expect((await exchangeCode(code)).status).toBe(422);
    expect((await call('GET', '/v2/account')).status).toBe(401);
  });

  it('refuses foreign redirects, wrong secrets, a wrong verifier, and trading without the scope', async () => {
    expect((await authorize({ redirect_uri: 'https://evil.example' })).status).toBe(400);
    expect((await authorize({}, { password: 'no' })).status).toBe(401);
    expect((await authorize({}, { decision: 'deny' })).headers.get('location')).toContain('error=access_denied');
    const challenge = createHash('sha256').update('a'.repeat(43)).digest('base64url');
    const codeOf = async (query: Record<string, string>) =>
      new URL((await authorize(query)).headers.get('location') ?? '').searchParams.get('code') ?? '';
    const bound = await codeOf({ code_challenge: challenge, code_challenge_method: 'S256' });
    expect((await exchangeCode(bound, { code_verifier: 'b'.repeat(43) })).status).toBe(422);
    expect((await exchangeCode(bound, { client_secret: 'no' })).body).toEqual({
      code: 40110000,
      message: 'invalid_client',
    });
    const { body } = await exchangeCode(await codeOf({ scope: 'data' }));
    headers = { Authorization: `Bearer ${body.access_token}` };
    expect((await place({})).status).toBe(403);
  });
});

describe('orders', () => {
  it('are received first, and found by both ids once they exist', async () => {
    const { status, body } = await place({ client_order_id: 'arb-1', qty: 40.0, type: 'limit', limit_price: 150 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'pending_new',
      filled_qty: '0',
      filled_avg_price: null,
      limit_price: '150',
      position_intent: 'buy_to_open',
      order_class: '',
      expires_at: '2026-03-03T21:00:00.000Z',
    });
    const found = await call('GET', '/v2/orders:by_client_order_id?client_order_id=arb-1');
    expect(found.body).toMatchObject({ id: body.id, status: 'filled', filled_qty: '40', filled_avg_price: '150' });
    expect((await call('GET', `/v2/orders/${body.id}`)).body).toEqual(found.body);
    expect((await call('GET', '/v2/orders:by_client_order_id?client_order_id=arb-2')).body).toEqual({
      code: 40410000,
      message: 'order not found',
    });
  });

  it('refuse a client id that was used before, also after a cancel, and make one where there is none', async () => {
    const { body } = await place({ client_order_id: 'arb-1', type: 'limit', limit_price: '100' });
    await call('DELETE', `/v2/orders/${body.id}`);
    const again = await place({ client_order_id: 'arb-1' });
    expect([again.status, again.body]).toEqual([422, { code: 40010001, message: 'client_order_id must be unique' }]);
    expect((await place({})).body.client_order_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are cancelled once, and not when they are over or unknown', async () => {
    const { body } = await place({ type: 'limit', limit_price: '100' });
    expect((await call('DELETE', `/v2/orders/${body.id}`)).status).toBe(204);
    const over = await call('DELETE', `/v2/orders/${body.id}`);
    expect([over.status, over.body]).toEqual([
      422,
      { code: 42210000, message: 'order is already in "canceled" state' },
    ]);
    expect((await call('DELETE', '/v2/orders/61e69015-0000-4000-8000-000000000003')).status).toBe(404);
    expect((await call('DELETE', '/v2/orders/no-uuid')).body).toEqual({
      code: 40010001,
      message: 'order_id is missing',
    });
  });

  it('are listed by status, time, symbol and side', async () => {
    await place({ type: 'limit', limit_price: '100' });
    simulator.clock.advance(1);
    await place({ client_order_id: 'second' });
    const list = async (query: string) =>
      own((await call('GET', `/v2/orders?${query}`)).body).map((order: Body) => order.status);
    expect(await list('')).toEqual(['new']);
    expect(await list('status=all')).toEqual(['filled', 'new']);
    expect(await list('status=all&direction=asc&limit=1&nested=True&symbols=AAPL')).toEqual(['new']);
    expect(await list('status=closed&symbols=AAPL,MSFT&side=buy')).toEqual(['filled']);
    expect(await list(`status=all&after=${new Date(simulator.clock.now() - 1000).toISOString()}`)).toEqual(['filled']);
    expect((await call('GET', '/v2/orders?status=odd')).status).toBe(422);
  });

  it('fill in parts, with a row for each execution', async () => {
    await simulator.market('AAPL', '149.9', '150', { askSize: '15' });
    const { body } = await place({});
    expect((await call('GET', `/v2/orders/${body.id}`)).body).toMatchObject({
      status: 'partially_filled',
      filled_qty: '15',
    });
    await simulator.market('AAPL', '150.9', '151');
    expect((await call('GET', `/v2/orders/${body.id}`)).body).toMatchObject({
      status: 'filled',
      filled_avg_price: '150.625',
    });
    const { body: rows } = await call('GET', '/v2/account/activities/FILL?direction=asc');
    expect(
      rows.map(({ type, qty, cum_qty, leaves_qty, order_id }: Body) => [type, qty, cum_qty, leaves_qty, order_id]),
    ).toEqual([
      ['partial_fill', '15', '15', '25', body.id],
      ['fill', '25', '40', '0', body.id],
    ]);
    expect((await call('GET', `/v2/account/activities/FILL?direction=asc&page_token=${rows[0].id}`)).body).toHaveLength(
      1,
    );
  });

  it('off hours are accepted, and end with their day', async () => {
    await simulator.control('clock', { now: '2026-03-03T21:30:00Z' });
    const { body } = await place({});
    expect(body.status).toBe('accepted');
    expect((await call('PATCH', `/v2/orders/${body.id}`, { qty: '10' })).body).toEqual({
      code: 42210000,
      message: 'unable to replace order in current state',
    });
    await simulator.control('clock', { now: '2026-03-04T14:31:00Z' });
    expect((await call('GET', `/v2/orders/${body.id}`)).body.status).toBe('filled');
    const late = await place({ type: 'limit', limit_price: '100' });
    await simulator.control('clock', { now: '2026-03-04T21:00:00Z' });
    expect((await call('GET', `/v2/orders/${late.body.id}`)).body.status).toBe('expired');
  });

  it.each([
    [{ qty: '40.5' }, 403, 40310000, 'fractionable'],
    [{ qty: undefined }, 422, 40010001, 'qty or notional'],
    [{ type: 'limit' }, 422, 40010001, 'limit_price'],
    [
      { type: 'limit', limit_price: '150.001' },
      422,
      42210000,
      'invalid limit_price 150.001. sub-penny increment does not fulfill',
    ],
    [{ side: 'sell', type: 'stop', stop_price: '151' }, 422, 42210000, 'stop price must be less than current price'],
    [{ type: 'stop', stop_price: '149' }, 422, 42210000, 'stop price must be greater than current price'],
    [{ qty: '4000' }, 403, 40310000, 'insufficient buying power'],
    [{ symbol: 'ZZZZZ' }, 422, 42210000, 'ZZZZZ'],
    [
      { side: 'sell', position_intent: 'sell_to_close' },
      422,
      42210000,
      'position intent mismatch, inferred: sell_to_open, specified: sell_to_close',
    ],
    [{ unknown: 1 }, 422, 40010001, 'unknown'],
  ])('are refused with Alpaca’s messages: %j', async (change, status, code, text) => {
    const answer = await place(change);
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([
      status,
      code,
      expect.stringContaining(text),
    ]);
    expect((await simulator.ledger()).orders).toEqual([]);
  });
});

describe('stops', () => {
  beforeEach(async () => {
    await place({});
  });

  it('hold the shares, end after 90 days, and move under a new id', async () => {
    const { body } = await stop('140');
    expect(body).toMatchObject({
      status: 'new',
      expires_at: '2026-06-01T20:15:00.000Z',
      position_intent: 'sell_to_close',
    });
    expect((await call('GET', '/v2/positions/AAPL')).body).toMatchObject({
      qty: '40',
      qty_available: '0',
      avg_entry_price: '150',
    });
    const second = await place({ side: 'sell', qty: '40', order_class: 'simple' });
    expect([second.status, second.body]).toEqual([
      403,
      {
        code: 40310000,
        message: 'insufficient qty available for order (requested: 40, available: 0)',
        available: '0',
        existing_qty: '40',
        held_for_orders: '40',
        symbol: 'AAPL',
      },
    ]);
    const moved = await call('PATCH', `/v2/orders/${body.id}`, { stop_price: '141', client_order_id: 'moved' });
    expect(moved.body).toMatchObject({ replaces: body.id, stop_price: '141', status: 'new', client_order_id: 'moved' });
    expect((await call('GET', `/v2/orders/${body.id}`)).body).toMatchObject({
      status: 'replaced',
      replaced_by: moved.body.id,
    });
    expect((await call('PATCH', `/v2/orders/${body.id}`, { stop_price: '142' })).status).toBe(422);
    const forTheDay = await call('PATCH', `/v2/orders/${moved.body.id}`, { time_in_force: 'day' });
    expect(forTheDay.body).toMatchObject({ time_in_force: 'day', expires_at: '2026-03-03T21:00:00.000Z' });
    moved.body.id = forTheDay.body.id;
    await simulator.market('AAPL', '140.5', '140.6', { last: '140.5' });
    expect((await call('GET', `/v2/orders/${moved.body.id}`)).body).toMatchObject({
      status: 'filled',
      filled_avg_price: '140.5',
    });
    expect(own((await call('GET', '/v2/positions')).body)).toEqual([]);
    expect((await call('GET', '/v2/positions/AAPL')).status).toBe(404);
  });

  it('are refused beside an opposite order that works', async () => {
    await place({ type: 'limit', limit_price: '100' });
    const refused = await stop('140');
    expect([refused.status, refused.body]).toEqual([
      403,
      {
        code: 40310000,
        message: 'potential wash trade detected. use complex orders',
        existing_order_id: expect.any(String),
        reject_reason: 'opposite side limit order exists',
      },
    ]);
  });

  it('that buy become limits with room above', async () => {
    await stop('155', { side: 'buy', qty: '1' });
    const { orders } = await simulator.ledger();
    expect(orders.at(-1)).toMatchObject({ stopPrice: '155', limitPrice: '158.88' });
    const [open] = (await call('GET', '/v2/orders')).body;
    expect(open).toMatchObject({ type: 'stop', limit_price: null });
  });

  it('trail the market', async () => {
    const { body } = await place({ side: 'sell', type: 'trailing_stop', trail_percent: '10', time_in_force: 'gtc' });
    expect(body.stop_price).toBe('135');
    await simulator.market('AAPL', '159.9', '160', { last: '160' });
    expect((await call('GET', `/v2/orders/${body.id}`)).body.stop_price).toBe('144');
  });
});

describe('complex orders', () => {
  const exits = { take_profit: { limit_price: '160' }, stop_loss: { stop_price: '140' } };

  it('hold their legs until the entry is filled', async () => {
    await simulator.market('AAPL', '149.9', '150', { askSize: '15' });
    const { body } = await place({ order_class: 'bracket', time_in_force: 'gtc', ...exits });
    expect(body.legs.map(({ status }: Body) => status)).toEqual(['held', 'held']);
    await simulator.market('AAPL', '149.9', '150');
    const nested = (await call('GET', `/v2/orders/${body.id}?nested=true`)).body;
    expect(nested.legs.map(({ status, type }: Body) => [type, status])).toEqual([
      ['limit', 'new'],
      ['stop', 'new'],
    ]);
    await simulator.market('AAPL', '160', '160.1', { last: '160' });
    const after = (await call('GET', `/v2/orders/${body.id}?nested=true`)).body;
    expect(after.legs.map(({ status }: Body) => status)).toEqual(['filled', 'canceled']);
  });

  it('protect what is held already, one cancelling the other', async () => {
    await place({});
    const oco = await place({
      side: 'sell',
      type: 'limit',
      time_in_force: 'gtc',
      order_class: 'oco',
      take_profit: { limit_price: '160' },
      stop_loss: { stop_price: '140' },
    });
    expect(oco.status, oco.text).toBe(200);
    expect(oco.body).toMatchObject({ limit_price: '160', legs: [{ type: 'stop', stop_price: '140' }] });
    const bare = { side: 'sell', type: 'limit', limit_price: '160', order_class: 'oco' };
    expect((await place({ ...bare, stop_loss: { stop_price: '140' } })).body).toMatchObject({
      ...{ code: 40010001, message: 'oco orders require take_profit.limit_price' },
    });
    await simulator.market('AAPL', '139', '139.1', { last: '139' });
    expect(own((await call('GET', '/v2/orders?status=all')).body).map(({ status }: Body) => status)).toEqual([
      'filled',
      'canceled',
      'filled',
    ]);
  });
});

describe('crypto and options', () => {
  it('take what Alpaca takes', async () => {
    await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
    const bought = await place({ symbol: 'BTC/USD', qty: '0.01', time_in_force: 'gtc' });
    expect(bought.body).toMatchObject({ symbol: 'BTC/USD', asset_class: 'crypto' });
    expect((await call('GET', '/v2/positions/BTCUSD')).body).toMatchObject({ symbol: 'BTCUSD', qty: '0.009975' });
    const spent = await place({ symbol: 'BTC/USD', qty: undefined, notional: '680.1', time_in_force: 'ioc' });
    expect(spent.status).toBe(200);
    const protect = await place({
      symbol: 'BTC/USD',
      qty: '0.01',
      side: 'sell',
      type: 'stop_limit',
      stop_price: '65000',
      limit_price: '63700',
      time_in_force: 'gtc',
    });
    expect(protect.body.status).toBe('new');
    expect((await place({ symbol: 'BTC/USD', time_in_force: 'day' })).body.message).toBe(
      'invalid crypto time_in_force',
    );
    expect(
      (await place({ symbol: 'BTC/USD', type: 'stop', stop_price: '70000', time_in_force: 'gtc' })).body.code,
    ).toBe(40010001);
    expect((await place({ symbol: 'BTC/USD', qty: '0.0001', time_in_force: 'gtc' })).body.message).toContain(
      'cost basis',
    );
    const option = 'AAPL260618C00210000';
    await simulator.market(option, '6.4', '6.45');
    expect((await place({ symbol: option, qty: '2', type: 'limit', limit_price: '6.45' })).body).toMatchObject({
      asset_class: 'us_option',
    });
    expect((await place({ symbol: 'AAPL260618C00220000', qty: '2' })).status).toBe(422);
  });
});

describe('reference and prices', () => {
  it('show days, hours and assets', async () => {
    expect((await call('GET', '/v2/clock')).body).toEqual({
      timestamp: '2026-03-03T10:00:00.000-05:00',
      is_open: true,
      next_open: '2026-03-04T09:30:00.000-05:00',
      next_close: '2026-03-03T16:00:00.000-05:00',
    });
    const { body } = await call('GET', '/v2/calendar?start=2026-11-25&end=2026-11-28');
    expect(body).toEqual([
      {
        date: '2026-11-25',
        open: '09:30',
        close: '16:00',
        session_open: '0400',
        session_close: '2000',
        settlement_date: '2026-11-27',
      },
      {
        date: '2026-11-27',
        open: '09:30',
        close: '13:00',
        session_open: '0400',
        session_close: '1700',
        settlement_date: '2026-11-30',
      },
    ]);
    expect((await call('GET', '/v2/assets/AAPL')).body).toMatchObject({
      tradable: true,
      fractionable: false,
      class: 'us_equity',
    });
    expect((await call('GET', '/v2/assets/ZZZZZ')).body).toEqual({
      code: 40410000,
      message: 'asset not found for ZZZZZ',
    });
  });

  it('leave out symbols that nobody knows', async () => {
    const { body } = await call('GET', '/v2/stocks/quotes/latest?symbols=AAPL,ZZZZZ&feed=iex');
    expect(Object.keys(body.quotes)).toEqual(['AAPL']);
    expect(body.quotes.AAPL).toMatchObject({ bp: 149.9, ap: 150 });
    expect((await call('GET', '/v2/stocks/snapshots?symbols=AAPL')).body.AAPL.latestTrade.p).toBe(150);
    const bars = (
      await call(
        'GET',
        '/v2/stocks/bars?symbols=AAPL&timeframe=5Min&start=2026-03-03T14:30:00Z&end=2026-03-03T15:00:00Z&limit=4',
      )
    ).body;
    expect([bars.bars.AAPL.length, bars.next_page_token]).toEqual([4, '4']);
    await simulator.market('BTC-USD', '68000', '68010');
    expect((await call('GET', '/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD')).body.quotes['BTC/USD'].bp).toBe(
      68000,
    );
  });
});
