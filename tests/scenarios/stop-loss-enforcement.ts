import { expect } from 'vitest';
import { expectRestCancelled, guard, stopType } from '../support/expected.js';
import { aapl, at, quotedBelow } from '../support/prices.js';
import type { Scenario } from '../support/scenario.js';
import { group } from '../support/scenario.js';

async function openPosition(s: Scenario) {
  const trade = await s.start({ quantity: '10', stopLoss: { percent: '5' } });
  return s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
}

export const stopLossEnforcement = group('TestStopLossEnforcement', (scenario) => {
  const sixOfTen = aapl(at('150', { askSize: '6' }), at('150'));
  scenario('test_place_stop_loss_order', { prices: sixOfTen, fillsInPart: true }, async (s) => {
    const trade = await s.start({ quantity: '10', stopLoss: { percent: '5' } });
    if (s.traits.cancelsRest || !s.traits.marketRests)
      return expectRestCancelled(s, trade, { of: ['10'], filled: '6' });
    await s.until(trade, ({ stopKind }) => stopKind === guard(s));
    const terms = { side: 'sell', type: stopType(s), stopPrice: '142.5', timeInForce: 'gtc' };
    const first = s.can.stopBesideEntry ? [{ ...terms, quantity: '6' }] : [];
    expect((await s.record(trade)).working('stop')).toMatchObject(first);

    await s.moveOn(trade, 1);
    expect((await s.record(trade)).working('stop')).toMatchObject([{ ...terms, quantity: '10' }]);
  });

  scenario('test_monitor_stop_loss_not_breached', { prices: aapl(at('150'), at('148'), at('148')) }, async (s) => {
    const trade = await openPosition(s);
    const writes = s.faults.writes;
    await s.moveOn(trade, 1);
    const watched = await s.moveOn(trade, 2);

    expect(s.faults.writes).toBe(writes);
    expect(watched).toMatchObject({ status: 'open', stopPrice: '142.5', unrealizedPnl: '-20' });
  });

  // The quote is through the stop before a trade triggers it; the trade comes while the monitor is taking the stop back.
  const breach = aapl(at('150'), quotedBelow('140', '143'), quotedBelow('140', '143'), at('140'));
  scenario('test_monitor_stop_loss_breached', { prices: breach }, async (s) => {
    const trade = await openPosition(s);
    s.faults.add({ on: 'cancel', leg: 'stop', kind: 'none', meanwhile: () => s.goTo(3) });
    await s.moveOn(trade, 1);
    await s.moveOn(trade, 2);
    const closed = await s.until(trade, ({ status }) => status === 'closed');

    expect(closed).toMatchObject({ exitReason: 'stop', exitPrice: '140', realizedPnl: '-100', openQuantity: '0' });
    expect(s.faults.sent('cancel', 'stop')).toBe(1);
    const record = await s.record(trade);
    expect(record.exited).toBe('10');
    expect(record.only('stop')).toMatchObject({ status: 'filled', filledQuantity: '10' });
    expect(record.of('exit')).toEqual([]);
  });

  scenario('test_force_close_position', { prices: aapl(at('150'), at('151')) }, async (s) => {
    const trade = await openPosition(s);
    const atTheSale: unknown[] = [];
    const seeTheStop = async () => {
      atTheSale.push({ stop: (await s.record(trade)).only('stop').status, trade: (await s.row(trade)).status });
    };
    s.faults.add({ on: 'place', leg: 'exit', kind: 'none', meanwhile: seeTheStop });
    await s.goTo(1);
    await s.trades.close(trade.id, { by: 'a trader' });
    const closed = await s.until(trade, ({ status }) => status === 'closed');

    expect(atTheSale).toEqual([{ stop: 'cancelled', trade: expect.stringMatching(/^(open|closing)$/) }]);
    expect(closed).toMatchObject({ exitReason: 'manual', exitPrice: '151', realizedPnl: '10', openQuantity: '0' });
    const record = await s.record(trade);
    expect(record.only('exit')).toMatchObject({ side: 'sell', type: 'market', quantity: '10', status: 'filled' });
    expect(record.working()).toEqual([]);
  });
});
