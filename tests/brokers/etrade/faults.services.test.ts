import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { ACCOUNT, amount, CALL, EtradeWorld, limitBuy, marketSell, stopSell } from './etrade-fixture.js';

let world: EtradeWorld;
beforeEach(async () => {
  world = await EtradeWorld.start();
});
afterEach(() => world.close());

const unknown = { outcome: 'unknown' };
const accepted = { outcome: 'accepted' };
const tooManyCalls = { outcome: 'not_placed', retryAfterMs: 2_000 };
const twice = { count: 2 };

describe('a place that meets', () => {
  it.each([
    ['timeout_before', {}, unknown, 0],
    ['timeout_after', {}, unknown, 1],
    ['http_500', {}, unknown, 0],
    ['http_500_after', {}, unknown, 1],
    ['http_429', {}, tooManyCalls, 0],
    ['unauthorized', {}, accepted, 1],
    ['unauthorized', twice, { outcome: 'not_placed' }, 0],
    ['clock_skew', {}, accepted, 1],
    ['malformed', {}, unknown, 1],
    ['html_200', {}, unknown, 1],
    ['slow', {}, accepted, 1],
    ['disconnect', {}, unknown, 1],
    ['redirect_307', {}, unknown, 0],
    ['duplicate_delivery', {}, accepted, 1],
    ['reject', {}, { outcome: 'rejected', refusal: { code: 'refused' } }, 0],
    ['late_reject', {}, accepted, 1],
    ['partial_fill', {}, accepted, 1],
    ['duplicate_unlisted', {}, accepted, 1],
  ])('%s %j', async (kind, more, outcome, orders) => {
    for (const [operation, request] of [
      ['place_entry', limitBuy('200')],
      ['place_stop', stopSell('398.40', { quantity: amount('10') })],
      ['place_exit', limitBuy('450', { symbol: 'MSFT', side: 'sell', quantity: amount('10') })],
    ] as const) {
      const before = (await world.ledger()).length;
      const token = await world.prepared(request);
      await world.fault(kind, operation, more);
      expect(await world.broker.place(ACCOUNT, request, token), operation).toMatchObject(outcome);
      expect(await world.ledger(), operation).toHaveLength(before + orders);
    }
  });

  it('401 asks for a newer credential, once', async () => {
    await world.fault('unauthorized', 'place_entry');
    await world.send(limitBuy('200'));
    expect(world.access.renewals).toBe(1);
    await world.fault('unauthorized', 'place_entry', twice);
    expect(await world.send(limitBuy('201'))).toMatchObject({ outcome: 'not_placed' });
    expect(world.access.renewals).toBe(2);
  });

  it('too many calls slows everybody down', async () => {
    await world.fault('http_429', 'place_entry');
    await world.send(limitBuy('200'));
    expect(world.slowedDown).toEqual([2_000]);
  });

  it('silence is given up after three seconds for a stop', async () => {
    const request = stopSell('398.40');
    const token = await world.prepared(request);
    await world.fault('timeout_after', 'place_stop', { seconds: 60 });
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject(unknown);
    expect(await world.ledger()).toHaveLength(1);
  });

  it('a token that has slept is awake again after one renewal, and one of yesterday stays expired', async () => {
    await world.simulator.control('clock', { advanceSeconds: 2 * 3_600 + 1 });
    expect(await world.send(limitBuy('200'))).toMatchObject(accepted);
    expect(world.access.renewals).toBe(1);
    await world.simulator.control('clock', { advanceSeconds: 20 * 3_600 });
    const preparation = await world.broker.prepare(ACCOUNT, limitBuy('201'));
    expect(preparation).toMatchObject({ outcome: 'not_placed', retryAfterMs: 30_000 });
    expect(await world.ledger()).toHaveLength(1);
  });
});

describe('a preview that meets', () => {
  const notPlaced = { outcome: 'not_placed' };
  it.each([
    ['timeout_before', {}, notPlaced],
    ['timeout_after', {}, notPlaced],
    ['http_500', {}, notPlaced],
    ['http_500_after', {}, notPlaced],
    ['http_429', {}, tooManyCalls],
    ['unauthorized', {}, { outcome: 'ready' }],
    ['unauthorized', twice, notPlaced],
    ['clock_skew', {}, { outcome: 'ready' }],
    ['malformed', {}, notPlaced],
    ['html_200', {}, notPlaced],
    ['slow', {}, { outcome: 'ready' }],
    ['disconnect', {}, notPlaced],
    ['redirect_307', {}, notPlaced],
    ['duplicate_delivery', {}, { outcome: 'ready' }],
    ['reject', {}, { outcome: 'rejected', refusal: { code: 'refused' } }],
  ])('%s %j leaves nothing behind, and can be made again', async (kind, more, outcome) => {
    const request = limitBuy('200');
    await world.fault(kind, 'preview', more);
    expect(await world.broker.prepare(ACCOUNT, request)).toMatchObject(outcome);
    expect(await world.ledger()).toEqual([]);
    expect(await world.send(request)).toMatchObject(accepted);
  });
});

