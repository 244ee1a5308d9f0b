/** The way out: what happens when the closing order does not simply fill. */
import { describe, expect, it } from 'vitest';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { type Fault, SimulatedTrade } from './simulated-trade.js';

const MINUTE = 60_000;

function closing(...faults: Fault[]): SimulatedTrade {
  const trade = new SimulatedTrade({ faults });
  trade.rest();
  requestClose(trade.state, 'manual', trade.now);
  trade.rest();
  return trade;
}

/** Generations of closing orders that the broker took, with their quantities. */
function exits(trade: SimulatedTrade): string[] {
  const taken = [...trade.known.values()]
    .map(({ order }) => order)
    .filter((order) => order.clientOrderId.includes('-x'));
  return taken.map(({ clientOrderId, quantity }) => `${clientOrderId.split('-')[2]} ${quantity}`);
}

describe('a closing order that is refused', () => {
  it('is decided anew after a pause', () => {
    const trade = closing('none', 'none', 'none', 'refused');
    expect(trade.state.status).toBe('closing');
    trade.pass(25_000);
    expect(exits(trade)).toEqual([]);
    trade.pass(10_000);
    expect(exits(trade)).toEqual(['x2 10']);
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
  });

  it('three times asks a person, and the stop is put back meanwhile', () => {
    const trade = closing('none', 'none', 'none', 'refused', 'refused', 'refused');
    trade.pass(2 * MINUTE);
    expect(trade.state).toMatchObject({ status: 'needs_attention', attention: { code: 'exit_refused' } });
    expect(trade.working().map(({ type, quantity }) => `${type} ${quantity}`)).toEqual(['stop 10']);
    expect(trade.state.pending.alerts.map(({ code }) => code)).toContain('exit_refused');

    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(trade.state.status).toBe('closed');
    expect(exits(trade)).toEqual(['x4 10']);
    expect(trade.position().isZero()).toBe(true);
  });
});

describe('a closing order that ends by another hand', () => {
  it('after a part of its fills is followed by one for the rest', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.market('100', '4');
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(trade.position().toString()).toBe('6');
    trade.cancelByHand('exit');
    trade.look();
    trade.market('99', '100');
    trade.pass(MINUTE);
    expect(exits(trade)).toEqual(['x1 10', 'x2 6']);
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
  });
});

describe('a close that is asked for', () => {
  it('before the entry is sent ends it unsent', () => {
    const trade = new SimulatedTrade();
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(trade.state.status).toBe('cancelled');
    expect(trade.known.size).toBe(0);
  });

  it('while the broker cannot be asked is carried out by its writes alone', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.outage(true);
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(MINUTE);
    expect(trade.state.status).toBe('closed');
  });
});
