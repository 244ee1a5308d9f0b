import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AmbiguousOrder } from '../../../src/broker-port/broker.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, amount, CALL, EtradeWorld, limitBuy, marketBuy, stopSell } from './etrade-fixture.js';

let world: EtradeWorld;
beforeEach(async () => {
  world = await EtradeWorld.start();
});
afterEach(() => world.close());

const find = (request: OrderRequest, taken: string[] = [], sentAt = world.now) =>
  world.broker.find(ACCOUNT, request, sentAt, new Set(taken));

const anOption = { symbol: CALL, assetClass: 'option', quantity: amount('2') } as const;

describe('an order whose answer was lost', () => {
  it.each([
    ['timeout_after', 'place_entry', limitBuy('200')],
    ['http_500_after', 'place_entry', marketBuy()],
    ['disconnect', 'place_stop', stopSell('398.40')],
    ['html_200', 'place_stop', stopSell('398.40', { type: 'stop_limit', limitPrice: amount('396') })],
    ['timeout_after', 'place_stop', stopSell('398.405')],
    ['timeout_after', 'place_entry', limitBuy('5.25', anOption)],
    ['timeout_after', 'place_entry', limitBuy('200', { session: 'extended' })],
  ])('is found by its terms after %s at %s', async (kind, operation, request) => {
    await world.fault(kind, operation);
    expect(await world.send(request)).toMatchObject({ outcome: 'unknown' });
    const [recorded] = await world.ledger();
    const found = await find(request);
    expect(found).toMatchObject({ orderId: recorded?.orderId, clientOrderId: request.clientOrderId });
    expect(await find(request, [recorded?.orderId ?? ''])).toBeUndefined();
  });

  it('is found when it has ended', async () => {
    const request = limitBuy('200');
    await world.fault('timeout_after', 'place_entry');
    await world.send(request);
    const [recorded] = await world.ledger();
    await world.broker.cancel(ACCOUNT, recorded?.orderId ?? '');
    expect(await find(request)).toMatchObject({ status: 'cancelled' });
  });

  it('is not there when it never arrived', async () => {
    const request = limitBuy('200');
    await world.fault('timeout_before', 'place_entry');
    await world.send(request);
    expect(await find(request)).toBeUndefined();
  });

  it('is found when the list shows it at last, and its repeat makes no second one', async () => {
    const request = limitBuy('200');
    const token = await world.prepared(request);
    await world.fault('duplicate_unlisted', 'place_entry', { seconds: 30 });
    await world.broker.place(ACCOUNT, request, token);
    const sentAt = world.now;
    expect(await find(request, [], sentAt)).toBeUndefined();
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
    world.simulator.clock.advance(31);
    expect(await find(request, [], sentAt)).toMatchObject({ status: 'working' });
    expect(await world.ledger()).toHaveLength(1);
  });

  it('may be sent once more with the same preview when it never arrived', async () => {
    const request = stopSell('398.40');
    const token = await world.prepared(request);
    await world.fault('timeout_before', 'place_stop');
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
    world.simulator.clock.advance(76);
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'accepted' });
    expect(await world.ledger()).toHaveLength(1);
  });

  it('is not distinguished from a foreign twin, unless that one is known', async () => {
    const [ours, foreign] = [limitBuy('200'), limitBuy('200')];
    const twin = await world.placed(foreign);
    await world.fault('timeout_after', 'place_entry');
    await world.send(ours);
    await expect(find(ours)).rejects.toThrow(AmbiguousOrder);
    const other = (await world.ledger()).find(({ orderId }) => orderId !== twin.orderId);
    expect(await find(ours, [twin.orderId])).toMatchObject({ orderId: other?.orderId });
  });

  it('is none that differs in anything', async () => {
    const request = limitBuy('200');
    await world.placed(request);
    const others: Partial<OrderRequest>[] = [
      { symbol: 'MSFT' },
      { side: 'sell_short' },
      { quantity: amount('41') },
      { limitPrice: amount('200.01') },
      { timeInForce: 'gtc' },
      { session: 'extended' },
      { type: 'stop_limit', stopPrice: amount('201') },
      { type: 'market' },
    ];
    for (const other of others) expect(await find({ ...request, ...other })).toBeUndefined();
    expect(await find(request)).toBeDefined();
  });

  it('is none that was entered long before', async () => {
    const request = limitBuy('200');
    await world.placed(request);
    const entered = world.now;
    world.simulator.clock.advance(600);
    expect(await find(request, [], entered + 121_000)).toBeUndefined();
    expect(await find(request, [], entered + 119_000)).toBeDefined();
  });

  it('is found on the second page of a list', async () => {
    const request = limitBuy('200');
    await world.placed(request);
    for (let count = 0; count < 105; count++) await world.placed(limitBuy('1', { quantity: amount('1') }));
    expect(await find(request)).toMatchObject({ limitPrice: '200' });
    expect((await world.broker.openOrders(ACCOUNT)).rows).toHaveLength(106);
  });
});
