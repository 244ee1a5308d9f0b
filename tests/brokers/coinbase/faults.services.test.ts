import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { isFinal, type OrderRequest } from '../../../src/domain/order.js';
import {
  ACCOUNT,
  callsOf,
  entry,
  exit,
  openStage,
  ordersAt,
  resting,
  type Stage,
  stop,
  taken,
  text,
} from './coinbase-fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.close());

const place = (request: OrderRequest) => stage.broker.place(ACCOUNT, request);
const find = (request: OrderRequest) => stage.broker.find(ACCOUNT, request, stage.simulator.clock.now());
/** A silence is cut short by the exchange, so that no test waits for our own patience. */
const SILENCE = 0.2;
const fault = (kind: string, operation: string, more: object = {}) =>
  stage.simulator.fault(kind, operation, { count: 1, seconds: SILENCE, ...more });

/** What becomes of a placement, and how many orders there are afterwards. */
const PLACEMENTS: [kind: string, outcome: object, orders: number, count: number][] = [
  ['timeout_before', { outcome: 'unknown' }, 0, 1],
  ['timeout_after', { outcome: 'unknown' }, 1, 1],
  ['http_500', { outcome: 'unknown' }, 0, 1],
  ['http_500_after', { outcome: 'unknown' }, 1, 1],
  ['http_429', { outcome: 'not_placed', retryAfterMs: 1_000 }, 0, 1],
  ['unauthorized', { outcome: 'accepted' }, 1, 1],
  ['unauthorized', { outcome: 'not_placed' }, 0, 2],
  ['clock_skew', { outcome: 'accepted' }, 1, 1],
  ['clock_skew', { outcome: 'not_placed' }, 0, 2],
  ['malformed', { outcome: 'unknown' }, 1, 1],
  ['html_200', { outcome: 'unknown' }, 1, 1],
  ['disconnect', { outcome: 'unknown' }, 1, 1],
  ['slow', { outcome: 'accepted' }, 1, 1],
  ['redirect_307', { outcome: 'unknown' }, 0, 1],
  ['duplicate_delivery', { outcome: 'accepted' }, 1, 1],
  ['reject', { outcome: 'rejected', refusal: { code: 'refused' } }, 0, 1],
  ['late_reject', { outcome: 'accepted', order: { status: 'submitted' } }, 1, 1],
  ['duplicate_unlisted', { outcome: 'accepted', order: { status: 'submitted' } }, 1, 1],
];

describe.each([
  ['place_entry', () => resting()],
  ['place_stop', () => stop()],
  ['place_exit', () => exit({ type: 'limit', limitPrice: text('70000') })],
])('%s', (operation, make) => {
  beforeEach(async () => {
    await place(entry());
  });

  it.each(PLACEMENTS)('%s: %j and %d orders', async (kind, outcome, orders, count) => {
    await fault(kind, operation, { count });
    const request = make();
    expect(await place(request)).toMatchObject(outcome);
    const shown = (await ordersAt(stage)).filter(({ clientOrderId }) => clientOrderId === request.clientOrderId);
    expect(shown).toHaveLength(orders);
    expect(await callsOf(stage, operation)).toBe(
      (kind === 'unauthorized' || kind === 'clock_skew' ? 2 : 1) + (operation === 'place_entry' ? 1 : 0),
    );
    if (kind !== 'duplicate_unlisted')
      expect((await find(request))?.clientOrderId).toBe(orders > 0 ? request.clientOrderId : undefined);
  });
});

