import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import {
  checkEntryChange,
  checkExitsChange,
  requestCancel,
  requestClose,
  requestEntryChange,
  requestExitsChange,
} from '../../../src/domain/trade/commands.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { SimulatedTrade, type SimulationOptions } from './simulated-trade.js';

const text = decimalString;

/** A limit of 95 with the market at 100. */
function working(request: SimulationOptions['request'] = {}): SimulatedTrade {
  const trade = new SimulatedTrade({ request: { orderType: 'limit', limitPrice: text('95'), ...request } });
  trade.rest();
  return trade;
}

/** 10 at 100, stop 95, seen at 100. */
function open(options: SimulationOptions = {}): SimulatedTrade {
  const trade = new SimulatedTrade(options);
  trade.rest();
  trade.look();
  return trade;
}

function partlyFilled(): SimulatedTrade {
  const trade = working();
  trade.market('95', '4');
  trade.look();
  return trade;
}

describe('a change of the entry', () => {
  const refusals: [string, () => SimulatedTrade, Parameters<typeof checkEntryChange>[1], string][] = [
    ['of nothing', working, {}, 'EMPTY_CHANGE'],
    ['of a filled entry', open, { quantity: text('20') }, 'ENTRY_NOT_WORKING'],
    ['to less than is filled', partlyFilled, { quantity: text('3') }, 'BELOW_FILLED'],
    ['to what is filled', partlyFilled, { quantity: text('4') }, 'BELOW_FILLED'],
  ];
  it.each(refusals)('%s is refused', (_, situation, change, code) => {
    expect(checkEntryChange(situation().state, change)?.reason.code).toBe(code);
  });

  it('of a market order to a price is refused', () => {
    const trade = new SimulatedTrade();
    trade.step();
    const [entry] = trade.state.orders;
    if (!entry) throw new Error('no entry');
    entry.state = 'live';
    entry.status = 'working';
    expect(checkEntryChange(trade.state, { limitPrice: text('95') })?.reason.code).toBe('NOT_A_LIMIT_ORDER');
  });

  it('is refused while another one is under way, or when the trade is on its way out', () => {
    const trade = working();
    requestEntryChange(trade.state, { limitPrice: text('94') });
    expect(checkEntryChange(trade.state, { limitPrice: text('93') })?.reason.code).toBe('CHANGE_IN_PROGRESS');
    const leaving = working();
    requestCancel(leaving.state, leaving.now);
    expect(checkEntryChange(leaving.state, { limitPrice: text('93') })?.reason.code).toBe('ENTRY_NOT_WORKING');
  });

  it('goes through beside what is filled', () => {
    const trade = partlyFilled();
    const change = { quantity: text('6'), limitPrice: text('96') };
    expect(checkEntryChange(trade.state, change)).toBeUndefined();
    requestEntryChange(trade.state, change);
    trade.rest();
    expect(trade.state.entryChange?.step).toBe('done');
    expect(trade.state.request).toMatchObject(change);
    expect(trade.position().toString()).toBe('6');
  });
});

describe('a change of the exits', () => {
  const refusals: [string, Parameters<typeof checkExitsChange>[1], string][] = [
    ['of nothing', {}, 'EMPTY_CHANGE'],
    ['to a stop at the market', { stopPrice: text('100') }, 'STOP_THROUGH_MARKET'],
    ['to a stop above it', { stopPrice: text('101') }, 'STOP_THROUGH_MARKET'],
    ['to a target below it', { takeProfitPrice: text('99') }, 'TARGET_THROUGH_MARKET'],
  ];
  it.each(refusals)('%s is refused', (_, change, code) => {
    expect(checkExitsChange(open().state, change)?.reason.code).toBe(code);
  });

  it('of a short is judged the other way round', () => {
    const { state } = open({ request: { side: 'sell_short' } });
    expect(checkExitsChange(state, { stopPrice: text('99') })?.reason.code).toBe('STOP_THROUGH_MARKET');
    expect(checkExitsChange(state, { takeProfitPrice: text('101') })?.reason.code).toBe('TARGET_THROUGH_MARKET');
    expect(checkExitsChange(state, { stopPrice: text('101'), takeProfitPrice: text('99') })).toBeUndefined();
  });

  it('moves the stop at the broker, and makes a percentage a price', () => {
    const trade = open();
    requestExitsChange(trade.state, { stopPrice: text('97') }, trade.now);
    trade.rest();
    expect(trade.state.exitsChange?.step).toBe('done');
    expect(trade.working().map(({ stopPrice }) => stopPrice?.toString())).toEqual(['97']);
    expect(trade.state.plan).toEqual({ stopPrice: '97' });
  });

  it('is one line of the journal when its workflow task is run again later, and each change is its own', () => {
    const { state, now } = open();
    const linesOfAChange = (...times: number[]) => {
      requestExitsChange(state, { takeProfitPrice: text('120') }, 0);
      const before = structuredClone(state);
      return times.flatMap((time) => {
        Object.assign(state, structuredClone(before));
        conclude(state, time);
        return state.pending.journal.filter(({ kind }) => kind === 'exits_adjusted').map(({ key }) => key);
      });
    };
    const [first, again] = linesOfAChange(now, now + 50);
    expect(again).toBe(first);
    state.pending.journal = [];
    expect(linesOfAChange(now + 100)).not.toContain(first);
  });

  it('that the broker refuses leaves everything as it was', () => {
    const trade = open({ faults: ['none', 'none', 'none', 'refused'] });
    requestExitsChange(trade.state, { stopPrice: text('97'), takeProfitPrice: text('120') }, trade.now);
    trade.rest();
    expect(trade.state.exitsChange).toMatchObject({ step: 'refused', reason: { code: 'refused' } });
    expect(trade.state.plan).toEqual({ stopPercent: '5' });
    expect(trade.working().map(({ stopPrice }) => stopPrice?.toString())).toEqual(['95']);
  });

  it('takes a target away', () => {
    const trade = open({ request: { takeProfit: { percent: text('10') } } });
    requestExitsChange(trade.state, { takeProfitPrice: null }, trade.now);
    trade.rest();
    trade.market('130');
    trade.look();
    expect(trade.state.status).toBe('open');
  });

  it('is refused once the trade is closing', () => {
    const trade = open();
    requestClose(trade.state, 'manual', trade.now);
    expect(checkExitsChange(trade.state, { stopPrice: text('97') })?.reason.code).toBe('TRADE_CLOSING');
  });
});

describe('a command to close', () => {
  it('twice is one close', () => {
    const trade = open();
    requestClose(trade.state, 'manual', trade.now, 'one');
    requestClose(trade.state, 'kill_switch', trade.now, 'other');
    requestCancel(trade.state, trade.now);
    expect(trade.state.closing).toMatchObject({ reason: 'manual', by: 'one' });
    trade.rest();
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
  });

  it('after the end changes nothing', () => {
    const trade = open();
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    const before = structuredClone(trade.state);
    requestClose(trade.state, 'risk', trade.now);
    requestCancel(trade.state, trade.now);
    expect(trade.state).toEqual(before);
  });

  it('with keep_stop cancels the entry and guards what is filled', () => {
    const trade = working({ onCancel: 'keep_stop' });
    trade.market('95', '4');
    trade.look();
    requestCancel(trade.state, trade.now);
    trade.rest();
    expect(trade.state.status).toBe('open');
    expect(trade.working().map(({ type, quantity }) => `${type} ${quantity}`)).toEqual(['stop 4']);
  });
});
