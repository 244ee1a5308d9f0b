import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, decimalString } from '../../../src/domain/decimal.js';
import { priceTick } from '../../../src/domain/instrument.js';
import {
  isTrailBehind,
  plannedStopPrice,
  plannedTargetPrice,
  roundStop,
  stopLimitPrice,
} from '../../../src/domain/trade/exit-prices.js';
import type { TradeState } from '../../../src/domain/trade/state.js';
import { SimulatedTrade } from './simulated-trade.js';

type Side = 'buy' | 'sell_short';
type Plan = {
  limitOffset?: string;
  stopPercent?: string;
  stopPrice?: string;
  trailPercent?: string;
  targetPercent?: string;
  best?: string;
};

/** A trade whose entry was filled at this average. */
function filledAt(average: string, side: Side, { best, ...plan }: Plan): TradeState {
  const { state } = new SimulatedTrade({ request: { side } });
  const texts = Object.fromEntries(Object.entries(plan).map(([name, text]) => [name, decimalString(text)]));
  const fill = {
    executionId: 'a',
    quantity: decimalString('10'),
    price: decimalString(average),
    fee: decimalString('0'),
    at: 0,
  };
  state.plan = texts;
  state.ledger = { ...state.ledger, fills: [{ ...fill, leg: 'entry', clientOrderId: 'arb' }] };
  if (best !== undefined) state.protection.trailBest = decimalString(best);
  return state;
}

