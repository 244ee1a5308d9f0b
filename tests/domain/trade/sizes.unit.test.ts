import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal, type DecimalString, decimal } from '../../../src/domain/decimal.js';
import { contractMultiplier, quantityStep } from '../../../src/domain/instrument.js';
import { expectedExits } from '../../../src/domain/trade/exit-prices.js';
import { quantityFor } from '../../../src/domain/trade/sizes.js';
import { tradeRequest } from '../../support/trading.js';

const cents = (most: number) =>
  fc.integer({ min: 1, max: most }).map((hundredths) => decimal((hundredths / 100).toFixed(2)));
/** At its expected entry, and where it has a limit also at that. */
const anyTrade = fc
  .record({
    assetClass: fc.constantFrom('equity', 'option', 'crypto' as const),
    side: fc.constantFrom('buy', 'sell_short' as const),
    stopLoss: fc.oneof(
      cents(5_000).map((percent) => ({ percent: percent.toString() })),
      cents(10_000_000).map((price) => ({ price: price.toString() })),
    ),
    limit: fc.option(cents(10_000_000), { nil: undefined }),
    entry: cents(10_000_000),
  })
  .map(({ limit, entry, ...terms }) => {
    const limited = limit && { orderType: 'limit', limitPrice: limit.toString() };
    const trade = tradeRequest({ account: 'any', ...terms, ...limited } as never);
    return { trade, entry, prices: limit ? [entry, limit] : [entry] };
  });

it('so many dollars buy as much as they can at the worst of its prices, and never more', () => {
  fc.assert(
    fc.property(anyTrade, cents(100_000_000), ({ trade, entry, prices }, dollars) => {
      const quantity = quantityFor({ dollars: dollars.toString() }, trade, entry, Decimal.zero);
      const costs = (units: Decimal) =>
        prices.map((price) => units.times(price).times(contractMultiplier(trade.assetClass)));
      const step = quantityStep(trade.assetClass);
      expect(quantity.isMultipleOf(step)).toBe(true);
      expect(costs(quantity).every((cost) => cost.atMost(dollars))).toBe(true);
      expect(costs(quantity.plus(step)).some((cost) => cost.greaterThan(dollars))).toBe(true);
    }),
  );
});

it('a trade that may lose so much of the equity loses no more at its stop, at whichever price it enters', () => {
  fc.assert(
    fc.property(anyTrade, cents(100_000_000), cents(1_000), ({ trade, entry, prices }, equity, riskPercent) => {
      const quantity = quantityFor({ riskPercent: riskPercent.toString() }, trade, entry, equity);
      for (const price of prices) {
        const { stop } = expectedExits(trade, price);
        const loss = price.minus(stop).absolute().times(quantity).times(contractMultiplier(trade.assetClass));
        expect(loss.times(decimal('100')).atMost(equity.times(riskPercent))).toBe(true);
      }
    }),
  );
});

it.each([
  [{ dollars: '500' as DecimalString }, '150', '3'],
  [{ dollars: '149' as DecimalString }, '150', '0'],
  [{ riskPercent: '1' as DecimalString }, '150', '133'],
])('%o at %s are %s shares with a stop five percent away, of an equity of 100000', (size, entry, expected) => {
  expect(quantityFor(size, tradeRequest({ account: 'any' }), decimal(entry), decimal('100000')).toString()).toBe(
    expected,
  );
});
