import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { BudgetExhausted } from '../../../src/broker-port/request-budget.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, acceptedOrder, atSchwab, held, limitBuy, orderRequest, stopSell } from './schwab-fixture.js';

const once = { count: 1 };
/** A silence that ends before anybody loses patience. */
const briefly = { count: 1, seconds: 0.2 };

type Row = [kind: string, more: object, outcome: string, orders: number];

const WRITES: readonly Row[] = [
  ['timeout_before', briefly, 'unknown', 0],
  ['timeout_after', briefly, 'unknown', 1],
  ['http_500', once, 'unknown', 0],
  ['http_500_after', once, 'unknown', 1],
  ['http_429', once, 'unknown', 0],
  ['unauthorized', once, 'accepted', 1],
  ['unauthorized', { count: 2 }, 'not_placed', 0],
  ['clock_skew', { count: 2 }, 'not_placed', 0],
  // the body of a 201 is empty, so half of it is all of it
  ['malformed', once, 'accepted', 1],
  ['html_200', once, 'unknown', 1],
  ['slow', briefly, 'accepted', 1],
  ['disconnect', once, 'unknown', 1],
  ['redirect_307', once, 'unknown', 0],
  ['reject', once, 'rejected', 0],
];
const PLACEMENTS: readonly Row[] = [
  ...WRITES,
  ['duplicate_delivery', once, 'accepted', 2],
  ['late_reject', once, 'accepted', 1],
  ['duplicate_unlisted', once, 'unknown', 1],
  ['location_missing', once, 'unknown', 1],
  ['location_wrong', once, 'unknown', 1],
];
const LEGS: readonly [operation: string, request: OrderRequest][] = [
  ['place_entry', limitBuy()],
  ['place_stop', stopSell()],
  ['place_exit', orderRequest({ side: 'sell', type: 'limit', limitPrice: '160' }, 'exit')],
];

describe('a placement at Schwab', () => {
  const rows = LEGS.flatMap(([operation, request]) => PLACEMENTS.map((row) => ({ operation, request, row })));

  it.each(rows)('$operation: $row.0 $row.1', async ({ operation, request, row: [kind, more, outcome, orders] }) => {
    const { simulator, broker, orderCount } = await atSchwab([held('AAPL', '80')]);
    await simulator.fault(kind, operation, more);
    expect(await broker.place(ACCOUNT, request)).toMatchObject({ outcome });
    expect(await orderCount()).toBe(orders);
  });

  it('that Schwab takes and fills half of at once is reported so', async () => {
    const { simulator, broker } = await atSchwab();
    await simulator.fault('partial_fill', 'place_entry');
    const order = acceptedOrder(await broker.place(ACCOUNT, orderRequest()));
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '20', executions: [{ quantity: '20' }] });
  });

  it('that is rejected after it was taken says why', async () => {
    const { simulator, accepted, order } = await atSchwab();
    await simulator.fault('late_reject', 'place_entry');
    const { orderId, status } = await accepted(limitBuy());
    expect(status).toBe('submitted');
    simulator.clock.advance(5);
    expect(await order(orderId)).toMatchObject({ status: 'rejected', rejectReason: expect.any(String) });
  });

  it('whose Location names the stop of another trade does not adopt it', async () => {
    const { simulator, broker, accepted } = await atSchwab([held('AAPL', '40')]);
    const stop = await accepted(stopSell());
    await simulator.fault('location_wrong', 'place_entry');
    const outcome = await broker.place(ACCOUNT, limitBuy());
    expect(outcome).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining(stop.orderId) });
  });

  it.each(['http_500', 'http_429', 'malformed', 'html_200', 'disconnect', 'redirect_307'])(
    'that cannot be read back is unknown: %s',
    async (kind) => {
      const { simulator, broker, orderCount } = await atSchwab();
      await simulator.fault(kind, 'get_order');
      expect(await broker.place(ACCOUNT, limitBuy())).toMatchObject({ outcome: 'unknown' });
      expect(await orderCount()).toBe(1);
    },
  );

  it('that no connection could be made for was not placed', async () => {
    const { brokerWith } = await atSchwab();
    const broker = brokerWith({ baseUrl: `http://127.0.0.1:${await unusedPort()}` });
    expect(await broker.place(ACCOUNT, limitBuy())).toMatchObject({ outcome: 'not_placed' });
  });

  it('that the budget has no room for was not placed, and may be tried later', async () => {
    const { brokerWith, orderCount } = await atSchwab();
    const exhausted = { take: () => Promise.reject(new BudgetExhausted(700)), slowDown: async () => {} };
    const outcome = await brokerWith({ budget: exhausted }).place(ACCOUNT, limitBuy());
    expect(outcome).toMatchObject({ outcome: 'not_placed', retryAfterMs: 700 });
    expect(await orderCount()).toBe(0);
  });

  it('takes its turn by what it is for', async () => {
    const { brokerWith } = await atSchwab([held('AAPL', '80')]);
    const turns: string[] = [];
    const budget = {
      take: async ({ priority, kind }: { priority: string; kind: string }) => void turns.push(`${priority} ${kind}`),
      slowDown: async () => {},
    };
    const broker = brokerWith({ budget });
    for (const [, request] of LEGS) await broker.place(ACCOUNT, request);
    await broker.openOrders(ACCOUNT);
    await broker.cancel(ACCOUNT, '1');
    const placements = ['entry write', 'entry read', 'stop write', 'stop read', 'close write', 'close read'];
    expect(turns).toEqual([...placements, 'poll read', 'close write']);
  });

  it('that is answered with a wait slows the account down', async () => {
    const { simulator, brokerWith } = await atSchwab();
    const waits: number[] = [];
    const budget = {
      take: async () => {},
      slowDown: async (_b: string, _a: string, ms: number) => void waits.push(ms),
    };
    await simulator.fault('http_429', 'place_entry', { count: 1, seconds: 7 });
    await brokerWith({ budget }).place(ACCOUNT, limitBuy());
    expect(waits).toEqual([7_000]);
  });
});

