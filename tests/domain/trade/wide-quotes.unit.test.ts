/** A bid and an ask far apart breach nothing by themselves: a wide quote once sold through a stop that was resting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import { DEFAULT_WIDE_QUOTES, isWide } from '../../../src/domain/trade/wide-quotes.js';
import { at, emulatedLong, see } from './seen-market.js';
import { SimulatedTrade } from './simulated-trade.js';

/** bid, ask, last */
const wide = (bid: string, ask: string, last: string) => ({ bid, ask, last });

function alerts(trade: SimulatedTrade): number {
  return new Set(trade.state.pending.alerts.filter(({ code }) => code === 'wide_quote').map(({ key }) => key)).size;
}

describe('a wide quote', () => {
  it('through a stop that rests at the broker sells nothing, however long it stays', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    see(trade, at('100'));
    for (let looks = 0; looks < 20; looks++) see(trade, wide('90', '110', '100'), 10);
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.monitor.breachedSince).toBeUndefined();
  });

  it('through an emulated stop, or at the target, closes nothing', () => {
    const trade = emulatedLong();
    see(trade, at('100'));
    see(trade, wide('90', '100', '100'));
    see(trade, wide('111', '130', '100'));
    expect(trade.state.closing).toBeUndefined();
  });

  it('is alerted at the third look in a row, once', () => {
    const trade = emulatedLong();
    see(trade, at('100'));
    for (const count of [0, 0, 1, 1]) {
      see(trade, wide('90', '100', '100'));
      expect(alerts(trade)).toBe(count);
    }
    see(trade, at('100'));
    for (const count of [1, 1, 2]) {
      see(trade, wide('90', '100', '100'));
      expect(alerts(trade)).toBe(count);
    }
  });

  it('beside a trade through the stop acts at once where the stop is emulated', () => {
    const trade = emulatedLong();
    see(trade, at('100'));
    see(trade, wide('90', '105', '94.5'));
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });

  it('beside an old trade through the stop closes nothing', () => {
    const trade = emulatedLong();
    see(trade, { bid: '96', ask: '96', last: '94' });
    see(trade, wide('90', '105', '94'));
    expect(trade.state.closing).toBeUndefined();
  });

  it('neither confirms nor ends a breach that a narrow one began', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    see(trade, at('94'));
    see(trade, wide('90', '110', '94'), 30);
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.monitor.breachedSince).toBeDefined();
    see(trade, at('94'), 1);
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });
});

describe('what is wide', () => {
  it.each<['equity' | 'crypto' | 'option', string, string, boolean]>([
    ['equity', '99', '101', false],
    ['equity', '98.99', '101', true],
    ['crypto', '40000', '40900', true],
    // an option of 0.30: 25 % of the middle is less than 20 cents
    ['option', '0.20', '0.40', false],
    ['option', '0.19', '0.40', true],
    ['option', '3.60', '4.60', false],
    ['option', '3.50', '4.60', true],
  ])('%s %s to %s: %s', (assetClass, bid, ask, expected) => {
    const quote = { bid: decimalString(bid), ask: decimalString(ask) };
    expect(isWide(quote, assetClass, DEFAULT_WIDE_QUOTES)).toBe(expected);
  });

  it('never becomes narrow by a lower bid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000 }), fc.nat(10_000), fc.nat(10_000), (bid, spread, lower) => {
        const quote = (cents: number, ask: number) => ({
          bid: decimalString(`${cents}`),
          ask: decimalString(`${ask}`),
        });
        const ask = bid + spread;
        const isWider = isWide(quote(Math.max(1, bid - lower), ask), 'equity', DEFAULT_WIDE_QUOTES);
        return !isWide(quote(bid, ask), 'equity', DEFAULT_WIDE_QUOTES) || isWider;
      }),
    );
  });
});
