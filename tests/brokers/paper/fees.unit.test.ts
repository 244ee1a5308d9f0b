import fc from 'fast-check';
import { expect, it } from 'vitest';
import { feeOf } from '../../../src/brokers/paper/fees.js';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import type { AssetClass } from '../../../src/domain/instrument.js';
import type { BookOrder } from '../../../src/matching/book.js';

const table = { perShare: '0.005', perContract: '0.65', coinPercent: '0.6' };
const of = (assetClass: AssetClass) => ({ assetClass }) as BookOrder;

it.each([
  ['equity', '200', '150', '1'],
  ['equity', '1', '150', '0'],
  ['option', '3', '4.2', '1.95'],
  ['crypto', '0.005', '75961.66', '2.28'],
  ['crypto', '0.00001', '100', '0'],
] as const)('%s: %s at %s costs %s dollars', (assetClass, quantity, price, dollars) => {
  expect(feeOf(table)(of(assetClass), decimal(quantity), decimal(price)).toString()).toBe(dollars);
});

it('is never negative, in whole cents, and off by half a cent at most', () => {
  const amount = fc
    .integer({ min: 1, max: 10_000_000 })
    .map((units) => decimal('0.0001').times(Decimal.ofInteger(units)));
  fc.assert(
    fc.property(amount, amount, (quantity, price) => {
      const fee = feeOf(table)(of('crypto'), quantity, price);
      expect(fee.isNegative()).toBe(false);
      expect(fee.isMultipleOf(decimal('0.01'))).toBe(true);
      const exact = quantity.times(price).times(decimal('0.006'));
      expect(fee.minus(exact).absolute().atMost(decimal('0.005'))).toBe(true);
    }),
  );
});
