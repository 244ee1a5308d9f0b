import { describe, expect, it } from 'vitest';
import { decimal } from '../../../src/domain/decimal.js';
import { odditiesOf } from '../../../src/domain/trade/oddities.js';
import type { StopLoss, TradeRequest } from '../../../src/domain/trade/request.js';
import { tradeRequest } from '../../support/trading.js';

function codes(trade: Partial<TradeRequest>, entry: string, usual?: string): string[] {
  const odd = odditiesOf(
    tradeRequest(trade as Parameters<typeof tradeRequest>[0]),
    decimal(entry),
    usual === undefined ? undefined : decimal(usual),
  );
  return odd.map(({ code }) => code);
}

const stop = (stopLoss: object) => ({ stopLoss: stopLoss as StopLoss });

describe('a stop', () => {
  it.each([
    ['a share, 20 % away', 'equity', stop({ percent: '20' }), '150', []],
    ['a share, further', 'equity', stop({ percent: '20.1' }), '150', ['stop_far']],
    ['a share, a price that was meant as a percentage', 'equity', stop({ price: '2' }), '150', ['stop_far']],
    ['a share, a trailing stop', 'equity', stop({ trailPercent: '21' }), '150', ['stop_far']],
    ['a short share, by its price', 'equity', stop({ price: '181' }), '150', ['stop_far']],
    ['an option, 50 % away', 'option', stop({ percent: '50' }), '4.2', []],
    ['an option, further', 'option', stop({ price: '2.05' }), '4.2', ['stop_far']],
    ['a coin', 'crypto', stop({ percent: '30' }), '60000', ['stop_far']],
    ['a coin of cents', 'crypto', stop({ percent: '50' }), '0.12', []],
  ] as const)('of %s', (_name, assetClass, trade, entry, expected) => {
    expect(codes({ assetClass, ...trade }, entry)).toEqual(expected);
  });

  it('that is far is described with its distance', () => {
    const [odd] = odditiesOf(tradeRequest(stop({ price: '2' }) as never), decimal('150'), undefined);
    expect(odd?.message).toBe('The stop of AAPL is at 2, which is 98.7 % from 150; more than 20 % is unusual.');
  });
});

it.each([
  [{ percent: '100' }, []],
  [{ percent: '101' }, ['target_far']],
  [{ price: '301' }, ['target_far']],
])('a target of %o', (takeProfit, expected) => {
  expect(codes({ takeProfit: takeProfit as never }, '150')).toEqual(expected);
});

it.each([
  ['30', '10', []],
  ['31', '10', ['quantity_unusual']],
  ['31', undefined, []],
])('a quantity of %s, usually %s', (quantity, usual, expected) => {
  expect(codes({ quantity: quantity as never }, '150', usual)).toEqual(expected);
});
