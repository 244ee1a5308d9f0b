/** Orders of which nobody knows whether the broker has them. */
import { describe, expect, it } from 'vitest';
import { requestCancel, requestClose } from '../../../src/domain/trade/commands.js';
import { type Fault, SimulatedTrade } from './simulated-trade.js';

const MINUTE = 60_000;
/** As at Schwab: nothing but an order's terms to find it by. */
const withoutIds = { refusesRepeats: false, findsById: false };

function trade(capabilities: object, ...faults: Fault[]): SimulatedTrade {
  const simulated = new SimulatedTrade({ capabilities, faults });
  simulated.rest();
  return simulated;
}

describe('where the broker has no ids', () => {
  it('an entry that was not found after its window asks a person, who decides by cancelling', () => {
    const lost = trade(withoutIds, 'request_lost');
    lost.pass(MINUTE);
    expect(lost.state).toMatchObject({ status: 'needs_attention', attention: { code: 'placement_unknown' } });
    lost.pass(60 * MINUTE);
    expect(lost.ended).toBe(false);
    requestCancel(lost.state, lost.now);
    lost.rest();
    expect(lost.state.status).toBe('cancelled');
  });

  it('a cancel from before anybody was asked is no answer', () => {
    const lost = trade(withoutIds, 'request_lost');
    requestCancel(lost.state, lost.now);
    lost.pass(60 * MINUTE);
    expect(lost.state).toMatchObject({ status: 'needs_attention', attention: { code: 'placement_unknown' } });
    requestCancel(lost.state, lost.now);
    lost.rest();
    expect(lost.state.status).toBe('cancelled');
  });

  it('a closing order that was not found is sent again when the account still holds everything', () => {
    const lost = trade(withoutIds, 'none', 'none', 'none', 'request_lost');
    requestClose(lost.state, 'manual', lost.now);
    lost.pass(10_000);
    expect(lost.position().toString()).toBe('10');
    lost.pass(2 * MINUTE);
    expect(lost.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
    expect(lost.position().isZero()).toBe(true);
  });

  it('a closing order that was not found asks a person when the account holds less, who closes again', () => {
    const lost = trade(withoutIds, 'none', 'none', 'none', 'request_lost');
    requestClose(lost.state, 'manual', lost.now);
    lost.rest();
    lost.closeByHand('4');
    lost.pass(60 * MINUTE);
    expect(lost.state).toMatchObject({ status: 'needs_attention', attention: { code: 'placement_unknown' } });
    requestClose(lost.state, 'manual', lost.now);
    lost.pass(MINUTE);
    expect(lost.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
    expect(lost.position().isZero()).toBe(true);
  });

  it('a closing order that sold although it is never found is not sent again for the owner’s other shares', () => {
    const hidden = trade(withoutIds, 'none', 'none', 'none', 'answer_lost');
    hidden.buyByHand('10');
    hidden.look();
    requestClose(hidden.state, 'manual', hidden.now);
    hidden.rest();
    for (const id of hidden.known.keys()) if (id.includes('-x')) hidden.known.delete(id);
    expect(hidden.position().toString()).toBe('10');
    hidden.pass(60 * MINUTE);
    expect(hidden.position().toString()).toBe('10');
    expect(hidden.state).toMatchObject({ status: 'needs_attention', attention: { code: 'placement_unknown' } });
  });

  it('a stop that was not found is sent once more', () => {
    const lost = trade(withoutIds, 'none', 'request_lost');
    lost.pass(MINUTE);
    expect(lost.state.status).toBe('open');
    expect(lost.working().map(({ clientOrderId }) => clientOrderId.slice(-2))).toEqual(['s1']);
  });

  it('an entry that is found late is taken over, whatever was asked meanwhile', () => {
    const found = trade(withoutIds, 'answer_lost');
    requestCancel(found.state, found.now);
    found.pass(MINUTE);
    expect(found.state).toMatchObject({ status: 'closed', exitReason: 'cancel' });
    expect(found.position().isZero()).toBe(true);
  });
});

describe('where the broker refuses repeats', () => {
  it.each<[string, Fault[]]>([
    ['an entry', ['request_lost']],
    ['a stop', ['none', 'request_lost']],
  ])('%s that never arrived is sent once more after the window, and the trade goes on', (_, faults) => {
    const lost = trade({}, ...faults);
    lost.pass(2 * MINUTE);
    expect(lost.state.status).toBe('open');
    expect(lost.working().map(({ type }) => type)).toEqual(['stop']);
  });

  it('a closing order that was lost twice is decided anew', () => {
    const lost = trade({}, 'none', 'none', 'none', 'request_lost', 'request_lost');
    requestClose(lost.state, 'manual', lost.now);
    lost.pass(10 * MINUTE);
    expect(lost.state.status).toBe('closed');
    expect([...lost.known.keys()].map((id) => id.slice(-2))).toEqual(['e1', 's1', 'x2']);
  });
});

describe('an order that the broker turned down in words of its own', () => {
  it('is unknown until its window is over, then refused in those words', () => {
    const lost = trade(withoutIds, 'turned_down');
    expect(lost.state.status).toBe('submitted');
    lost.pass(MINUTE);
    expect(lost.state).toMatchObject({ status: 'rejected', reason: { message: 'in words of its own' } });
  });

  it('a closing order is tried again', () => {
    const lost = trade(withoutIds, 'none', 'none', 'none', 'turned_down');
    requestClose(lost.state, 'manual', lost.now);
    lost.pass(2 * MINUTE);
    expect(lost.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
  });
});
