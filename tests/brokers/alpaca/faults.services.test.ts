import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BrokerAccess, NotConnected } from '../../../src/broker-port/access.js';
import { AmbiguousOrder, BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { BudgetExhausted, type RequestBudget } from '../../../src/broker-port/request-budget.js';
import { AlpacaBroker } from '../../../src/brokers/alpaca/alpaca-broker.js';
import { decimalString } from '../../../src/domain/decimal.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Body } from '../../simulator/simulator-fixture.js';
import { ACCOUNT, lowLimit, newId, order, sellStop, TestAlpaca } from './alpaca-fixture.js';

let alpaca: TestAlpaca;
beforeEach(async () => {
  alpaca = await TestAlpaca.start();
});
afterEach(() => alpaca.close());

const d = decimalString;
const SHORTLY = { count: 1, seconds: 0.05 };
const ONCE = { count: 1 };
/** The call and the one after its renewal. */
const TWICE = { count: 2 };

/** The fault, what the adapter says, and how many orders there are in truth. */
const PLACEMENTS: [kind: string, more: object, outcome: object, orders: number][] = [
  ['timeout_before', SHORTLY, { outcome: 'unknown' }, 0],
  ['timeout_after', SHORTLY, { outcome: 'unknown' }, 1],
  ['http_500', ONCE, { outcome: 'unknown' }, 0],
  ['http_500_after', ONCE, { outcome: 'unknown' }, 1],
  ['http_429', ONCE, { outcome: 'not_placed', retryAfterMs: 1_000 }, 0],
  ['unauthorized', ONCE, { outcome: 'accepted' }, 1],
  ['unauthorized', TWICE, { outcome: 'not_placed' }, 0],
  ['clock_skew', TWICE, { outcome: 'not_placed' }, 0],
  ['malformed', ONCE, { outcome: 'unknown' }, 1],
  ['html_200', ONCE, { outcome: 'unknown' }, 1],
  ['disconnect', ONCE, { outcome: 'unknown' }, 1],
  ['redirect_307', ONCE, { outcome: 'unknown' }, 0],
  ['slow', SHORTLY, { outcome: 'accepted' }, 1],
  ['duplicate_delivery', ONCE, { outcome: 'accepted' }, 1],
  ['reject', ONCE, { outcome: 'rejected', refusal: { code: 'refused' } }, 0],
  ['late_reject', ONCE, { outcome: 'accepted' }, 1],
  ['partial_fill', ONCE, { outcome: 'accepted', order: { filledQuantity: '0' } }, 1],
  ['duplicate_unlisted', ONCE, { outcome: 'accepted' }, 1],
];

describe('a placement', () => {
  it.each(PLACEMENTS)('meets %s %j', async (kind, more, outcome, count) => {
    await alpaca.simulator.fault(kind, 'place_entry', more);
    const request = order();
    expect(await alpaca.place(request)).toMatchObject(outcome);
    const orders = await alpaca.ordersAtBroker();
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(Array(count).fill(request.clientOrderId));
    if (kind === 'duplicate_unlisted') return;
    const found = await alpaca.broker.find(ACCOUNT, request);
    expect(found?.orderId).toBe(orders[0]?.orderId);
  });

  it('of a stop gives up after three seconds, and is found', async () => {
    await alpaca.placed();
    await alpaca.simulator.fault('timeout_after', 'place_stop');
    const request = sellStop();
    expect(await alpaca.place(request)).toMatchObject({ outcome: 'unknown' });
    expect(await alpaca.broker.find(ACCOUNT, request)).toMatchObject({ status: 'working', stopPrice: '140' });
  });

  it('is not made when no connection can be made, or a pair’s increments cannot be read', async () => {
    const coin = order({ symbol: 'BTC-USD', assetClass: 'crypto', quantity: d('0.01') });
    await alpaca.simulator.fault('timeout_before', 'other', SHORTLY);
    expect(await alpaca.place(coin)).toMatchObject({ outcome: 'not_placed' });
    expect(await alpaca.ordersAtBroker()).toEqual([]);
    await alpaca.close();
    expect(await alpaca.place()).toMatchObject({ outcome: 'not_placed' });
    alpaca = await TestAlpaca.start();
  });

  it('that comes again under the same id is the first one, and there is no second', async () => {
    const request = order();
    const first = await alpaca.placed(request);
    expect(await alpaca.place(request)).toMatchObject({
      outcome: 'accepted',
      order: { orderId: first.orderId, status: 'filled', filledQuantity: '40' },
    });
    expect(await alpaca.ordersAtBroker()).toHaveLength(1);
  });

  it('that comes again while the first is not shown is unknown until it is', async () => {
    const request = order();
    await alpaca.simulator.fault('duplicate_unlisted', 'place_entry');
    const first = await alpaca.placed(request);
    expect(await alpaca.broker.find(ACCOUNT, request)).toBeUndefined();
    expect(await alpaca.place(request)).toMatchObject({ outcome: 'unknown' });
    alpaca.simulator.clock.advance(31);
    expect((await alpaca.broker.find(ACCOUNT, request))?.orderId).toBe(first.orderId);
    expect(await alpaca.ordersAtBroker()).toHaveLength(1);
  });
});

describe('a search', () => {
  it('finds its own order beside a foreign twin, also when it is final', async () => {
    const request = lowLimit();
    await alpaca.placed({ ...request, clientOrderId: 'by-hand' });
    expect(await alpaca.broker.find(ACCOUNT, request)).toBeUndefined();
    const { orderId } = await alpaca.placed(request);
    await alpaca.broker.cancel(ACCOUNT, orderId);
    expect(await alpaca.broker.find(ACCOUNT, request)).toMatchObject({ orderId, status: 'cancelled' });
  });

  it('does not take an order of another symbol or side for its own', async () => {
    const request = order();
    await alpaca.placed(request);
    await expect(alpaca.broker.find(ACCOUNT, { ...request, symbol: 'MSFT' })).rejects.toThrow(AmbiguousOrder);
    await expect(alpaca.broker.find(ACCOUNT, { ...request, side: 'sell' })).rejects.toThrow(AmbiguousOrder);
  });
});

const CANCELS: [kind: string, more: object, outcome: object, status: string][] = [
  ['timeout_before', SHORTLY, { outcome: 'unknown' }, 'working'],
  ['timeout_after', SHORTLY, { outcome: 'unknown' }, 'cancelled'],
  ['http_500', ONCE, { outcome: 'unknown' }, 'working'],
  ['http_500_after', ONCE, { outcome: 'unknown' }, 'cancelled'],
  ['http_429', ONCE, { outcome: 'unknown' }, 'working'],
  ['unauthorized', ONCE, { outcome: 'accepted' }, 'cancelled'],
  ['unauthorized', TWICE, { outcome: 'unknown' }, 'working'],
  ['clock_skew', TWICE, { outcome: 'unknown' }, 'working'],
  // an empty answer has no half: 204 is the whole of it
  ['malformed', ONCE, { outcome: 'accepted' }, 'cancelled'],
  ['disconnect', ONCE, { outcome: 'unknown' }, 'cancelled'],
  ['html_200', ONCE, { outcome: 'unknown' }, 'cancelled'],
  ['redirect_307', ONCE, { outcome: 'unknown' }, 'working'],
  ['reject', ONCE, { outcome: 'rejected', refusal: { code: 'too_late' } }, 'working'],
  ['slow', SHORTLY, { outcome: 'accepted' }, 'cancelled'],
  ['duplicate_delivery', ONCE, { outcome: 'accepted' }, 'cancelled'],
  ['cancel_too_late', ONCE, { outcome: 'rejected', refusal: { code: 'too_late' } }, 'filled'],
  ['fill_after_cancel_ack', ONCE, { outcome: 'accepted' }, 'working'],
];

describe('a cancel', () => {
  it.each(CANCELS)('meets %s %j', async (kind, more, outcome, status) => {
    const { orderId } = await alpaca.placed(lowLimit());
    await alpaca.simulator.fault(kind, 'cancel', more);
    expect(await alpaca.broker.cancel(ACCOUNT, orderId)).toMatchObject(outcome);
    expect((await alpaca.broker.order(ACCOUNT, orderId))?.status).toBe(status);
    expect(await alpaca.ordersAtBroker()).toHaveLength(1);
  });

  it('of a stop that fills meanwhile is too late', async () => {
    await alpaca.placed();
    const { orderId } = await alpaca.placed(sellStop());
    await alpaca.simulator.fault('stop_fills_on_cancel', 'cancel');
    expect(await alpaca.broker.cancel(ACCOUNT, orderId)).toMatchObject({ refusal: { code: 'too_late' } });
    expect(await alpaca.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'filled', triggered: true });
  });

  it('that was acknowledged says nothing of a fill that still comes', async () => {
    const { orderId } = await alpaca.placed(lowLimit());
    await alpaca.simulator.fault('fill_after_cancel_ack', 'cancel');
    await alpaca.broker.cancel(ACCOUNT, orderId);
    alpaca.simulator.clock.advance(1);
    expect(await alpaca.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
  });
});

/** The last is the number of orders after the entry and the first stop. */

describe('a read', () => {
  const FAULTS = [
    ...['timeout_before', 'timeout_after', 'http_500', 'http_500_after', 'http_429'],
    ...['malformed', 'html_200', 'disconnect', 'redirect_307'],
  ];
  let orderId: string;
  let request: OrderRequest;
  beforeEach(async () => {
    request = lowLimit();
    ({ orderId } = await alpaca.placed(request));
  });
  const reads = (): [operation: string, read: () => Promise<unknown>][] => [
    ['get_order', () => alpaca.broker.order(ACCOUNT, orderId)],
    ['get_order', () => alpaca.broker.find(ACCOUNT, request)],
    ['list_orders', () => alpaca.broker.openOrders(ACCOUNT)],
    ['positions', () => alpaca.broker.positions(ACCOUNT)],
    ['quote', () => alpaca.broker.quotes(['AAPL'], ACCOUNT)],
    ['quote', () => alpaca.broker.candles(ACCOUNT, 'AAPL', { from: 0, to: 1, timeframe: '1Day' })],
    ['other', () => alpaca.broker.accountSnapshot(ACCOUNT)],
    ['positions', () => alpaca.another().look(ACCOUNT, 'AAPL', 'equity', [orderId])],
  ];

  it.each(FAULTS)('that meets %s says that nothing is known', async (kind) => {
    for (const [operation, read] of reads()) {
      await alpaca.simulator.fault(kind, operation, SHORTLY);
      await expect(read()).rejects.toThrow(BrokerUnavailable);
      await expect(read()).resolves.toBeDefined();
    }
  });

  it('is made once more with a newer credential, and not a third time', async () => {
    for (const [operation, read] of reads().slice(0, -1)) {
      await alpaca.simulator.fault('unauthorized', operation, ONCE);
      await expect(read()).resolves.toBeDefined();
      await alpaca.simulator.fault('unauthorized', operation, TWICE);
      await expect(read()).rejects.toThrow(BrokerUnavailable);
      const { body } = await alpaca.simulator.call('GET', '/control/faults');
      expect(body.items.map(({ hits, count }: Body) => hits === count)).not.toContain(false);
    }
  });
});

describe('nothing is sent', () => {
  it('while nobody is signed in', async () => {
    const nobody: BrokerAccess = {
      open: () => Promise.reject(new NotConnected('log in first')),
      renew: () => Promise.reject(new NotConnected('log in first')),
    };
    const broker = alpaca.another(nobody);
    expect(await broker.place(ACCOUNT, order())).toEqual({
      ...{ outcome: 'not_placed', detail: 'log in first', retryAfterMs: expect.any(Number) },
    });
    expect(await broker.cancel(ACCOUNT, 'some-order')).toMatchObject({ outcome: 'unknown' });
    await expect(broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    expect((await alpaca.simulator.ledger()).requests).toEqual([]);
  });

  it('when the budget is used up, and each call says how much it matters', async () => {
    const calls: string[] = [];
    const budget: RequestBudget = {
      take: async ({ kind, priority }) => {
        calls.push(`${kind} ${priority}`);
        if (kind === 'write') throw new BudgetExhausted(1_234);
      },
      slowDown: async () => {},
    };
    const broker = new AlpacaBroker({ baseUrl: `${alpaca.simulator.url}/alpaca`, access: alpaca.access, budget });
    for (const leg of ['entry', 'stop', 'exit'] as const) {
      expect(await broker.place(ACCOUNT, order({ clientOrderId: newId(leg) }))).toMatchObject({
        ...{ outcome: 'not_placed', retryAfterMs: 1_234 },
      });
    }
    await broker.cancel(ACCOUNT, 'some-order');
    (await broker.positions(ACCOUNT)).rows;
    expect(calls).toEqual(['write entry', 'write stop', 'write close', 'write close', 'read poll']);
    expect(await alpaca.ordersAtBroker()).toEqual([]);
  });
});

describe('the world', () => {
  it('cancels, takes away and halts without asking', async () => {
    const resting = await alpaca.placed(lowLimit());
    await alpaca.simulator.fault('external_cancel', '*', { count: 1, match: { symbol: 'AAPL' } });
    expect((await alpaca.broker.order(ACCOUNT, resting.orderId))?.status).toBe('cancelled');
    await alpaca.placed();
    await alpaca.simulator.fault('external_position_change', '*', { count: 1, match: { symbol: 'AAPL' } });
    expect((await alpaca.broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'AAPL', quantity: '20' }]);
    await alpaca.simulator.fault('halt', '*', { count: 1, match: { symbol: 'AAPL' } });
    const waiting = await alpaca.placed();
    expect((await alpaca.broker.order(ACCOUNT, waiting.orderId))?.status).toBe('working');
  });

  it('jumps over a stop, which fills behind the jump', async () => {
    await alpaca.placed();
    const { orderId } = await alpaca.placed(sellStop('140'));
    await alpaca.simulator.fault('gap', '*', { count: 1, percent: -10, match: { symbol: 'AAPL' } });
    const [execution] = (await alpaca.broker.order(ACCOUNT, orderId))?.executions ?? [];
    expect(execution).toMatchObject({ quantity: '40', price: '134.91' });
  });

  it('closes for the night: what is sent waits, as what is shown says', async () => {
    await alpaca.simulator.fault('session_close', '*', ONCE);
    const { orderId, status } = await alpaca.placed();
    expect(status).toBe('submitted');
    expect((await alpaca.broker.order(ACCOUNT, orderId))?.status).toBe('submitted');
  });
});

it('shows what was true a while ago when that is what Alpaca shows', async () => {
  const { orderId } = await alpaca.placed(lowLimit());
  alpaca.simulator.clock.advance(20);
  await alpaca.broker.cancel(ACCOUNT, orderId);
  await alpaca.simulator.fault('stale_read', 'get_order');
  expect((await alpaca.broker.order(ACCOUNT, orderId))?.status).toBe('working');
  expect((await alpaca.broker.order(ACCOUNT, orderId))?.status).toBe('cancelled');
});

it('signs in with a newer credential after 401, once for each call', async () => {
  const good = alpaca.access.credential;
  alpaca.access.credential = { kind: 'keys', keyId: 'PKOLD', secret: 'old' };
  alpaca.access.renewed = good;
  expect(await alpaca.place()).toMatchObject({ outcome: 'accepted' });
  expect(alpaca.access.refused).toEqual([alpaca.access.credential]);
  alpaca.access.renewed = alpaca.access.credential;
  expect(await alpaca.place()).toMatchObject({ outcome: 'not_placed' });
  expect(await alpaca.ordersAtBroker()).toHaveLength(1);
});

it('does not show an order with fewer fills than Alpaca says it has', async () => {
  const filled = await alpaca.placed();
  alpaca.simulator.clock.advance(5);
  await alpaca.simulator.fault('stale_read', 'other', { count: 2, seconds: 10 });
  await expect(alpaca.broker.order(ACCOUNT, filled.orderId)).rejects.toThrow(BrokerUnavailable);
  const resting = await alpaca.placed(sellStop('140', { quantity: d('10') }));
  const look = await alpaca.broker.look(ACCOUNT, 'AAPL', 'equity', [resting.orderId]);
  expect(look.orders).toMatchObject([{ orderId: resting.orderId, status: 'working' }]);
  await expect(alpaca.broker.order(ACCOUNT, filled.orderId)).rejects.toThrow(BrokerUnavailable);
  expect((await alpaca.broker.order(ACCOUNT, filled.orderId))?.executions).toHaveLength(1);
});

it('shows what is left after an execution was taken back', async () => {
  const { orderId } = await alpaca.placed();
  expect((await alpaca.broker.order(ACCOUNT, orderId))?.filledQuantity).toBe('40');
  await alpaca.simulator.fault('bust', '*', { count: 1, match: { symbol: 'AAPL' } });
  expect(await alpaca.broker.order(ACCOUNT, orderId)).toMatchObject({ filledQuantity: '0', executions: [] });
});

it('waits as long as Alpaca asks when its limit of calls is reached', async () => {
  await alpaca.simulator.fault('http_429', 'place_entry', { count: 1, seconds: 7 });
  expect(await alpaca.place()).toMatchObject({ outcome: 'not_placed', retryAfterMs: 7_000 });
});
