import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, amount, EtradeWorld, limitBuy, stopSell } from './etrade-fixture.js';

let world: EtradeWorld;
beforeEach(async () => {
  world = await EtradeWorld.start();
});
afterEach(() => world.close());

async function replace(orderId: string, request: OrderRequest, expectedFilled = '0') {
  const token = await world.prepared(request, orderId);
  return world.broker.replace(ACCOUNT, orderId, request, amount(expectedFilled), token);
}

const tooLate = { outcome: 'rejected', refusal: { code: 'too_late' } };

describe('a change of an order at E*TRADE', () => {
  it('moves a stop under a new id, in one step', async () => {
    const old = await world.placed(stopSell('398.40'));
    const request = stopSell('400', { quantity: amount('60') });
    const outcome = await replace(old.orderId, request);
    expect(outcome).toMatchObject({
      outcome: 'accepted',
      order: { clientOrderId: request.clientOrderId, stopPrice: '400', quantity: '60', status: 'submitted' },
    });
    const [gone, fresh] = await world.ledger();
    expect(gone).toMatchObject({ orderId: old.orderId, status: 'cancelled' });
    expect(fresh).toMatchObject({ status: 'working', stopPrice: '400', quantity: '60' });
    expect(await world.order(old.orderId)).toMatchObject({ status: 'cancelled' });
    expect(await world.order(fresh?.orderId ?? '')).toMatchObject({ status: 'working', stopPrice: '400' });
  });

  it('sends what the new order is still to fill', async () => {
    await world.simulator.market('AAPL', '211.80', '211.90', { askSize: '15' });
    const old = await world.placed(limitBuy('212'));
    const outcome = await replace(old.orderId, limitBuy('211', { quantity: amount('25') }), '15');
    expect(outcome).toMatchObject({ outcome: 'accepted', order: { quantity: '25' } });
    expect(await world.ledger()).toMatchObject([
      { quantity: '40', filledQuantity: '15', status: 'cancelled' },
      { quantity: '25', filledQuantity: '0', limitPrice: '211', status: 'working' },
    ]);
  });

  it('is too late when more is filled than was thought, or less', async () => {
    const old = await world.placed(limitBuy('212'));
    const request = limitBuy('211');
    const token = await world.prepared(request, old.orderId);
    await world.simulator.market('AAPL', '211.80', '211.90', { askSize: '15' });
    const change = (filled: string) => world.broker.replace(ACCOUNT, old.orderId, request, amount(filled), token);
    expect(await change('0')).toMatchObject(tooLate);
    expect(await change('16')).toMatchObject(tooLate);
    expect(await world.live()).toMatchObject([{ orderId: old.orderId }]);
  });

  it('is too late when the old order has ended', async () => {
    for (const end of ['cancelled', 'filled']) {
      const old = await world.placed(stopSell('398.40'));
      const request = stopSell('400');
      const token = await world.prepared(request, old.orderId);
      if (end === 'filled') await world.fault('cancel_too_late', 'cancel');
      await world.broker.cancel(ACCOUNT, old.orderId);
      const outcome = await world.broker.replace(ACCOUNT, old.orderId, request, amount('0'), token);
      expect(outcome).toMatchObject(tooLate);
    }
    expect(await world.ledger()).toHaveLength(2);
  });

  it('is too late when the old order fills between our read and the change', async () => {
    const old = await world.placed(stopSell('398.40'));
    await world.broker.cancel(ACCOUNT, old.orderId);
    const request = stopSell('400');
    const token = await world.prepared(request, old.orderId);
    // what our read shows is from before the cancel
    world.simulator.clock.advance(5);
    await world.fault('stale_read', 'get_order', { seconds: 5 });
    const outcome = await world.broker.replace(ACCOUNT, old.orderId, request, amount('0'), token);
    expect(outcome).toMatchObject(tooLate);
    expect(await world.live()).toEqual([]);
  });

  it('is too late when the old order is none', async () => {
    expect(await replace('999', stopSell('400', { quantity: amount('1') }))).toMatchObject(tooLate);
  });

  it('is refused at the preview like any order', async () => {
    const old = await world.placed(stopSell('398.40'));
    const through = await world.broker.prepare(ACCOUNT, stopSell('411'), old.orderId);
    expect(through).toMatchObject({ outcome: 'rejected', refusal: { code: 'stop_through_market' } });
    const many = await world.broker.prepare(ACCOUNT, stopSell('400', { quantity: amount('101') }), old.orderId);
    expect(many).toMatchObject({ outcome: 'rejected', refusal: { code: 'oversold' } });
    expect(await world.live()).toMatchObject([{ orderId: old.orderId }]);
  });

  it('needs the preview of this very change', async () => {
    const old = await world.placed(stopSell('398.40', { quantity: amount('10') }));
    const other = await world.placed(stopSell('398', { quantity: amount('10') }));
    const request = stopSell('400', { quantity: amount('10') });
    const token = await world.prepared(request, other.orderId);
    const change = world.broker.replace(ACCOUNT, old.orderId, request, amount('0'), token);
    await expect(change).rejects.toThrow(RangeError);
    expect(await world.live()).toHaveLength(2);
  });

  it('is found by its terms when its answer is lost', async () => {
    const old = await world.placed(stopSell('398.40'));
    const request = stopSell('400');
    const token = await world.prepared(request, old.orderId);
    await world.fault('timeout_after', 'replace');
    const outcome = await world.broker.replace(ACCOUNT, old.orderId, request, amount('0'), token);
    expect(outcome).toMatchObject({ outcome: 'unknown' });
    const found = await world.broker.find(ACCOUNT, request, world.now, new Set([old.orderId]));
    expect(found).toMatchObject({ stopPrice: '400', status: 'working' });
  });
});
