import { describe, expect, it } from 'vitest';
import { requestEntryChange } from '../../../src/domain/trade/commands.js';
import { type Fault, SimulatedTrade, type SimulationOptions } from './simulated-trade.js';

/** A limit entry for 10 that rests. */
function resting(...faults: Fault[]): SimulatedTrade {
  return restingWith({ faults });
}

function restingWith({ request, capabilities, ...options }: SimulationOptions): SimulatedTrade {
  const trade = new SimulatedTrade({
    request: { orderType: 'limit', limitPrice: '98' as never, ...request },
    ...(capabilities && { capabilities }),
    ...options,
  });
  trade.rest();
  return trade;
}

function change(trade: SimulatedTrade, wanted: object): void {
  requestEntryChange(trade.state, wanted);
  trade.rest();
}

describe('a change of the working entry', () => {
  it('cancels it by the broker’s word, then places what is not filled yet', () => {
    const trade = resting();
    trade.market('98', '4');
    change(trade, { limitPrice: '97' });
    const entries = trade.state.orders.filter(({ leg }) => leg === 'entry');
    expect(entries).toMatchObject([
      { state: 'done', status: 'cancelled', filledQuantity: '4' },
      { state: 'live', request: { quantity: '6', limitPrice: '97' } },
    ]);
    expect(trade.state).toMatchObject({ status: 'partially_filled', entryChange: { step: 'done' } });
  });

  it('places nothing when the order filled before its cancel', () => {
    const trade = resting();
    trade.market('98');
    change(trade, { limitPrice: '97' });
    expect(trade.state).toMatchObject({
      status: 'open',
      entryChange: { step: 'refused', reason: { code: 'too_late' } },
    });
    expect(trade.state.orders.filter(({ leg }) => leg === 'entry')).toHaveLength(1);
  });

  it('stays submitted while the new one cannot be sent', () => {
    const trade = resting('none', 'none', 'not_placed');
    change(trade, { quantity: '8' });
    expect(trade.state.status).toBe('submitted');
    trade.pass(1_000);
    expect(trade.state).toMatchObject({
      status: 'submitted',
      request: { quantity: '8' },
      entryChange: { step: 'done' },
    });
  });

  it('reports the broker’s refusal of the new one, and ends', () => {
    const trade = resting('none', 'none', 'refused');
    change(trade, { limitPrice: '97' });
    expect(trade.state).toMatchObject({
      status: 'cancelled',
      entryChange: { step: 'refused', reason: { code: 'refused' } },
    });
  });

  it('places nothing anew when a part was filled and the rest is to be cancelled then', () => {
    const trade = restingWith({
      request: { onPartialFill: 'cancel_rest' },
      capabilities: { stopBesideEntry: false },
    });
    requestEntryChange(trade.state, { limitPrice: '97' as never });
    while (trade.step().kind !== 'approve');
    trade.market('98', '4');
    trade.rest();
    expect(trade.state).toMatchObject({
      status: 'open',
      entryChange: { step: 'refused', reason: { code: 'too_late' } },
    });
    expect(trade.state.orders.map(({ leg, quantity }) => `${leg} ${quantity}`)).toEqual(['entry 10', 'stop 4']);
  });
});
