import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal, type DecimalString, decimal } from '../../../src/domain/decimal.js';
import { contractMultiplier, quantityStep } from '../../../src/domain/instrument.js';
import { expectedExits } from '../../../src/domain/trade/exit-prices.js';
import type { StopLoss } from '../../../src/domain/trade/request.js';
import { quantityFor } from '../../../src/domain/trade/sizes.js';
import { tradeRequest } from '../../support/trading.js';

const cents = (most: number) =>
  fc.integer({ min: 1, max: most }).map((hundredths) => decimal((hundredths / 100).toFixed(2)));
const anyTrade = fc
  .record({
    assetClass: fc.constantFrom('equity', 'option', 'crypto' as const),
    side: fc.constantFrom('buy', 'sell_short' as const),
    percent: cents(5_000).map((percent) => percent.toString()),
  })
  .map(({ percent, ...trade }) =>
    tradeRequest({ account: 'any', ...trade, stopLoss: { percent } as StopLoss } as never),
  );

it('so many dollars buy as much as they can, and never more', () => {
  fc.assert(
    fc.property(anyTrade, cents(10_000_000), cents(100_000_000), (trade, entry, dollars) => {
      const quantity = quantityFor({ dollars: dollars.toString() }, trade, entry, Decimal.zero);
      const costOf = (units: Decimal) => units.times(entry).times(contractMultiplier(trade.assetClass));
      expect(quantity.isMultipleOf(quantityStep(trade.assetClass))).toBe(true);
      expect(costOf(quantity).atMost(dollars)).toBe(true);
      expect(costOf(quantity.plus(quantityStep(trade.assetClass))).greaterThan(dollars)).toBe(true);
    }),
  );
});

it('a trade that may lose so much of the equity loses no more at its stop', () => {
  fc.assert(
    fc.property(anyTrade, cents(10_000_000), cents(100_000_000), cents(1_000), (trade, entry, equity, riskPercent) => {
      const quantity = quantityFor({ riskPercent: riskPercent.toString() }, trade, entry, equity);
      const { stop } = expectedExits(trade, entry);
      const loss = entry.minus(stop).absolute().times(quantity).times(contractMultiplier(trade.assetClass));
      expect(loss.times(decimal('100')).atMost(equity.times(riskPercent))).toBe(true);
    }),
  );
});

it.each([
  [{ dollars: '500' as DecimalString }, '150', '3'],
  [{ dollars: '149' as DecimalString }, '150', '0'],
  [{ riskPercent: '1' as DecimalString }, '150', '133'],
])('%o at %s are %s shares with a stop 5 %% away, of an equity of 100000', (size, entry, expected) => {
  expect(quantityFor(size, tradeRequest({ account: 'any' }), decimal(entry), decimal('100000')).toString()).toBe(
    expected,
  );
});