describe('a stop', () => {
  it.each<[string, string, Side, Plan, string]>([
    ['5 % below a long', '150', 'buy', { stopPercent: '5' }, '142.5'],
    ['5 % above a short', '150', 'sell_short', { stopPercent: '5' }, '157.5'],
    ['between two ticks below a long', '150.35', 'buy', { stopPercent: '5' }, '142.83'],
    ['between two ticks above a short', '150.35', 'sell_short', { stopPercent: '5' }, '157.87'],
    ['below a dollar, where ticks are finer', '1.005', 'buy', { stopPercent: '5' }, '0.9547'],
    ['at a price', '150', 'buy', { stopPrice: '140' }, '140'],
    ['trailing from the average', '150', 'buy', { trailPercent: '5' }, '142.5'],
    ['trailing from the best', '150', 'buy', { trailPercent: '5', best: '160' }, '152'],
    ['trailing from the average while nothing was better', '150', 'buy', { trailPercent: '5', best: '148' }, '142.5'],
    ['trailing a short from its best', '150', 'sell_short', { trailPercent: '5', best: '140' }, '147'],
  ])('%s', (_, average, side, plan, stop) => {
    expect(plannedStopPrice(filledAt(average, side, plan))?.toString()).toBe(stop);
  });

  it('of a coin that costs cents is as far away as was asked for', () => {
    const state = filledAt('0.08012', 'buy', { stopPercent: '5' });
    state.request = { ...state.request, symbol: 'DOGE-USD', assetClass: 'crypto' };
    expect(plannedStopPrice(state)?.toString()).toBe('0.076114');
  });

  it('of a percentage is not known before the first fill', () => {
    const { state } = new SimulatedTrade();
    expect(plannedStopPrice(state)).toBeUndefined();
  });

  it('is rounded to a tick, away from the position, by less than a tick', () => {
    const cents = fc.integer({ min: 50, max: 5_000_000 }).map((units) => (units / 10_000).toFixed(4));
    fc.assert(
      fc.property(cents, fc.constantFrom<Side>('buy', 'sell_short'), (text, side) => {
        const price = decimal(text);
        const tick = priceTick({ symbol: 'AAPL', assetClass: 'equity' }, price);
        const rounded = roundStop(filledAt('150', side, {}).request, price);
        expect(rounded.isMultipleOf(tick)).toBe(true);
        const away: Decimal = side === 'buy' ? price.minus(rounded) : rounded.minus(price);
        expect(away.isNegative()).toBe(false);
        expect(away.lessThan(tick)).toBe(true);
      }),
    );
  });

  it('never comes nearer while the best price gets worse', () => {
    const prices = fc.array(fc.integer({ min: 100, max: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(prices, (path) => {
        const stops = path.map((_, index) => {
          const best = `${Math.max(...path.slice(0, index + 1))}`;
          return plannedStopPrice(filledAt('150', 'buy', { trailPercent: '5', best })) ?? decimal('0');
        });
        for (const [index, stop] of stops.entries()) expect(stop.atLeast(stops[index - 1] ?? stop)).toBe(true);
      }),
    );
  });
});

describe('a stop-limit', () => {
  it('has its limit beyond the stop', () => {
    const plan = { limitOffset: '0.5' };
    expect(stopLimitPrice(filledAt('150', 'buy', plan), decimal('142.5')).toString()).toBe('142');
    expect(stopLimitPrice(filledAt('150', 'sell_short', plan), decimal('157.5')).toString()).toBe('158');
  });

  it('that nobody asked for has it 5 % beyond: it must fill', () => {
    expect(stopLimitPrice(filledAt('150', 'buy', {}), decimal('142.5')).toString()).toBe('135.37');
    expect(stopLimitPrice(filledAt('150', 'sell_short', {}), decimal('157.5')).toString()).toBe('165.38');
  });
});

/** A contract of each class of grid, and of none that is known. */
const CONTRACTS = ['SPY261218C00600000', 'AAPL261218C00200000', 'CRDO261218C00150000'];

function optionAt(symbol: string, average: string, plan: Plan, side: Side = 'buy'): TradeState {
  const state = filledAt(average, side, plan);
  state.request = { ...state.request, symbol, assetClass: 'option' };
  return state;
}

describe('the exits of an option', () => {
  it.each([
    ['SPY261218C00600000', '4.2', '3.78', '3.59'],
    ['AAPL261218C00200000', '4.2', '3.75', '3.55'],
    ['CRDO261218C00150000', '4.2', '3.7', '3.5'],
    ['SPY261218C00600000', '3.2', '2.88', '2.73'],
    ['AAPL261218C00200000', '3.2', '2.88', '2.73'],
    ['CRDO261218C00150000', '3.2', '2.85', '2.7'],
    ['CRDO261218C00150000', '3.35', '3', '2.85'],
  ])('%s at %s: a stop of ten percent at %s, its limit at %s', (symbol, average, stop, limit) => {
    const state = optionAt(symbol, average, { stopPercent: '10' });
    const planned = plannedStopPrice(state);
    expect(planned?.toString()).toBe(stop);
    expect(planned && stopLimitPrice(state, planned).toString()).toBe(limit);
  });

  it('lie on the grid of their own price, the stop and its limit never nearer, the target never less than asked', () => {
    const cents = (from: number, to: number) => fc.integer({ min: from, max: to });
    const anyTrade = fc.record({
      symbol: fc.constantFrom(...CONTRACTS),
      side: fc.constantFrom<Side>('buy', 'sell_short'),
      average: cents(100, 90_000).map((units) => (units / 1_000).toFixed(3)),
      percent: cents(1, 600).map((units) => (units / 10).toFixed(1)),
      offset: fc.option(
        cents(1, 200).map((units) => (units / 100).toFixed(2)),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(anyTrade, ({ symbol, side, average, percent, offset }) => {
        const plan = { stopPercent: percent, targetPercent: percent, ...(offset && { limitOffset: offset }) };
        const state = optionAt(symbol, average, plan, side);
        const [stop, target] = [plannedStopPrice(state), plannedTargetPrice(state)];
        if (!stop || !target) throw new Error('a filled trade has a stop and a target');
        const limit = stopLimitPrice(state, stop);
        for (const price of [stop, limit, target]) {
          expect(price.isMultipleOf(priceTick(state.request, price)), `${price}`).toBe(true);
        }
        const share = decimal(percent).dividedBy(decimal('100'));
        const [below, above] = [decimal('1').minus(share), decimal('1').plus(share)].map((factor) => {
          return decimal(average).times(factor);
        });
        if (!below || !above) throw new Error('two prices');
        // a stop has at least the lowest price
        fc.pre(side !== 'buy' || below.atLeast(priceTick(state.request, below)));
        const farther = (price: Decimal, than: Decimal) => (side === 'buy' ? price.atMost(than) : price.atLeast(than));
        expect(farther(stop, side === 'buy' ? below : above)).toBe(true);
        expect(farther(limit, stop)).toBe(true);
        expect(limit.isPositive()).toBe(true);
        expect(side === 'buy' ? target.atLeast(above) : target.atMost(below)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('have a limit of at least the lowest price', () => {
    expect(stopLimitPrice(optionAt('CRDO261218C00150000', '0.1', {}), decimal('0.05')).toString()).toBe('0.05');
    const plan = { limitOffset: '0.2' };
    expect(stopLimitPrice(optionAt('AAPL261218C00200000', '0.2', plan), decimal('0.15')).toString()).toBe('0.01');
  });
});

describe('a stop that is moved as a trail', () => {
  const trailing = (side: Side, best: string) => {
    return filledAt('150', side, { trailPercent: '10', best });
  };

  it('is behind when it lags by a tenth of the trail', () => {
    expect(isTrailBehind(trailing('buy', '151'), decimal('135'))).toBe(false);
    expect(isTrailBehind(trailing('buy', '152'), decimal('135'))).toBe(true);
    expect(isTrailBehind(trailing('sell_short', '149'), decimal('165'))).toBe(false);
    expect(isTrailBehind(trailing('sell_short', '148'), decimal('165'))).toBe(true);
  });
});

describe('a target', () => {
  it.each<[Side, string]>([
    ['buy', '165'],
    ['sell_short', '135'],
  ])('of 10 %% for a %s of 150 stands at %s', (side, price) => {
    expect(plannedTargetPrice(filledAt('150', side, { targetPercent: '10' }))?.toString()).toBe(price);
  });

  it('is nowhere when none is wanted', () => {
    expect(plannedTargetPrice(filledAt('150', 'buy', {}))).toBeUndefined();
  });
});