describe('a cancel that meets', () => {
  it.each([
    ['timeout_before', {}, unknown, 'working'],
    ['timeout_after', {}, unknown, 'cancelled'],
    ['http_500', {}, unknown, 'working'],
    ['http_500_after', {}, unknown, 'cancelled'],
    ['http_429', {}, unknown, 'working'],
    ['unauthorized', {}, accepted, 'cancelled'],
    ['unauthorized', twice, unknown, 'working'],
    ['clock_skew', {}, accepted, 'cancelled'],
    ['malformed', {}, unknown, 'cancelled'],
    ['html_200', {}, unknown, 'cancelled'],
    ['slow', {}, accepted, 'cancelled'],
    ['disconnect', {}, unknown, 'cancelled'],
    ['redirect_307', {}, unknown, 'working'],
    ['duplicate_delivery', {}, accepted, 'cancelled'],
    ['reject', {}, unknown, 'working'],
    ['cancel_too_late', {}, { outcome: 'rejected', refusal: { code: 'too_late' } }, 'filled'],
    ['stop_fills_on_cancel', {}, { outcome: 'rejected', refusal: { code: 'too_late' } }, 'filled'],
  ])('%s %j', async (kind, more, outcome, status) => {
    const stop = await world.placed(stopSell('398.40'));
    await world.fault(kind, 'cancel', more);
    expect(await world.broker.cancel(ACCOUNT, stop.orderId)).toMatchObject(outcome);
    expect(await world.ledger()).toMatchObject([{ status }]);
    expect((await world.order(stop.orderId)).status).toBe(status);
  });

  it('a fill after it was acknowledged', async () => {
    const stop = await world.placed(stopSell('398.40'));
    await world.fault('fill_after_cancel_ack', 'cancel', { seconds: 1 });
    expect(await world.broker.cancel(ACCOUNT, stop.orderId)).toEqual(accepted);
    expect(await world.order(stop.orderId)).toMatchObject({ status: 'working' });
    world.simulator.clock.advance(2);
    expect(await world.order(stop.orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
  });

  it('an order that has ended, or that is none', async () => {
    const stop = await world.placed(stopSell('398.40'));
    await world.broker.cancel(ACCOUNT, stop.orderId);
    expect(await world.broker.cancel(ACCOUNT, stop.orderId)).toMatchObject({ refusal: { code: 'too_late' } });
    expect(await world.broker.cancel(ACCOUNT, '99999')).toMatchObject(unknown);
  });
});

describe('reads that meet', () => {
  const kinds = ['timeout_before', 'timeout_after', 'http_500', 'http_500_after', 'http_429', 'malformed', 'html_200'];
  it.each([...kinds, 'disconnect', 'redirect_307'])('%s cannot be answered', async (kind) => {
    const { orderId } = await world.placed(limitBuy('200'));
    const { broker } = world;
    const reads = {
      get_order: () => broker.order(ACCOUNT, orderId),
      list_orders: () => broker.find(ACCOUNT, limitBuy('200'), world.now, new Set()),
      positions: () => broker.positions(ACCOUNT),
      quote: () => broker.quotes(['AAPL'], ACCOUNT),
      other: () => broker.accountSnapshot(ACCOUNT),
    };
    for (const [operation, read] of Object.entries(reads)) {
      await world.fault(kind, operation);
      await expect(read(), operation).rejects.toThrow(BrokerUnavailable);
      await read();
    }
    await world.fault(kind, 'list_orders');
    await expect(broker.openOrders(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
  });

  it('a login that has lapsed renews it once', async () => {
    await world.fault('unauthorized', 'positions');
    expect((await world.broker.positions(ACCOUNT)).rows).toHaveLength(2);
    expect(world.access.renewals).toBe(1);
    await world.fault('unauthorized', 'positions', twice);
    await expect(world.broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
  });

  it('staleness show what was true', async () => {
    const { orderId } = await world.placed(marketSell({ quantity: amount('1') }));
    await world.fault('stale_read', 'get_order', { seconds: 10 });
    expect(await world.broker.order(ACCOUNT, orderId)).toBeUndefined();
    expect(await world.order(orderId)).toMatchObject({ status: 'filled' });
  });

  it('a missing side leave it out, and leave out a delayed quote', async () => {
    await world.fault('quote_missing_field', 'quote');
    const [quote] = await world.broker.quotes(['AAPL'], ACCOUNT);
    expect(quote).toEqual({ symbol: 'AAPL', ask: '212.4', last: '212.35', at: world.now });
    await world.fault('quote_stale', 'quote');
    expect(await world.broker.quotes(['AAPL', CALL], ACCOUNT)).toEqual([]);
  });
});
