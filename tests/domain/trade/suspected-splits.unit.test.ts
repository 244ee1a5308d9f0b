/** Situations around unannounced splits in which too much or too little is sold. Each failed when it was written. */
import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import { applyCommand, checkExitsChange, requestClose } from '../../../src/domain/trade/commands.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { totals, tradable } from '../../../src/domain/trade/state.js';
import { EARLY, EVENING, inTheEvening, LATER, OPEN, show } from './overnight.js';

const EMULATED = { capabilities: { stopType: 'none' as const } };

describe('a real split', () => {
  it('whose price moved by 8 % as well is not dismissed while position and stop agree', () => {
    const trade = inTheEvening();
    const stop = { quantity: '20', stopPrice: '47.5' };
    show(trade, EARLY, { price: '100', position: '20', stop });
    for (let minutes = 0; minutes < 15; minutes++)
      show(trade, OPEN + minutes * 60_000, { price: '54', position: '20' });
    expect(trade.state.closing).toBeUndefined();
    expect(['look', 'wait']).toContain(nextStep(trade.state, trade.now).kind);
  });

  it('whose price moved by 8 % as well is not dismissed when the position has doubled and the price is nearly halved', () => {
    const trade = inTheEvening(EMULATED);
    for (let minutes = 0; minutes < 15; minutes++)
      show(trade, OPEN + minutes * 60_000, { price: '54', position: '20' });
    expect(trade.state.closing).toBeUndefined();
  });

  it('is seen although the first look of the session had only a stale quote', () => {
    const trade = inTheEvening(EMULATED);
    show(trade, OPEN, { price: '100', position: '10', quoteAt: EVENING });
    show(trade, OPEN + 30_000, { price: '50', position: '20' });
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.attention ?? trade.state.ledger.splits[0]).toBeDefined();
  });

  it('is seen although the first quote of the session was wide', () => {
    const trade = inTheEvening(EMULATED);
    show(trade, OPEN, { price: '50', bid: '46', ask: '54', position: '10' });
    show(trade, OPEN + 30_000, { price: '50', position: '20' });
    show(trade, OPEN + 60_000, { price: '50.1', position: '20' });
    expect(trade.state.closing).toBeUndefined();
  });

  it('that is suspected is not sold in old shares by the retry of a refused exit', () => {
    const trade = inTheEvening();
    // a person closed in the evening, and the broker refused it three times
    trade.exitRefusal = { code: 'refused', message: 'no' };
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(5 * 60_000);
    expect(trade.state.attention?.code).toBe('exit_refused');
    show(trade, OPEN, { price: '1000', position: '1' });
    expect(nextStep(trade.state, trade.now).kind).not.toBe('cancel');
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.attention?.code).toBe('suspected_split');
  });

  it('through whose stop the market opens has the profit and loss of the new shares', () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '20', stop: { quantity: '20', stopPrice: '47.5' } });
    expect(trade.state.attention?.code).toBe('suspected_split');
    const stop = { quantity: '20', stopPrice: '47.5', filled: '20', fillPrice: '47' };
    show(trade, OPEN, { price: '47', position: '0', stop });
    expect(totals(trade.state).realizedPnl.toString()).toBe('-60');
  });

  it('lets a person adjust the stop of a long after a reverse split, as the message asks', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '1000', position: '1' });
    expect(trade.state.attention?.code).toBe('suspected_split');
    expect(checkExitsChange(trade.state, { stopPrice: decimalString('950') })).toBeUndefined();
  });

  it('lets a person adjust the stop of a short after a forward split', () => {
    const trade = inTheEvening({ request: { side: 'sell_short' } }, '-10');
    show(trade, OPEN, { price: '50', position: '-20' });
    expect(trade.state.attention?.code).toBe('suspected_split');
    expect(checkExitsChange(trade.state, { stopPrice: decimalString('52') })).toBeUndefined();
  });

  it('that leaves a fraction in the trade and none in the account has its stop for whole shares', () => {
    const trade = inTheEvening({ request: { quantity: decimalString('5') } }, '10');
    show(trade, OPEN, { price: '66.67', position: '15', stop: { quantity: '7', stopPrice: '63.33' } });
    for (let looks = 1; looks < 5; looks++) show(trade, OPEN + looks * 60_000, { price: '66.67', position: '15' });
    expect(tradable(trade.state).toString()).toBe('7');
    expect(['look', 'wait']).toContain(nextStep(trade.state, trade.now).kind);
  });

  it('that a person completes by closing sells whole shares only', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '300', position: '3' });
    requestClose(trade.state, 'manual', OPEN);
    trade.rest();
    const exit = trade.state.orders.find(({ leg }) => leg === 'exit');
    expect(exit?.request.quantity).toBe('3');
  });

  it('whose stop the broker cancels before the position changes gets no stop in old shares', () => {
    const trade = inTheEvening({ request: { side: 'sell_short' } }, '-10');
    show(trade, EARLY, { price: '100', position: '-10', stop: 'cancelled' });
    const step = nextStep(trade.state, trade.now);
    expect(step.kind).not.toBe('place');
  });

  it('while the trade is being closed leaves no profit that nobody made', () => {
    const trade = inTheEvening();
    trade.exitRefusal = { code: 'refused', message: 'no' };
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(trade.state.closing).toBeDefined();
    // one for ten overnight, worth 1000 at cost 1000
    for (let looks = 0; looks < 4; looks++) {
      trade.state.monitor.lookBegunAt = OPEN + looks * 6_000;
      show(trade, OPEN + looks * 6_000, { price: '1000', position: '1' });
    }
    const { open, averageEntry } = totals(trade.state);
    expect(`${open} at ${averageEntry}`).toBe('1 at 1000');
  });
});

