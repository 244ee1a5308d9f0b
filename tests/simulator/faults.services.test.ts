import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Body, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
let account: string;
let headers: Record<string, string>;

beforeEach(async () => {
  simulator = await TestSimulator.start(undefined, undefined, { hasUnrelated: false });
  const opened = await simulator.open('alpaca');
  ({ account } = opened);
  headers = { 'APCA-API-KEY-ID': opened.credentials.keyId, 'APCA-API-SECRET-KEY': opened.credentials.secretKey };
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
});
afterEach(() => simulator.close());

const call = (method: string, path: string, json?: unknown): Promise<Answer> =>
  simulator.call(method, `/alpaca/v2${path}`, { headers, json });
const buy = (more: object = {}) =>
  call('POST', '/orders', {
    symbol: 'AAPL',
    qty: '40',
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    client_order_id: 'arb-1',
    ...more,
  });
const rest = (more: object = {}) => buy({ type: 'limit', limit_price: '100', ...more });
const stop = () =>
  buy({ side: 'sell', type: 'stop', stop_price: '140', time_in_force: 'gtc', client_order_id: 'arb-stop' });
const find = async (id = 'arb-1') => (await call('GET', `/orders:by_client_order_id?client_order_id=${id}`)).body;
const placed = async () => (await simulator.ledger()).orders as Body[];
const failsWith = async (promise: Promise<unknown>) => expect(promise).rejects.toThrow();

