/**
 * A broker that refuses every closing order. An Alpaca account with an opposite order working is one: "potential wash trade
 * detected" was answered to an exit every fifteen seconds, for hours.
 */

import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../../src/domain/order.js';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { withExternal } from '../../../src/domain/trade/ledger.js';
import { SimulatedTrade } from './simulated-trade.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const washTrade: Refusal = { code: 'refused', message: 'potential wash trade detected. use complex orders' };

function orders(trade: SimulatedTrade, leg: 'exit' | 'stop'): number {
  return Math.max(0, ...trade.state.orders.filter((order) => order.leg === leg).map(({ generation }) => generation));
}

/** Keys of the alerts that call a person. */
function urgent(trade: SimulatedTrade): string[] {
  const keys = trade.state.pending.alerts.filter(({ severity }) => severity === 1).map(({ key }) => key);
  return [...new Set(keys)];
}

function refusedLong(exitRefusal = washTrade): SimulatedTrade {
  const trade = new SimulatedTrade();
  trade.rest();
  trade.exitRefusal = exitRefusal;
  return trade;
}

describe('an exit that is refused for six hours', () => {
  it.each<[string, string]>([
    ['asked for by a person', '100'],
    ['at a stop that the market is through', '90'],
  ])('%s costs at most 30 orders and one alert, and keeps the state small', (_, price) => {
    const trade = refusedLong();
    trade.cancelByHand('stop');
    if (price === '100') requestClose(trade.state, 'manual', trade.now);
    for (let minutes = 0; minutes < 6 * 60; minutes++) {
      trade.market(price);
      trade.pass(MINUTE);
    }
    const sent = 1 + orders(trade, 'exit') + orders(trade, 'stop');
    expect(sent).toBeGreaterThan(6);
    expect(sent).toBeLessThanOrEqual(30);
    expect(urgent(trade).filter((key) => key.includes('exit_refused'))).toHaveLength(1);
    expect(trade.state).toMatchObject({ status: 'needs_attention', attention: { code: 'exit_refused' } });
    expect(JSON.stringify(trade.state).length).toBeLessThan(100_000);
    expect(trade.position().toString()).toBe('10');

    trade.exitRefusal = undefined;
    for (let minutes = 0; minutes < 61 && !trade.ended; minutes++) {
      trade.market(price);
      trade.pass(MINUTE);
    }
    expect(trade.state.status).toBe('closed');
    expect(trade.state.attention).toBeUndefined();
    expect(trade.position().isZero()).toBe(true);
  });

  it('keeps a stop at the broker between the tries', () => {
    const trade = refusedLong();
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(3 * MINUTE);
    for (let minutes = 0; minutes < 120; minutes++) {
      trade.pass(MINUTE);
      expect(trade.working().map(({ type, quantity }) => `${type} ${quantity}`)).toEqual(['stop 10']);
    }
  });

  it('is small after days as well', () => {
    const trade = refusedLong();
    requestClose(trade.state, 'manual', trade.now);
    for (let hours = 0; hours < 24 * 4; hours++) trade.pass(HOUR);
    expect(orders(trade, 'exit')).toBeGreaterThan(80);
    expect(JSON.stringify(trade.state).length).toBeLessThan(60_000);
    trade.exitRefusal = undefined;
    trade.pass(HOUR);
    expect(trade.state.status).toBe('closed');
  });
});

describe('the next try of a refused exit', () => {
  it('comes at once when a halt is over', () => {
    const trade = refusedLong({ code: 'halted', message: 'trading is halted' });
    trade.halted = true;
    trade.look();
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(5 * MINUTE);
    expect(trade.state.attention).toMatchObject({ code: 'exit_refused' });
    trade.halted = false;
    trade.exitRefusal = undefined;
    trade.pass(90_000);
    expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'manual' });
  });

  it('comes at once when a person asks again, with three tries before the next pause', () => {
    const trade = refusedLong();
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(5 * MINUTE);
    expect(orders(trade, 'exit')).toBe(3);
    requestClose(trade.state, 'manual', trade.now);
    trade.pass(5 * MINUTE);
    expect(orders(trade, 'exit')).toBe(6);
  });

  it('is not made for a stop whose price has come back', () => {
    const trade = refusedLong();
    trade.cancelByHand('stop');
    trade.market('90');
    trade.pass(5 * MINUTE);
    const before = orders(trade, 'exit');
    trade.market('100');
    trade.pass(HOUR);
    expect(orders(trade, 'exit')).toBe(before);
    expect(trade.working().map(({ type }) => type)).toEqual(['stop']);
  });

  it('in ever other words is put off all the same', () => {
    const trade = refusedLong();
    requestClose(trade.state, 'manual', trade.now);
    for (let tries = 0; tries < 40; tries++) {
      trade.exitRefusal = { code: 'refused', message: `no, ${'x'.repeat(tries + 1)}` };
      trade.pass(30_000);
    }
    expect(orders(trade, 'exit')).toBeLessThanOrEqual(8);
    expect(trade.state.attention).toMatchObject({ code: 'exit_refused' });
  });
});

it('a fraction that another hand left is no order of nothing: the account keeps it, and the trade ends', () => {
  const trade = new SimulatedTrade();
  trade.rest();
  trade.state.ledger = withExternal(trade.state.ledger, { quantity: '9.5' as never, at: trade.now });
  trade.pass(MINUTE);
  expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'external' });
  expect([...trade.known.values()].map(({ order }) => order.quantity.toString())).not.toContain('0');
  expect(trade.state.pending.alerts.map(({ code }) => code)).toContain('remnant_left');
});