describe('a reverse split with two trades in the account', () => {
  it('does not end the one that is converted while the other one waits for a person', () => {
    const trade = inTheEvening({}, '20');
    show(trade, EVENING + 1_000, { price: '100', position: '20', othersOpen: '10' });
    show(trade, OPEN, { price: '1000', position: '2', othersOpen: '10', stop: 'cancelled' });
    expect(totals(trade.state).open.toString()).toBe('1');
    for (let looks = 1; looks < 60; looks++) {
      const at = OPEN + looks * 5_000;
      trade.state.monitor.lookBegunAt = at;
      show(trade, at, { price: '1000', position: '2', othersOpen: '10' });
    }
    expect(trade.state.ledger.external).toEqual([]);
  });
});

describe('what a trade does to the account', () => {
  it('after a split whose price moved by 8 % is not to sell half of what is there', () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '20', stop: { quantity: '20', stopPrice: '47.5' } });
    for (let minutes = 0; minutes < 11; minutes++)
      show(trade, OPEN + minutes * 60_000, { price: '54', position: '20' });
    expect(totals(trade.state).open.toString()).toBe('20');
    expect(['look', 'wait']).toContain(nextStep(trade.state, trade.now).kind);
  });

  it('after a reverse split and a refused exit is not to sell ten shares where one is held', () => {
    const trade = inTheEvening();
    trade.exitRefusal = { code: 'refused', message: 'no' };
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(5 * 60_000);
    show(trade, OPEN, { price: '1000', position: '1' });
    const stop = trade.state.orders.findLast(({ leg }) => leg === 'stop');
    if (stop) stop.endedByUs = true;
    show(trade, OPEN + 1_000, { price: '1000', position: '1', stop: 'cancelled' });
    expect(nextStep(trade.state, trade.now)).not.toMatchObject({
      order: { leg: 'exit', request: { quantity: '10', type: 'market' } },
    });
  });
});

describe('what is no split', () => {
  it('a price that halves and then moves on within ten minutes counts after them', () => {
    const trade = inTheEvening(EMULATED);
    show(trade, OPEN, { price: '50' });
    expect(trade.state.attention?.code).toBe('suspected_split');
    for (let minutes = 1; minutes < 60; minutes++) show(trade, OPEN + minutes * 60_000, { price: '54' });
    expect(trade.state.attention).toBeUndefined();
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });

  it('a position that was read wrongly once is not the ratio of a later close', () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '20' });
    show(trade, EARLY + 60_000, { price: '100', position: '10' });
    requestClose(trade.state, 'manual', EARLY + 120_000);
    expect(totals(trade.state).open.toString()).toBe('10');
  });

  it("another trade's entry at the open does not hold this one", () => {
    const trade = inTheEvening(EMULATED);
    show(trade, OPEN, { price: '94', position: '20', othersOpen: '10' });
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });

  it("the kill switch does not sell another trade's shares", () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '100', position: '20', othersOpen: '10' });
    applyCommand(trade.state, { name: 'closeTrade', request: { reason: 'kill_switch' } }, OPEN);
    expect(totals(trade.state).open.toString()).toBe('10');
  });

  it("the kill switch does not sell the owner's shares that were bought in the evening", () => {
    const trade = inTheEvening();
    show(trade, EARLY, { price: '100', position: '20' });
    applyCommand(trade.state, { name: 'closeTrade', request: { reason: 'kill_switch' } }, EARLY);
    expect(totals(trade.state).open.toString()).toBe('10');
  });

  it('a suspicion that was dismissed does not weaken the next one', () => {
    const trade = inTheEvening();
    show(trade, OPEN, { price: '50' });
    show(trade, LATER, { price: '50' });
    expect(trade.state.attention).toBeUndefined();
    expect(trade.state.monitor.splitsBefore).toBeUndefined();
  });
});
