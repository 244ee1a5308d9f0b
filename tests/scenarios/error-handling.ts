import { expect } from 'vitest';
import { stopType } from '../support/expected.js';
import { aapl, at } from '../support/prices.js';
import { group } from '../support/scenario.js';

const REFUSED = { code: 'invalid_order', message: 'by plan' } as const;

export const errorHandling = group('TestErrorHandling', (scenario) => {
  scenario('test_order_placement_network_error', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
    const trade = await s.start();
    const open = await s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');

    expect(open).toMatchObject({ filledQuantity: '10', averageFillPrice: '150' });
    expect(s.faults.sent('place', 'entry')).toBe(1);
    expect((await s.record(trade)).only('entry')).toMatchObject({ orderId: open.entryOrderId, filledQuantity: '10' });
    const kinds = (await s.journal(trade)).map(({ kind }) => kind);
    expect(kinds.indexOf('order_unknown')).toBeGreaterThan(-1);
    expect(kinds.indexOf('order_resolved')).toBeGreaterThan(kinds.indexOf('order_unknown'));
  });

  scenario('test_order_status_check_invalid_order_id', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
    s.faults.add({ on: 'find', leg: 'entry', kind: 'hidden', times: 2 });
    const trade = await s.start();
    const open = await s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
    expect(open.filledQuantity).toBe('10');
    expect(s.faults.sent('find', 'entry')).toBe(3);
    expect(s.faults.sent('place', 'entry')).toBe(1);

    const writes = s.faults.writes;
    s.faults.add({ on: 'look', kind: 'hidden', times: 2 });
    await s.look(trade);
    expect(await s.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker' });
    expect(s.faults.writes).toBe(writes);
  });

  scenario('test_stop_loss_placement_order_failure', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ on: 'place', leg: 'stop', kind: 'refused', refusal: REFUSED, times: 2 });
    const trade = await s.start();
    const closed = await s.until(trade, ({ status }) => status === 'closed');

    expect(closed).toMatchObject({ exitReason: 'unprotected', openQuantity: '0', realizedPnl: '0' });
    expect(Number(closed.unprotectedSeconds)).toBeLessThan(10);
    expect(s.faults.sent('place', 'stop')).toBe(2);
    expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'stop_refused' }]);
    const record = await s.record(trade);
    expect(record.of('stop')).toEqual([]);
    expect(record.only('exit')).toMatchObject({ side: 'sell', filledQuantity: '10' });
  });

  const noQuote = {};
  const silence = aapl(at('150'), noQuote, noQuote, noQuote, at('140.00', { low: '149', last: '149' }));
  scenario('test_market_data_unavailable', { prices: silence }, async (s) => {
    const trade = await s.start({ stopLoss: { price: '142.50' } });
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const writes = s.faults.writes;

    for (const minute of [1, 2]) await s.moveOn(trade, minute);
    expect(await s.alerts(trade)).toEqual([]);
    const waiting = await s.moveOn(trade, 3);
    expect(await s.alerts(trade)).toEqual([{ severity: 2, code: 'market_data_unavailable' }]);

    expect(waiting).toMatchObject({ status: 'open', stopKind: 'broker' });
    expect(s.faults.writes).toBe(writes);
    const stop = { type: stopType(s), quantity: '10', stopPrice: '142.5' };
    expect((await s.record(trade)).working()).toMatchObject([stop]);
  });
});
