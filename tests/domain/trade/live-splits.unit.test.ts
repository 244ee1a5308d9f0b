/**
 * Splits at a broker that announces none: what NVDA's ten-for-one of 2024-06-10 and reverse splits look like to a trade that
 * sees only the position, the price and its stop. A two-for-one once sold half of what was held.
 */
import { describe, expect, it } from 'vitest';
import { decimal, decimalString } from '../../../src/domain/decimal.js';
import { requestClose, requestExitsChange } from '../../../src/domain/trade/commands.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { totals } from '../../../src/domain/trade/state.js';
import { toView } from '../../../src/domain/trade/to-view.js';
import { EARLY, inTheEvening, LATER, OPEN, show } from './overnight.js';
import type { SimulatedTrade } from './simulated-trade.js';

function held(trade: SimulatedTrade): void {
  expect(trade.state).toMatchObject({ status: 'needs_attention', attention: { code: 'suspected_split' } });
  expect(trade.state.closing).toBeUndefined();
  expect(['look', 'wait']).toContain(nextStep(trade.state, trade.now).kind);
}

describe('a forward split', () => {
  it('is completed when position, price and stop agree', () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '20', stop: { quantity: '20', stopPrice: '47.5' } });
    held(trade);
    show(trade, OPEN, { price: '50.2', position: '20' });
    expect(trade.state.attention).toBeUndefined();
    expect(toView(trade.state, OPEN)).toMatchObject({
      status: 'open',
      openQuantity: '20',
      averageFillPrice: '50',
      stopPrice: '47.5',
    });
    expect(nextStep(trade.state, OPEN).kind).not.toBe('cancel');
    expect(trade.state.orders.filter(({ leg }) => leg === 'stop')).toHaveLength(1);
  });

  it('of which the stop shows nothing holds everything until a person has looked', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '50', position: '20' });
    held(trade);
    show(trade, LATER, { price: '50', position: '20' });
    held(trade);
    requestExitsChange(trade.state, { stopPrice: decimalString('48') }, LATER);
    expect(toView(trade.state, LATER)).toMatchObject({ openQuantity: '20', averageFillPrice: '50' });
    expect(trade.state.attention).toBeUndefined();
  });

  it('a person may close all of, in new shares', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '50', position: '20' });
    requestClose(trade.state, 'manual', OPEN);
    expect(totals(trade.state).open.toString()).toBe('20');
    expect(trade.state.closing).toMatchObject({ reason: 'manual' });
  });

  it('with a target and a trail converts both', () => {
    const trade = inTheEvening({
      request: { stopLoss: { trailPercent: decimalString('5') }, takeProfit: { price: decimalString('120') } },
    });
    const before = trade.state.protection.trailBest;
    show(trade, OPEN, { price: '25', position: '40', stop: { quantity: '40', stopPrice: '23.75' } });
    expect(before).toBe('100');
    expect(trade.state.protection.trailBest).toBe('25');
    expect(trade.state.plan.targetPrice).toBe('30');
    expect(trade.state.closing).toBeUndefined();
  });
});

describe('a reverse split', () => {
  it('whose stop the broker cancelled is completed, and the stop put back in new shares', () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '1', stop: 'cancelled' });
    held(trade);
    show(trade, OPEN, { price: '1001', position: '1' });
    const step = nextStep(trade.state, OPEN);
    expect(step).toMatchObject({ kind: 'place', order: { leg: 'stop', quantity: '1', stopPrice: '950' } });
    expect(trade.state.attention).toBeUndefined();
  });

  it('pays a fraction out at the new price', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '300', position: '3', stop: 'cancelled' });
    const { open, realizedPnl } = totals(trade.state);
    expect(open.toString()).toBe('3');
    // a third of a share, bought at 300, is paid at 300
    expect(realizedPnl.roundedToTick(decimal('0.01'), 'half_even').toString()).toBe('0');
    expect(trade.state.ledger.external).toMatchObject([{ quantity: '0.333333333', price: '300' }]);
  });
});

describe('what looks like a split and is none', () => {
  it('a price that halves holds the trade for ten minutes, and then counts', () => {
    const trade = inTheEvening({ capabilities: { stopType: 'none' } });
    show(trade, OPEN, { price: '50' });
    held(trade);
    show(trade, LATER, { price: '50' });
    expect(trade.state.attention).toBeUndefined();
    show(trade, LATER + 60_000, { price: '50' });
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
    expect(trade.state.pending.journal.map(({ data }) => data.message)).toContain(
      'No split: the price alone changed, ten minutes into the session.',
    );
  });

  it('shares that a person bought overnight hold nothing for longer than that', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '100', position: '20' });
    held(trade);
    show(trade, LATER, { price: '100', position: '20' });
    expect(trade.state.attention).toBeUndefined();
    expect(totals(trade.state).open.toString()).toBe('10');
  });

  it('a gap down by a sixth after a person has bought half as much again is none, where the stop is emulated', () => {
    const trade = inTheEvening({ capabilities: { stopType: 'none' } });
    show(trade, OPEN, { price: '83', position: '15' });
    show(trade, LATER, { price: '83', position: '15' });
    expect(totals(trade.state).open.toString()).toBe('10');
    expect(trade.state.ledger.splits).toEqual([]);
  });

  it('nor is it one where the person has taken the stop away as well', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '83', position: '15', stop: 'cancelled' });
    expect(trade.state.ledger.splits).toEqual([]);
  });

  it('a price that moves by a tenth overnight is a price', () => {
    const trade = inTheEvening({ capabilities: { stopType: 'none' } });
    show(trade, OPEN, { price: '90' });
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });
});