describe('a placement', () => {
  it('that the exchange takes and rejects later is rejected by a later read', async () => {
    await fault('late_reject', 'place_entry', { seconds: 1 });
    const { orderId } = taken(await place(resting()));
    stage.simulator.clock.advance(2);
    expect(await stage.broker.order(ACCOUNT, orderId)).toMatchObject({
      status: 'rejected',
      rejectReason: expect.stringContaining('COMMANDER_REJECTED_NEW_ORDER'),
    });
  });

  it('that is hidden from reads is found when it is shown', async () => {
    await fault('duplicate_unlisted', 'place_entry', { seconds: 14 });
    const request = resting();
    const { orderId } = taken(await place(request));
    expect(await stage.broker.order(ACCOUNT, orderId)).toBeUndefined();
    expect(await find(request)).toBeUndefined();
    stage.simulator.clock.advance(14);
    expect(await find(request)).toMatchObject({ orderId, status: 'working' });
  });

  it.each(['timeout_after', 'http_500_after'])('is one order when it is sent once more after %s', async (kind) => {
    await fault(kind, 'place_entry');
    const request = resting();
    expect(await place(request)).toMatchObject({ outcome: 'unknown' });
    const found = await find(request);
    expect(taken(await place(request))).toEqual(found);
    expect(await ordersAt(stage)).toHaveLength(1);
  });

  it('whose id was used before is unknown, and found', async () => {
    const request = resting();
    await place(request);
    await fault('duplicate_unlisted', 'place_entry');
    expect(await place(request)).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('DUPLICATE_CLIENT_ORDER_ID'),
    });
    expect(await find(request)).toMatchObject({ status: 'working' });
    expect(await ordersAt(stage)).toHaveLength(1);
  });

  it('that is half filled at once says so', async () => {
    await fault('partial_fill', 'place_entry');
    const order = taken(await place(resting({ limitPrice: text('68010') })));
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '0.005' });
  });

  it.each(['http_500', 'html_200', 'timeout_before', 'disconnect'])(
    'stands although its first read fails: %s',
    async (kind) => {
      await fault(kind, 'get_order');
      const request = resting();
      expect(taken(await place(request))).toMatchObject({
        ...{ status: 'submitted', clientOrderId: request.clientOrderId, limitPrice: '60000', filledQuantity: '0' },
      });
      expect(await find(request)).toMatchObject({ status: 'working' });
    },
  );

  it('does not wait for a slow first read', async () => {
    await fault('slow', 'get_order', { seconds: 3 });
    expect(taken(await place(resting()))).toMatchObject({ status: 'submitted' });
  });

  it.each(['http_500', 'html_200', 'timeout_before', 'http_429'])(
    'goes as it was decided while the increments cannot be read: %s',
    async (kind) => {
      await fault(kind, 'quote');
      expect(taken(await place(resting()))).toMatchObject({ limitPrice: '60000', status: 'working' });
      await fault(kind, 'quote');
      const tooFine = resting({ limitPrice: text('60000.009') });
      const broker = stage.brokerWith([stage.keys]);
      expect(await broker.place(ACCOUNT, tooFine)).toMatchObject({ refusal: { code: 'invalid_order' } });
    },
  );

  it('does not wait for increments that are slow to come', async () => {
    await fault('slow', 'quote', { seconds: 3 });
    expect(taken(await place(resting()))).toMatchObject({ status: 'working' });
  });

  it('is not made without a login, or without a connection', async () => {
    expect(await stage.brokerWith([]).place(ACCOUNT, entry())).toMatchObject({ outcome: 'not_placed' });
    await place(entry());
    await stage.simulator.close();
    expect(await place(exit())).toMatchObject({ outcome: 'not_placed' });
    stage = await openStage();
  });
});

describe('a cancel', () => {
  it.each<[kind: string, outcome: object, isOver: boolean, count: number]>([
    ['timeout_before', { outcome: 'unknown' }, false, 1],
    ['timeout_after', { outcome: 'unknown' }, true, 1],
    ['http_500', { outcome: 'unknown' }, false, 1],
    ['http_500_after', { outcome: 'unknown' }, true, 1],
    ['http_429', { outcome: 'unknown' }, false, 1],
    ['unauthorized', { outcome: 'accepted' }, true, 1],
    ['unauthorized', { outcome: 'unknown' }, false, 2],
    ['malformed', { outcome: 'unknown' }, true, 1],
    ['html_200', { outcome: 'unknown' }, true, 1],
    ['disconnect', { outcome: 'unknown' }, true, 1],
    ['slow', { outcome: 'accepted' }, true, 1],
    ['redirect_307', { outcome: 'unknown' }, false, 1],
    ['duplicate_delivery', { outcome: 'accepted' }, true, 1],
    ['reject', { outcome: 'rejected', refusal: { code: 'refused' } }, false, 1],
  ])('%s: %j, order over: %s', async (kind, outcome, isOver, count) => {
    const { orderId } = taken(await place(resting()));
    await fault(kind, 'cancel', { count });
    expect(await stage.broker.cancel(ACCOUNT, orderId)).toMatchObject(outcome);
    const [shown] = await ordersAt(stage);
    expect(isFinal(shown.status)).toBe(isOver);
    expect(await callsOf(stage, 'cancel')).toBe(kind === 'unauthorized' ? 2 : 1);
  });
});