describe('the way between program and broker', () => {
  it('timeout_before: nothing is executed, nothing is answered', async () => {
    await simulator.fault('timeout_before', 'place_entry', { count: 1, seconds: 0.2 });
    await failsWith(buy());
    expect(await placed()).toEqual([]);
    expect((await buy()).status).toBe(200);
  });

  it.each(['timeout_after', 'disconnect'])('%s: executed, and the answer is lost', async (kind) => {
    await simulator.fault(kind, 'place_entry', { count: 1, seconds: 0.2 });
    await failsWith(buy());
    expect(await find()).toMatchObject({ status: 'filled' });
    expect((await buy()).body.message).toBe('client_order_id must be unique');
  });

  it.each([
    ['http_500', 504, 0],
    ['http_500_after', 504, 1],
    ['http_429', 429, 0],
    ['unauthorized', 401, 0],
    ['clock_skew', 401, 0],
    ['redirect_307', 307, 0],
    ['html_200', 200, 1],
    ['malformed', 200, 1],
  ])('%s: answers %i and executes %i', async (kind, status, executed) => {
    await simulator.fault(kind, 'place_entry');
    const answer = await buy();
    expect(answer.status).toBe(status);
    expect(await placed()).toHaveLength(executed);
    if (kind === 'html_200' || kind === 'malformed') expect(answer.body).toBeUndefined();
    if (kind === 'http_429') expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('slow: executed late', async () => {
    await simulator.fault('slow', 'place_entry', { count: 1, seconds: 2 });
    const order = buy();
    await expect.poll(() => simulator.hits()).toBe(1);
    expect(await placed()).toEqual([]);
    expect((await order).status).toBe(200);
  });

  it('duplicate_delivery: executed twice where the broker lets it, answered once', async () => {
    await simulator.fault('duplicate_delivery', 'place_entry');
    expect((await buy()).status).toBe(200);
    expect(await placed()).toHaveLength(1);
    await simulator.fault('duplicate_delivery', 'place_entry');
    await buy({ client_order_id: undefined });
    expect(await placed()).toHaveLength(3);
  });
});

describe('the broker’s treatment of a call', () => {
  it('reject: refused, and nothing of it is left', async () => {
    await simulator.fault('reject', 'place_entry');
    expect((await buy()).body.message).toBe('new orders are rejected by user request');
    expect(await placed()).toEqual([]);
  });

  it('late_reject: taken, and rejected a second later', async () => {
    await simulator.fault('late_reject', 'place_entry');
    expect((await buy()).body.status).toBe('pending_new');
    expect((await find()).status).toBe('pending_new');
    simulator.clock.advance(1);
    expect(await find()).toMatchObject({ status: 'rejected', filled_qty: '0' });
  });

  it('partial_fill: half of it at once', async () => {
    await simulator.fault('partial_fill', 'place_entry');
    await buy();
    expect(await find()).toMatchObject({ status: 'partially_filled', filled_qty: '20' });
  });

  it('cancel_too_late: it is filled before', async () => {
    await simulator.fault('cancel_too_late', 'cancel');
    const { body } = await rest();
    const refused = await call('DELETE', `/orders/${body.id}`);
    expect([refused.status, refused.body.message]).toEqual([422, 'order is already in "filled" state']);
  });

  it('fill_after_cancel_ack: the cancel is acknowledged, the fill comes all the same', async () => {
    await simulator.fault('fill_after_cancel_ack', 'cancel');
    const { body } = await rest();
    expect((await call('DELETE', `/orders/${body.id}`)).status).toBe(204);
    expect((await find()).status).toBe('pending_cancel');
    expect((await call('PATCH', `/orders/${body.id}`, { qty: '1' })).status).toBe(422);
    simulator.clock.advance(1);
    expect((await find()).status).toBe('filled');
  });

  it('stop_fills_on_cancel: only stops', async () => {
    await simulator.fault('stop_fills_on_cancel', 'cancel', { count: 2 });
    const { body: limit } = await rest({ client_order_id: 'limit' });
    expect((await call('DELETE', `/orders/${limit.id}`)).status).toBe(204);
    await buy();
    const { body } = await stop();
    expect((await call('DELETE', `/orders/${body.id}`)).status).toBe(422);
    expect((await call('GET', '/positions')).body).toEqual([]);
  });

  it('stale_read: as it was some seconds ago', async () => {
    await buy();
    await simulator.fault('stale_read', 'get_order', { count: 2, seconds: 5 });
    expect((await find()).message).toBe('order not found');
    simulator.clock.advance(6);
    expect((await find()).status).toBe('filled');
  });

  it('stale_read of positions', async () => {
    simulator.clock.advance(60);
    await buy();
    await simulator.fault('stale_read', 'positions');
    expect((await call('GET', '/positions')).body).toEqual([]);
    expect((await call('GET', '/positions')).body).toHaveLength(1);
  });

  it('duplicate_unlisted: it is there, and no read shows it yet', async () => {
    await simulator.fault('duplicate_unlisted', 'place_entry');
    await buy();
    expect((await find()).message).toBe('order not found');
    expect((await call('GET', '/orders?status=all')).body).toEqual([]);
    expect((await buy()).status).toBe(422);
    simulator.clock.advance(30);
    expect((await find()).status).toBe('filled');
  });

  it('quote_missing_field and quote_stale', async () => {
    const quote = async () => (await call('GET', '/stocks/quotes/latest?symbols=AAPL')).body.quotes.AAPL;
    await simulator.fault('quote_missing_field', 'quote');
    expect(await quote()).toMatchObject({ bp: 0, ap: 150 });
    await simulator.fault('quote_stale', 'quote');
    expect(Date.parse((await quote()).t)).toBe(simulator.clock.now() - 60_000);
  });
});

describe('the world around', () => {
  it('external_cancel: somebody else cancels the stop', async () => {
    await buy();
    const { body } = await stop();
    await simulator.fault('external_cancel', 'get_order', { count: 1, match: { symbol: 'AAPL', side: 'sell' } });
    expect((await call('GET', `/orders/${body.id}`)).body.status).toBe('canceled');
  });

  it('external_position_change: half of the shares go, and the stop with them', async () => {
    await buy();
    await stop();
    await simulator.fault('external_position_change');
    expect((await call('GET', '/positions/AAPL')).body).toMatchObject({ qty: '20', qty_available: '20' });
  });

  it('bust: the last fill is taken back', async () => {
    await buy();
    await simulator.fault('bust', '*', { count: 1, match: { account } });
    expect(await find()).toMatchObject({ status: 'canceled', filled_qty: '0', filled_avg_price: null });
    expect((await call('GET', '/account')).body.cash).toBe('100000.00');
    const [order] = await placed();
    expect(order.events.map(({ kind }: Body) => kind)).toEqual(['accepted', 'fill', 'bust']);
  });

  it('bust: the stop for shares that are gone goes too', async () => {
    const { body } = await buy();
    await stop();
    await simulator.fault('bust', 'get_order', { count: 1, match: { side: 'buy' } });
    expect((await call('GET', `/orders/${body.id}`)).body.filled_qty).toBe('0');
    await simulator.market('AAPL', '130', '131', { last: '130' });
    expect((await find('arb-stop')).status).toBe('canceled');
    expect((await call('GET', '/positions')).body).toEqual([]);
  });

  it('halt and resume', async () => {
    await simulator.fault('halt', '*', { count: 1, match: { symbol: 'AAPL' } });
    await buy();
    expect((await find()).status).toBe('new');
    await simulator.fault('resume');
    expect((await find()).status).toBe('filled');
  });

  it('session_close for some seconds, and session_open', async () => {
    await simulator.fault('session_close', '*', { count: 1, seconds: 60 });
    expect((await call('GET', '/clock')).body.is_open).toBe(false);
    expect((await buy()).body.status).toBe('accepted');
    simulator.clock.advance(61);
    expect((await find()).status).toBe('filled');
    await simulator.control('clock', { now: '2026-03-07T15:00:00Z' });
    expect((await call('GET', '/clock')).body.is_open).toBe(false);
    await simulator.fault('session_open');
    expect((await call('GET', '/clock')).body.is_open).toBe(true);
  });

  it('gap: the price jumps past the stop', async () => {
    await buy();
    const { body } = await stop();
    await simulator.fault('gap', '*', { count: 1, match: { symbol: 'AAPL' }, percent: -20 });
    expect((await call('GET', `/orders/${body.id}`)).body).toMatchObject({
      status: 'filled',
      filled_avg_price: '119.92',
    });
  });
});

describe('planning', () => {
  it('aims by operation, account, symbol and side, and counts hits', async () => {
    await simulator.fault('http_500', 'place_stop', { count: 1, match: { account, symbol: 'AAPL', side: 'sell' } });
    await simulator.fault('http_500', 'place_entry', { count: 1, broker: 'coinbase' });
    expect((await buy()).status).toBe(200);
    expect((await stop()).status).toBe(504);
    expect((await stop()).status).toBe(200);
    const { items } = (await simulator.call('GET', '/control/faults')).body;
    expect(items.map(({ hits }: Body) => hits)).toEqual([1, 0]);
    const { requests } = await simulator.ledger();
    expect(requests.map(({ operation, fault }: Body) => [operation, fault])).toEqual([
      ['place_entry', undefined],
      ['place_stop', 'http_500'],
      ['place_stop', undefined],
    ]);
    await simulator.call('DELETE', '/control/faults');
    expect((await simulator.call('GET', '/control/faults')).body.items).toEqual([]);
  });

  it('repeats what chance did for the same seed', async () => {
    const run = async () => {
      await simulator.call('DELETE', '/control/faults');
      await simulator.fault('http_500', 'other', { probability: 0.3, seed: 7 });
      const answers: number[] = [];
      for (let n = 0; n < 40; n++) answers.push((await call('GET', '/clock')).status);
      return answers;
    };
    const first = await run();
    expect(first.filter((status) => status === 504).length).toBeGreaterThan(4);
    expect(first.filter((status) => status === 504).length).toBeLessThan(22);
    expect(await run()).toEqual(first);
  });
});