describe('a cancel at Schwab', () => {
  it.each([
    ['timeout_before', briefly, 'unknown', 'working'],
    ['timeout_after', briefly, 'unknown', 'cancelled'],
    ['http_500', once, 'unknown', 'working'],
    ['http_500_after', once, 'unknown', 'cancelled'],
    ['http_429', once, 'unknown', 'working'],
    ['unauthorized', once, 'accepted', 'cancelled'],
    ['unauthorized', { count: 2 }, 'unknown', 'working'],
    ['malformed', once, 'accepted', 'cancelled'],
    ['html_200', once, 'unknown', 'cancelled'],
    ['slow', briefly, 'accepted', 'cancelled'],
    ['disconnect', once, 'unknown', 'cancelled'],
    ['redirect_307', once, 'unknown', 'working'],
    ['duplicate_delivery', once, 'accepted', 'cancelled'],
    ['reject', once, 'rejected', 'working'],
    ['cancel_too_late', once, 'rejected', 'filled'],
    ['stop_fills_on_cancel', once, 'rejected', 'filled'],
    ['fill_after_cancel_ack', once, 'accepted', 'filled'],
  ])('%s %j', async (kind, more, outcome, status) => {
    const { simulator, broker, accepted, order, orderCount } = await atSchwab([held('AAPL', '40')]);
    const { orderId } = await accepted(stopSell());
    simulator.clock.advance(2);
    await simulator.fault(kind, 'cancel', more);
    expect(await broker.cancel(ACCOUNT, orderId)).toMatchObject({ outcome });
    simulator.clock.advance(2);
    expect(await order(orderId)).toMatchObject({ status });
    expect(await orderCount()).toBe(1);
  });

  it('that is under way leaves the order alive', async () => {
    const { simulator, broker, accepted, order } = await atSchwab([held('AAPL', '40')]);
    const { orderId } = await accepted(stopSell());
    await simulator.fault('fill_after_cancel_ack', 'cancel', { count: 1, seconds: 5 });
    await broker.cancel(ACCOUNT, orderId);
    expect(await order(orderId)).toMatchObject({ status: 'working', triggered: false });
  });
});

describe('a read at Schwab', () => {
  const failing: readonly [kind: string, more: object][] = [
    ['timeout_before', briefly],
    ['http_500', once],
    ['http_429', once],
    ['unauthorized', { count: 2 }],
    ['malformed', once],
    ['html_200', once],
    ['disconnect', once],
    ['redirect_307', once],
  ];
  const operations = ['get_order', 'list_orders', 'positions', 'quote'] as const;
  const rows = operations.flatMap((operation) => failing.map(([kind, more]) => ({ operation, kind, more })));

  const reads = (at: Awaited<ReturnType<typeof atSchwab>>, orderId: string) => ({
    get_order: () => at.broker.order(ACCOUNT, orderId),
    list_orders: () => at.broker.openOrders(ACCOUNT),
    positions: () => at.broker.positions(ACCOUNT),
    quote: () => at.broker.quotes(['AAPL'], ACCOUNT),
  });

  it.each(rows)('$operation: $kind $more says nothing', async ({ operation, kind, more }) => {
    const at = await atSchwab([held('MSFT', '1')]);
    const { orderId } = await at.accepted(limitBuy());
    await at.simulator.fault(kind, operation, more);
    const read = reads(at, orderId)[operation];
    await expect(read()).rejects.toThrow(BrokerUnavailable);
    await read();
  });

  it.each(operations)('%s is made again with a new token', async (operation) => {
    const at = await atSchwab();
    const { orderId } = await at.accepted(limitBuy());
    await at.simulator.fault('unauthorized', operation);
    await reads(at, orderId)[operation]();
    expect(at.login.renewals).toBe(1);
  });

  it('that shows the past is believed no further than the order is old', async () => {
    const { simulator, broker, accepted } = await atSchwab();
    const { orderId } = await accepted(limitBuy());
    simulator.clock.advance(30);
    await broker.cancel(ACCOUNT, orderId);
    await simulator.fault('stale_read', 'get_order');
    expect(await broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'working' });
    expect(await broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'cancelled' });
  });

  it('of an order by a name of the account that is no longer good says nothing of the order', async () => {
    const { login, broker, accepted } = await atSchwab();
    const { orderId } = await accepted(limitBuy());
    login.key = 'gone';
    await expect(broker.order(ACCOUNT, orderId)).rejects.toThrow(BrokerUnavailable);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  onTestFinished(() => expect(server.listening).toBe(false));
  return port;
}
