import { describe, expect, it } from 'vitest';
import { requestExitsChange } from '../../../src/domain/trade/commands.js';
import type { TradeCapabilities } from '../../../src/domain/trade/settings.js';
import { activeOrder, type TradeOrder } from '../../../src/domain/trade/state.js';
import { SimulatedTrade } from './simulated-trade.js';

function open(capabilities: Partial<TradeCapabilities>, stopLoss: object = { percent: '5' }): SimulatedTrade {
  const trade = new SimulatedTrade({ capabilities, request: { stopLoss } as never });
  trade.rest();
  return trade;
}

function stop({ state }: SimulatedTrade): TradeOrder | undefined {
  return activeOrder(state, 'stop');
}

describe('at a broker without stop-market orders', () => {
  it('a stop is a stop-limit that reaches 5 % beyond', () => {
    const trade = open({ stopType: 'stop_limit' });
    expect(stop(trade)?.request).toMatchObject({ type: 'stop_limit', stopPrice: '95', limitPrice: '90.25' });
  });

  it('the corrected try after a refusal is one as well', () => {
    const trade = new SimulatedTrade({ capabilities: { stopType: 'stop_limit' }, faults: ['none', 'refused'] });
    trade.rest();
    expect(stop(trade)).toMatchObject({ generation: 2, request: { type: 'stop_limit' } });
  });
});

describe('beside an order of the other side', () => {
  // "opposite side limit order exists. use complex/limit/stop_limit orders": what Alpaca answers to a plain stop
  it('a refused stop is tried once more as a stop-limit', () => {
    const trade = new SimulatedTrade({ faults: ['none', 'opposite_order'] });
    trade.rest();
    expect(stop(trade)).toMatchObject({ generation: 2, request: { type: 'stop_limit', limitPrice: '90.25' } });
  });
});

describe('at a broker without trails', () => {
  it('a stop goes after the best price, in steps, and never back', () => {
    const trade = open({ stopType: 'stop' }, { trailPercent: '5' });
    expect(stop(trade)?.request).toMatchObject({ type: 'stop', stopPrice: '95' });
    for (const [bid, resting] of [
      ['100.2', '95'],
      ['110', '104.5'],
      ['106', '104.5'],
      ['120', '114'],
    ] as const) {
      trade.market(bid);
      trade.look();
      expect(stop(trade)).toMatchObject({ state: 'live', stopPrice: resting });
    }
    trade.market('113');
    trade.pass(90_000);
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'trailing' });
  });
});

describe('a trail of the broker, which starts from the market,', () => {
  it('one that takes another’s place is a stop that stands where that stood, and is moved from there', () => {
    const trade = open({ stopType: 'trailing_stop' }, { trailPercent: '5' });
    expect(stop(trade)?.request).toMatchObject({ type: 'trailing_stop' });
    trade.market('110');
    trade.look();
    trade.market('107');
    trade.cancelByHand('stop');
    trade.look();
    expect(stop(trade)?.request).toMatchObject({ type: 'stop', stopPrice: '104.5' });
    trade.market('120');
    trade.look();
    expect(stop(trade)?.request).toMatchObject({ type: 'stop', stopPrice: '114' });
  });
});

describe('a stop that is moved', () => {
  it('is confirmed as cancelled before the new one is sent', () => {
    const trade = open({});
    requestExitsChange(trade.state, { stopPrice: '97' as never }, trade.now);
    trade.rest();
    const stops = trade.state.orders.filter(({ leg }) => leg === 'stop');
    expect(stops).toMatchObject([
      { state: 'done', status: 'cancelled', endedByUs: true },
      { state: 'live', stopPrice: '97' },
    ]);
    expect(trade.state.exitsChange?.step).toBe('done');
    expect(trade.state.protection.unprotectedMs).toBeLessThan(1_000);
  });

  it('goes back to where it stood when the broker refuses the new one', () => {
    const trade = new SimulatedTrade({ faults: ['none', 'none', 'none', 'refused'] });
    trade.rest();
    requestExitsChange(trade.state, { stopPrice: '97' as never }, trade.now);
    trade.rest();
    expect(stop(trade)).toMatchObject({ state: 'live', generation: 3, stopPrice: '95' });
    expect(trade.state).toMatchObject({
      status: 'open',
      exitsChange: { step: 'refused', reason: { code: 'refused' } },
    });
  });

  it('that filled before its cancel is the close', () => {
    const trade = open({});
    requestExitsChange(trade.state, { stopPrice: '97' as never }, trade.now);
    trade.market('94');
    trade.pass(5_000);
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'stop' });
  });
});

it('a stop refused as oversold waits for two looks at the position, which show how much is held', () => {
  const trade = new SimulatedTrade({ faults: ['none', 'oversold'] });
  trade.rest();
  trade.closeByHand('1');
  trade.look();
  trade.pass(7_000);
  expect(stop(trade)).toMatchObject({ state: 'live', generation: 2, quantity: '9' });
  expect(trade.state).toMatchObject({ status: 'open' });
});
