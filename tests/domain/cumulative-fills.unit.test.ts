import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executionBeyond } from '../../src/domain/cumulative-fills.js';
import { Decimal, decimal, decimalString } from '../../src/domain/decimal.js';
import type { Execution } from '../../src/domain/order.js';

function execution(quantity: Decimal, price: Decimal, at = 0): Execution {
  const executionId = `527-${quantity}`;
  return { executionId, quantity: quantity.toString(), price: price.toString(), fee: decimalString('0'), at };
}

const costOf = (fills: readonly Execution[]) =>
  Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price))));
const quantityOf = (fills: readonly Execution[]) => Decimal.sum(fills.map(({ quantity }) => decimal(quantity)));

const fill = fc.record({
  quantity: fc.integer({ min: 1, max: 10_000 }).map((units) => decimal(String(units))),
  price: fc.integer({ min: 1, max: 10_000_000 }).map((units) => decimal(String(units)).dividedBy(decimal('10000'))),
  isSeen: fc.boolean(),
});

describe('cumulative fills', () => {
  it('add up to the quantity and the cost of the total, whichever totals were seen on the way, and however often', () => {
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 20 }), (fills) => {
        const known: Execution[] = [];
        const seen = fills.map((one, index) => ({ ...one, isSeen: one.isSeen || index === fills.length - 1 }));
        let [quantity, cost] = [Decimal.zero, Decimal.zero];
        for (const one of seen) {
          quantity = quantity.plus(one.quantity);
          cost = cost.plus(one.quantity.times(one.price));
          const total = execution(quantity, cost.dividedBy(quantity));
          for (let reads = one.isSeen ? 2 : 0; reads > 0; reads--) {
            const next = executionBeyond(known, total);
            expect(next === undefined).toBe(known.some(({ executionId }) => executionId === total.executionId));
            if (next) known.push(next);
          }
        }
        expect(quantityOf(known).equals(quantity)).toBe(true);
        expect(costOf(known).minus(cost).absolute().lessThan(decimal('0.000000001'))).toBe(true);
        expect(new Set(known.map(({ executionId }) => executionId)).size).toBe(known.length);
      }),
    );
  });

  it('are what was filled since, at what it cost', () => {
    const first = execution(decimal('15'), decimal('211.9'), 1);
    const known = [executionBeyond([], first) ?? first];
    expect(known).toEqual([first]);
    const next = executionBeyond(known, execution(decimal('40'), decimal('211.775'), 2));
    expect(next).toMatchObject({ executionId: '527-40', quantity: '25', price: '211.7', at: 2 });
  });

  it('are never fewer than before: an older total adds nothing', () => {
    const known = [execution(decimal('40'), decimal('211.775'))];
    expect(executionBeyond(known, execution(decimal('15'), decimal('211.9')))).toBeUndefined();
  });

  it('have a price even when the average is behind the quantity', () => {
    const known = [execution(decimal('100'), decimal('10'))];
    expect(executionBeyond(known, execution(decimal('101'), decimal('9')))).toMatchObject({
      quantity: '1',
      price: '9',
    });
  });
});