describe('reads', () => {
  let orderId: string;
  beforeEach(async () => {
    await place(entry());
    ({ orderId } = taken(await place(stop())));
  });

  const READS: [operation: string, read: () => Promise<unknown>][] = [
    ['get_order', () => stage.broker.order(ACCOUNT, orderId)],
    ['list_orders', () => find(entry())],
    ['list_orders', () => stage.broker.openOrders(ACCOUNT)],
    ['positions', () => stage.broker.positions(ACCOUNT)],
    ['positions', () => stage.broker.accountSnapshot(ACCOUNT)],
    ['positions', () => stage.broker.accounts(ACCOUNT)],
    ['quote', () => stage.broker.quotes(['BTC-USD'], ACCOUNT)],
    ['quote', () => stage.broker.quotes(['BTC-USD'])],
    ['quote', () => stage.broker.candles(ACCOUNT, 'BTC-USD', { granularity: 'ONE_HOUR', from: 0, to: 3_600_000 })],
    ['get_order', () => stage.broker.look(ACCOUNT, 'BTC-USD', 'crypto', ['other'])],
    ['list_orders', () => stage.broker.look(ACCOUNT, 'BTC-USD', 'crypto', [orderId])],
    ['positions', () => stage.broker.look(ACCOUNT, 'BTC-USD', 'crypto', [orderId])],
  ];
  const SILENT = [
    'timeout_before',
    'timeout_after',
    'http_500',
    'http_500_after',
    'http_429',
    'malformed',
    'html_200',
    'disconnect',
    'redirect_307',
  ];

  it.each(READS.flatMap(([operation, read]) => SILENT.map((kind) => ({ operation, kind, read }))))(
    '$operation, $kind: nothing is concluded',
    async ({ operation, kind, read }) => {
      await fault(kind, operation);
      await expect(read()).rejects.toThrow(BrokerUnavailable);
      expect(await callsOf(stage, operation)).toBeGreaterThan(0);
      await expect(read()).resolves.not.toThrow();
    },
  );

  it.each(SILENT)('a look whose prices meet %s shows the orders without them', async (kind) => {
    await fault(kind, 'quote');
    const look = await stage.broker.look(ACCOUNT, 'BTC-USD', 'crypto', [orderId]);
    expect(look).toMatchObject({ orders: [{ orderId }] });
    expect(look).not.toHaveProperty('quote');
  });

  it('go on with a newer credential, or say that they cannot', async () => {
    await fault('unauthorized', 'get_order');
    expect(await stage.broker.order(ACCOUNT, orderId)).toMatchObject({ orderId });
    await expect(stage.brokerWith([]).order(ACCOUNT, orderId)).rejects.toThrow(BrokerUnavailable);
  });

  it('may show what was true a while ago', async () => {
    stage.simulator.clock.advance(20);
    await stage.broker.cancel(ACCOUNT, orderId);
    await fault('stale_read', 'get_order', { seconds: 10 });
    expect(await stage.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'working' });
    expect(await stage.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'cancelled' });
  });

  it('show a quote with a side missing, and an old one with its age', async () => {
    await fault('quote_missing_field', 'quote', { count: 2 });
    expect(await stage.broker.quotes(['BTC-USD'], ACCOUNT)).toEqual([
      expect.not.objectContaining({ bid: expect.anything() }),
    ]);
    await fault('quote_stale', 'quote', { count: 2, seconds: 60 });
    const [old] = await stage.broker.quotes(['BTC-USD'], ACCOUNT);
    expect(old?.at).toBe(stage.simulator.clock.now() - 60_000);
  });

  it('show what other hands did', async () => {
    await stage.simulator.fault('external_cancel', '*', { count: 1, match: { account: stage.owner } });
    expect(await stage.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'cancelled' });
    await stage.simulator.fault('external_position_change', '*', { count: 1, match: { account: stage.owner } });
    expect((await stage.broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'BTC-USD', quantity: '0.005' }]);
  });

  it('do not show a fill that was taken back', async () => {
    const bought = taken(await place(entry()));
    await stage.simulator.fault('bust', '*', { count: 1, match: { account: stage.owner, side: 'buy' } });
    expect(await stage.broker.order(ACCOUNT, bought.orderId)).toMatchObject({ filledQuantity: '0', executions: [] });
  });
});
