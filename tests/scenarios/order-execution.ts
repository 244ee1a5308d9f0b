import { expect } from 'vitest';
import { cashFlow } from '../support/audit.js';
import { buyingUpTo, expectRestCancelled, guard, stopType } from '../support/expected.js';
import { aapl, at } from '../support/prices.js';
import { group } from '../support/scenario.js';

export const orderExecution = group('TestOrderExecution', (scenario) => {
  scenario('test_get_order_executions_full_fill', { prices: aapl(at('150.50')) }, async (s) => {
    const trade = await s.start({ quantity: '10' });
    const open = await s.until(trade, ({ status }) => status === 'open');

    expect(open).toMatchObject({ filledQuantity: '10', remainingQuantity: '0', averageFillPrice: '150.5' });
    const record = await s.record(trade);
    expect(record.fills('entry')).toEqual([expect.objectContaining({ quantity: '10', price: '150.5' })]);
    const stored = await s.database.prisma.execution.findMany();
    expect(stored.map(({ quantity, price }) => `${quantity}@${price}`)).toEqual(['10@150.5']);
  });

  const fiveOfTen = aapl(at('150', { askSize: '5' }), at('150'));
  scenario('test_get_order_executions_partial_fill', { prices: fiveOfTen, fillsInPart: true }, async (s) => {
    const trade = await s.start({ ...buyingUpTo('150', s), quantity: '10' });
    if (s.traits.cancelsRest) return expectRestCancelled(s, trade, { of: ['10'], filled: '5' });
    const partly = await s.until(trade, ({ stopKind }) => stopKind === guard(s));

    expect(partly).toMatchObject({ status: 'partially_filled', filledQuantity: '5', remainingQuantity: '5' });
    const record = await s.record(trade);
    expect(record.working('entry')).toMatchObject([{ quantity: '10', filledQuantity: '5' }]);
    const stop = { quantity: '5', stopPrice: '142.5' };
    expect(record.working('stop')).toMatchObject(s.can.stopBesideEntry ? [stop] : []);

    const open = await s.moveOn(trade, 1);
    expect(open).toMatchObject({ status: 'open', filledQuantity: '10' });
    expect((await s.record(trade)).working()).toMatchObject([{ type: stopType(s), quantity: '10' }]);
  });

  const threePrices = aapl(
    at('150.00', { askSize: '5' }),
    at('150.50', { askSize: '3' }),
    at('151.25', { askSize: '2' }),
  );
  scenario('test_get_order_executions_multiple_fills', { prices: threePrices, fillsInPart: true }, async (s) => {
    const trade = await s.start({ ...buyingUpTo('152', s), quantity: '10' });
    if (s.traits.cancelsRest) return expectRestCancelled(s, trade, { of: ['10'], filled: '5' });
    await s.until(trade, ({ filledQuantity }) => filledQuantity === '5');
    await s.moveOn(trade, 1);
    for (const kind of ['stale', 'none', 'stale'] as const) {
      s.faults.add({ on: 'look', kind });
      expect((await s.look(trade)).filledQuantity).toBe('8');
    }
    const open = await s.moveOn(trade, 2);
    await s.look(trade);

    expect(open).toMatchObject({
      status: 'open',
      filledQuantity: '10',
      averageFillPrice: '150.4',
      stopPrice: '142.88',
    });
    const fills = (await s.record(trade)).fills('entry');
    expect(fills.map(({ quantity, price }) => `${quantity}@${price}`)).toEqual(['5@150', '3@150.5', '2@151.25']);
    expect(cashFlow(fills).toString()).toBe('1504');
  });
});
