/** What a trade holds of its user's limits, from its risk check to its end. */
import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import { changedEntryOf, exposureOf } from '../../../src/domain/trade/admission.js';
import { requestCancel, requestClose, requestEntryChange } from '../../../src/domain/trade/commands.js';
import { SimulatedTrade, type SimulationOptions } from './simulated-trade.js';

const text = decimalString;

/** Buys 10 at a limit of 95, with the market at 100. */
function working(options: SimulationOptions = {}): SimulatedTrade {
  const request = { orderType: 'limit' as const, limitPrice: text('95'), ...options.request };
  const trade = new SimulatedTrade({ ...options, request });
  trade.rest();
  return trade;
}

const held = (daily: string, exposure: string, pending: string) => ({ daily, exposure, pending });

describe('the exposure of a trade', () => {
  it('is all of it from the risk check on, before anything is sent', () => {
    expect(exposureOf(new SimulatedTrade().state)).toEqual(held('1000', '1000', '1000'));
  });

  it('is its limit while it works, and its price as it fills', () => {
    const trade = working();
    expect(exposureOf(trade.state)).toEqual(held('950', '950', '950'));
    trade.market('94', '4');
    trade.look();
    expect(exposureOf(trade.state)).toEqual(held('946', '946', '570'));
    trade.market('95', '6');
    trade.look();
    expect(exposureOf(trade.state)).toEqual(held('946', '946', '0'));
  });

  it('stays whole while nobody knows whether the order arrived', () => {
    const trade = working({ faults: ['request_lost'], capabilities: { refusesRepeats: false, findsById: false } });
    trade.pass(120_000);
    expect(trade.state.status).toBe('needs_attention');
    expect(exposureOf(trade.state)).toEqual(held('950', '950', '950'));
  });

  it('is given back for what ends unfilled, and kept for the day for what was filled', () => {
    const trade = working({ request: { onCancel: 'keep_stop' } });
    trade.market('95', '4');
    trade.look();
    requestCancel(trade.state, trade.now);
    trade.rest();
    expect(exposureOf(trade.state)).toEqual(held('380', '380', '0'));
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    expect(trade.state.status).toBe('closed');
    expect(exposureOf(trade.state)).toEqual(held('380', '0', '0'));
  });

  it('is nothing for a trade that was never filled', () => {
    const trade = working();
    requestCancel(trade.state, trade.now);
    trade.rest();
    expect(exposureOf(trade.state)).toEqual(held('0', '0', '0'));
  });

  it('counts a contract a hundred times', () => {
    const trade = working({ request: { assetClass: 'option' } });
    expect(exposureOf(trade.state)).toEqual(held('95000', '95000', '95000'));
  });

  it('with a change that is asked for counts the rest of the new total at the new price', () => {
    const trade = working();
    trade.market('95', '4');
    trade.look();
    requestEntryChange(trade.state, { quantity: text('12'), limitPrice: text('96') });
    expect(changedEntryOf(trade.state).exposure).toEqual(held('1148', '1148', '768'));
  });
});
