import { describe, expect, it } from 'vitest';
import { AmbiguousOrder } from '../../../src/broker-port/broker.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, atSchwab, held, limitBuy, OPTION, orderRequest, stopSell } from './schwab-fixture.js';

const nobodys: ReadonlySet<string> = new Set();

/** `limitBuy('140')` as a person would enter it. */
const manualBody = {
  ...{ orderType: 'LIMIT', session: 'NORMAL', duration: 'DAY', price: 140, orderStrategyType: 'SINGLE' },
  orderLegCollection: [{ instruction: 'BUY', quantity: 40, instrument: { symbol: 'AAPL', assetType: 'EQUITY' } }],
};
const stopByHand = {
  ...{ orderType: 'STOP', session: 'NORMAL', duration: 'GOOD_TILL_CANCEL', stopPrice: '140.00' },
  orderStrategyType: 'SINGLE',
  orderLegCollection: [{ instruction: 'SELL', quantity: 40, instrument: { symbol: 'AAPL', assetType: 'EQUITY' } }],
};

describe('an order at Schwab whose answer was lost', () => {
  it.each(['timeout_after', 'http_500_after', 'html_200', 'disconnect', 'location_missing', 'location_wrong'])(
    'is found by its terms: %s',
    async (kind) => {
      const { simulator, broker, orderCount } = await atSchwab();
      await simulator.fault(kind, 'place_entry', { count: 1, seconds: 0.2 });
      const sentAt = simulator.clock.now();
      expect(await broker.place(ACCOUNT, limitBuy())).toMatchObject({ outcome: 'unknown' });
      const found = await broker.find(ACCOUNT, limitBuy(), sentAt, nobodys);
      expect(found).toMatchObject({ symbol: 'AAPL', side: 'buy', limitPrice: '140', quantity: '40' });
      expect(await orderCount()).toBe(1);
    },
  );

  it.each(['timeout_before', 'http_500', 'http_429', 'redirect_307', 'reject'])(
    'is not found where it never was: %s',
    async (kind) => {
      const { simulator, broker, orderCount } = await atSchwab();
      await simulator.fault(kind, 'place_entry', { count: 1, seconds: 0.2 });
      await broker.place(ACCOUNT, limitBuy());
      expect(await broker.find(ACCOUNT, limitBuy(), simulator.clock.now(), nobodys)).toBeUndefined();
      expect(await orderCount()).toBe(0);
    },
  );

  it('is found once the list shows it', async () => {
    const { simulator, broker } = await atSchwab();
    await simulator.fault('duplicate_unlisted', 'place_entry', { count: 1, seconds: 30 });
    const sentAt = simulator.clock.now();
    await broker.place(ACCOUNT, limitBuy());
    const find = () => broker.find(ACCOUNT, limitBuy(), sentAt, nobodys);
    simulator.clock.advance(29);
    expect(await find()).toBeUndefined();
    simulator.clock.advance(2);
    expect(await find()).toMatchObject({ limitPrice: '140', placedAt: sentAt });
  });

  it('is found when it is over already', async () => {
    const { simulator, broker, accepted } = await atSchwab();
    const sentAt = simulator.clock.now();
    const filled = await accepted(orderRequest());
    const cancelled = await accepted(limitBuy());
    await broker.cancel(ACCOUNT, cancelled.orderId);
    await simulator.fault('late_reject', 'place_entry');
    const rejected = await accepted(limitBuy('141'));
    simulator.clock.advance(60);
    const statusOf = async (request: OrderRequest) => await broker.find(ACCOUNT, request, sentAt, nobodys);
    expect(await statusOf(orderRequest())).toMatchObject({ orderId: filled.orderId, status: 'filled' });
    expect(await statusOf(limitBuy())).toMatchObject({ orderId: cancelled.orderId, status: 'cancelled' });
    expect(await statusOf(limitBuy('141'))).toMatchObject({ orderId: rejected.orderId, status: 'rejected' });
  });

  it('is distinguished from an order that is known to be another’s', async () => {
    const { simulator, broker, accepted } = await atSchwab();
    const first = await accepted(limitBuy());
    await simulator.fault('location_missing', 'place_entry');
    await broker.place(ACCOUNT, limitBuy());
    const found = await broker.find(ACCOUNT, limitBuy(), simulator.clock.now(), new Set([first.orderId]));
    expect(found?.orderId).not.toBe(first.orderId);
    expect(found).toMatchObject({ limitPrice: '140' });
  });

  it('is for a person to decide when somebody entered the same', async () => {
    const { simulator, broker, byHand } = await atSchwab();
    await byHand(manualBody);
    await simulator.fault('timeout_after', 'place_entry', { count: 1, seconds: 0.2 });
    await broker.place(ACCOUNT, limitBuy());
    const find = broker.find(ACCOUNT, limitBuy(), simulator.clock.now(), nobodys);
    await expect(find).rejects.toThrow(AmbiguousOrder);
  });

  it('is not the same that was entered more than two minutes before', async () => {
    const { simulator, broker, byHand } = await atSchwab();
    const orderId = await byHand(manualBody);
    const find = () => broker.find(ACCOUNT, limitBuy(), simulator.clock.now(), nobodys);
    simulator.clock.advance(120);
    expect(await find()).toMatchObject({ orderId });
    simulator.clock.advance(1);
    expect(await find()).toBeUndefined();
  });

  const almost: [string, OrderRequest][] = [
    ['symbol', limitBuy('140', { symbol: 'MSFT' })],
    ['side', limitBuy('140', { side: 'buy_to_cover' })],
    ['type', orderRequest()],
    ['quantity', limitBuy('140', { quantity: '41' })],
    ['price', limitBuy('140.01')],
    ['time in force', limitBuy('140', { timeInForce: 'gtc' })],
    ['session', limitBuy('140', { session: 'extended' })],
  ];
  it.each(almost)('is not one that differs in its %s', async (_, request) => {
    const { simulator, broker, accepted } = await atSchwab();
    await accepted(limitBuy());
    expect(await broker.find(ACCOUNT, request, simulator.clock.now(), nobodys)).toBeUndefined();
  });

  it('is not one that trails or triggers elsewhere', async () => {
    const { simulator, broker, accepted } = await atSchwab([held('AAPL', '80')]);
    await accepted(stopSell('140'));
    const trail = (trailPercent: string) =>
      orderRequest({ side: 'sell', type: 'trailing_stop', timeInForce: 'gtc', trailPercent }, 'stop');
    const trailing = await accepted(trail('2.5'));
    const find = (request: OrderRequest) => broker.find(ACCOUNT, request, simulator.clock.now(), nobodys);
    expect(await find(stopSell('141'))).toBeUndefined();
    expect(await find(trail('3'))).toBeUndefined();
    expect(await find(trail('2.5'))).toMatchObject({ orderId: trailing.orderId });
  });

  it('is looked for in what brackets hold, too', async () => {
    const { simulator, broker, byHand } = await atSchwab();
    await byHand({ ...manualBody, orderStrategyType: 'TRIGGER', childOrderStrategies: [stopByHand] });
    const found = await broker.find(ACCOUNT, stopSell('140'), simulator.clock.now(), nobodys);
    expect(found).toMatchObject({ type: 'stop', stopPrice: '140', status: 'submitted' });
  });

  it('is found beside orders of kinds that Arbion never sends', async () => {
    const { simulator, broker, byHand, accepted, openOrders } = await atSchwab([held('AAPL', '80')]);
    await byHand({ ...manualBody, price: '150.00', duration: 'IMMEDIATE_OR_CANCEL' });
    await byHand({ orderStrategyType: 'OCO', childOrderStrategies: [stopByHand, { ...stopByHand, stopPrice: '130' }] });
    const option = limitBuy('6.00', { symbol: OPTION, assetClass: 'option', quantity: '1' });
    const { orderId } = await accepted(option);
    expect(await broker.find(ACCOUNT, option, simulator.clock.now(), nobodys)).toMatchObject({ orderId });
    const open = await openOrders();
    expect(new Set(open.map(({ stopPrice, symbol }) => stopPrice ?? symbol))).toEqual(new Set(['130', '140', OPTION]));
    expect(open).toHaveLength(3);
  });

  it('is found among more orders than one list shows', async () => {
    const { simulator, broker, byHand, accepted, openOrders } = await atSchwab();
    const passing = { ...manualBody, duration: 'IMMEDIATE_OR_CANCEL' };
    const sentAt = simulator.clock.now();
    const { orderId } = await accepted(limitBuy());
    for (let batch = 0; batch < 10; batch++) {
      simulator.clock.advance(1);
      await Promise.all(Array.from({ length: 100 }, () => byHand(passing)));
    }
    expect(await broker.find(ACCOUNT, limitBuy(), sentAt, nobodys)).toMatchObject({ orderId });
    expect(await openOrders()).toMatchObject([{ orderId }]);
  });
});
