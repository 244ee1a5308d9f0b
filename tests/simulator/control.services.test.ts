import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOGIN, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
beforeEach(async () => {
  simulator = await TestSimulator.start();
});
afterEach(() => simulator.close());

describe('the control interface', () => {
  it.each([
    ['faults', { kind: 'odd', operation: '*', count: 1 }, '/kind'],
    ['faults', { kind: 'reject', operation: '*' }, 'count and probability'],
    ['faults', { kind: 'reject', operation: '*', count: 1, more: 1 }, 'more'],
    ['market', { symbol: 'AAPL' }, 'bid, ask and last'],
    ['market', { symbol: 'AAPL', bid: 150 }, '/bid'],
    ['market', { symbol: 'AAPL', bid: '-1' }, 'greater than zero'],
    ['market', { symbol: 'aapl', bid: '1' }, '/symbol'],
    ['clock', { now: 'noon' }, '/now'],
    ['clock', { now: '2026-03-04T00:00:00Z', advanceSeconds: 1 }, 'not both'],
    ['accounts', { broker: 'nobody', cash: '1', login: LOGIN }, '/broker'],
    ['fills', { broker: 'alpaca', orderId: 'x', quantity: '0', price: '1' }, '/quantity'],
  ])('says what is wrong with %s %j', async (path, json, text) => {
    const { status, body } = await simulator.call('POST', `/control/${path}`, { json });
    expect([status, body.type]).toEqual([422, 'urn:arbion:problem:validation-failed']);
    expect(body.detail).toContain(text);
  });

  it('answers what is no JSON, and what is not there', async () => {
    const broken = await simulator.call('POST', '/control/market', { form: { symbol: 'AAPL' } });
    expect([broken.status, broken.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect((await simulator.call('GET', '/control/nothing')).status).toBe(404);
  });

  it('keeps a clock that never goes back', async () => {
    expect(await simulator.control('clock', { now: '2026-03-03T16:00:00Z', speed: 60 })).toMatchObject({
      speed: 60,
      session: 'regular',
    });
    simulator.clock.advance(60);
    expect((await simulator.call('GET', '/control/clock')).body.now).toBe('2026-03-03T17:00:00.000Z');
    expect((await simulator.control('clock', { advanceSeconds: 36_000, speed: 0 })).session).toBe('closed');
    expect((await simulator.call('POST', '/control/clock', { json: { now: '2026-03-03T16:00:00Z' } })).status).toBe(
      409,
    );
  });

  it('opens accounts with positions, fills by decree, and shows the books', async () => {
    const positions = [{ symbol: 'AAPL', quantity: '40', averagePrice: '150' }];
    const { account, credentials } = await simulator.open('alpaca', { positions });
    await simulator.market('AAPL', '149', '151');
    const headers = { 'APCA-API-KEY-ID': credentials.keyId, 'APCA-API-SECRET-KEY': credentials.secretKey };
    const stop = {
      symbol: 'AAPL',
      qty: '40',
      side: 'sell',
      type: 'stop',
      stop_price: '140',
      time_in_force: 'gtc',
      client_order_id: 'arb-s1',
    };
    const { body } = await simulator.call('POST', '/alpaca/v2/orders', { headers, json: stop });
    const fill = { broker: 'alpaca', orderId: body.id, quantity: '15', price: '139.5' };
    expect(await simulator.control('fills', fill)).toEqual({ orderId: body.id, filledQuantity: '15' });
    const ledger = await simulator.ledger();
    expect(ledger.positions).toEqual([
      { broker: 'alpaca', account, symbol: 'AAPL', quantity: '25', averagePrice: '150' },
    ]);
    expect(ledger.orders).toEqual([
      {
        ...{
          broker: 'alpaca',
          account,
          orderId: body.id,
          clientOrderId: 'arb-s1',
          symbol: 'AAPL',
          side: 'sell',
          type: 'stop',
        },
        ...{ quantity: '40', stopPrice: '140', timeInForce: 'gtc', status: 'partially_filled', filledQuantity: '15' },
        events: [
          { at: '2026-03-03T15:00:00.000Z', kind: 'accepted' },
          {
            at: '2026-03-03T15:00:00.000Z',
            kind: 'fill',
            quantity: '15',
            price: '139.5',
            executionId: expect.any(String),
          },
        ],
      },
    ]);
    expect(ledger.requests).toEqual([
      { at: '2026-03-03T15:00:00.000Z', broker: 'alpaca', operation: 'place_stop', account },
    ]);
    expect((await simulator.call('GET', '/control/ledger?broker=schwab')).body.orders).toEqual([]);
    expect((await simulator.call('POST', '/control/fills', { json: { ...fill, orderId: 'nobody' } })).status).toBe(404);
  });

  it('resets everything', async () => {
    await simulator.open('alpaca');
    await simulator.fault('reject');
    expect((await simulator.call('POST', '/control/reset')).status).toBe(204);
    expect(await simulator.ledger()).toEqual({ orders: [], requests: [], refreshes: [], positions: [] });
    expect((await simulator.call('GET', '/control/faults')).body.items).toEqual([]);
  });

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['another name for this machine', { host: 'evil.example' }],
  ])('is closed to %s', async (_what, headers) => {
    // fetch lets nobody choose these headers
    const status = await new Promise((resolve) => {
      request(`${simulator.url}/control/ledger`, { headers }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(403);
  });
});
