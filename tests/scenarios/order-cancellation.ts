import { expect } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { expectRestCancelled, stopType } from '../support/expected.js';
import { aapl, at } from '../support/prices.js';
import { group } from '../support/scenario.js';

const me = { by: 'a trader' };
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

export const orderCancellation = group('TestOrderCancellation', (scenario) => {
  scenario('test_cancel_order_success', { prices: aapl(at('150')) }, async (s) => {
    const trade = await s.start(limit('140'));
    await s.until(trade, ({ status }) => status === 'submitted');

    const seen: unknown[] = [];
    const seeBoth = async () => {
      const [{ status }, working] = [await s.row(trade), (await s.record(trade)).working()];
      seen.push({ status, working: working.length });
    };
    s.faults.add({ on: 'cancel', kind: 'acknowledged', ms: 300, meanwhile: seeBoth });
    await s.trades.cancel(trade.id, me);
    await s.until(trade, ({ status }) => status === 'cancelled');

    expect(seen).toEqual([{ status: 'submitted', working: 1 }]);
    expect((await s.record(trade)).only('entry')).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await s.reservation(trade)).toEqual({ daily: '0', exposure: '0', pending: '0' });
  });

  const reachingTheLimit = { prices: aapl(at('150'), at('149')) };
  scenario('test_cancel_order_already_filled', reachingTheLimit, async (s) => {
    const trade = await s.start({ ...limit('149'), onCancel: 'keep_stop' });
    await s.until(trade, ({ status }) => status === 'submitted');

    s.faults.add({ on: 'cancel', leg: 'entry', kind: 'none', meanwhile: () => s.goTo(1) });
    await s.trades.cancel(trade.id, me);
    const open = await s.until(trade, ({ stopKind }) => stopKind === 'broker');

    expect(open).toMatchObject({ status: 'open', filledQuantity: '10', averageFillPrice: '149', stopPrice: '141.55' });
    const record = await s.record(trade);
    expect(record.only('entry')).toMatchObject({ status: 'filled' });
    expect(record.working()).toMatchObject([{ type: stopType(s), quantity: '10', stopPrice: '141.55' }]);
    expect(record.exited).toBe('0');
  });

  const fillingOnTheWay = {
    prices: aapl(at('150'), at('149', { askSize: '4' }), at('149.50')),
    limits: { perTrade: '3000' },
    fillsInPart: true,
  };
  scenario('test_replace_order_success', fillingOnTheWay, async (s) => {
    const trade = await s.start({ ...limit('148'), quantity: '10' });
    const first = await s.until(trade, ({ status }) => status === 'submitted');

    const change = { limitPrice: decimalString('149'), quantity: decimalString('15') };
    const second = await s.trades.replaceOrder(trade.id, change);
    expect(second).toMatchObject({ limitPrice: '149', quantity: '15', remainingQuantity: '15' });
    expect(second.entryOrderId).not.toBe(first.entryOrderId);

    // It is cancelled first, and fills on the way of that.
    s.faults.add({ on: 'cancel', leg: 'entry', kind: 'none', meanwhile: () => s.goTo(1) });
    const again = s.trades.replaceOrder(trade.id, { limitPrice: decimalString('149.5') });
    if (s.traits.cancelsRest) {
      await expect(again).rejects.toMatchObject({ reason: { code: 'too_late' } });
      return expectRestCancelled(s, trade, { of: ['10', '15'], filled: '4' });
    }
    const third = await again;
    expect(third).toMatchObject({ limitPrice: '149.5', quantity: '15', filledQuantity: '4', remainingQuantity: '11' });
    await s.look(trade);
    expect((await s.record(trade)).working('stop')).toMatchObject(s.can.stopBesideEntry ? [{ quantity: '4' }] : []);

    const open = await s.moveOn(trade, 2);
    expect(open).toMatchObject({ status: 'open', filledQuantity: '15', remainingQuantity: '0' });
    const record = await s.record(trade);
    expect(record.entered).toBe('15');
    expect(record.working()).toMatchObject([{ type: stopType(s), quantity: '15' }]);
    const linked = await s.database.prisma.order.findMany({
      where: { leg: 'entry', brokerOrderId: { not: null } },
      orderBy: { id: 'asc' },
    });
    expect(linked.map(({ brokerOrderId }) => brokerOrderId)).toEqual(record.of('entry').map(({ orderId }) => orderId));
    expect(linked.map(({ filledQuantity }) => `${filledQuantity}`)).toEqual(['0', '4', '11']);
  });
});
