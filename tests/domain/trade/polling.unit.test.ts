import { describe, expect, it } from 'vitest';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { type Fault, SimulatedTrade } from './simulated-trade.js';

/** A closing order that nobody takes; answers the longest wait between two looks in the ten minutes after. */
function longestWait(halted: boolean): number {
  const trade = new SimulatedTrade();
  trade.rest();
  trade.halted = halted;
  trade.market('100', '0');
  requestClose(trade.state, 'manual', trade.now);
  let longest = 0;
  for (let seconds = 0; seconds < 600; seconds++) {
    trade.pass(1_000);
    longest = Math.max(longest, trade.state.monitor.nextLookAt - trade.now);
  }
  expect(trade.state.orders.filter(({ leg, state }) => leg === 'exit' && state === 'live')).toHaveLength(1);
  return longest;
}

/** Seconds without an answer of the broker until a person is alerted. */
function secondsUntilAlert(trade: SimulatedTrade): number {
  trade.outage(true);
  for (let seconds = 0; seconds < 300; seconds++) {
    if (trade.state.pending.alerts.length > 0) return seconds;
    trade.pass(1_000);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a broker that does not answer', () => {
  it('is an alert after 30 s while a market order is all that a trade has', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.market('100', '0');
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(secondsUntilAlert(trade)).toBeLessThanOrEqual(31);
    expect(trade.state.pending.alerts).toHaveLength(1);
  });

  // In chaos at Coinbase a stop was cancelled, and for over a minute no read of it got through.
  it('is one while a stop is being cancelled', () => {
    const trade = new SimulatedTrade({ faults: ['none', 'none', ...Array<Fault>(20).fill('answer_lost')] });
    trade.rest();
    requestClose(trade.state, 'manual', trade.now);
    expect(secondsUntilAlert(trade)).toBeLessThanOrEqual(31);
  });

  it('is one after more than that where a stop protects', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    expect(secondsUntilAlert(trade)).toBeGreaterThan(90);
  });
});

// Somebody who read one trade twice a second used up Schwab's calls: another trade's looks failed, and it was called frozen.
describe('a look for which our own budget has no room', () => {
  function outOfCalls(seconds: number): SimulatedTrade {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.outOfCalls = true;
    trade.pass(seconds * 1_000);
    return trade;
  }

  it('is tried again within seconds', () => {
    const trade = outOfCalls(60);
    expect(trade.state.monitor.unreachableSince).toBeDefined();
    trade.outOfCalls = false;
    trade.pass(5_000);
    expect(trade.state.monitor.unreachableSince).toBeUndefined();
  });

  it('says so in its alert', () => {
    const alerts = outOfCalls(200).state.pending.alerts.filter(({ code }) => code === 'broker_unreachable');
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.message).toMatch(/its own budget of calls is used up: the broker may be well/);
  });
});

describe('a market order', () => {
  // Coinbase rejected one that it had taken, a minute before anybody looked: nothing protected the coins meanwhile.
  it('is looked at every five seconds while the market is open: until it trades, nothing else protects', () => {
    expect(longestWait(false)).toBeLessThanOrEqual(5_000);
  });

  it('in a halt waits at the pace of the monitor', () => {
    expect(longestWait(true)).toBeGreaterThan(30_000);
  });
});
