import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOrderId, isTradeId, type Leg, type TradeId, tradeIdOfClientOrder } from '../../src/domain/ids.js';

const tradeIds = fc.uuid().map((id) => id as TradeId);
const legs = fc.constantFrom<Leg>('entry', 'stop', 'exit');
const generations = fc.integer({ min: 1, max: 9_999 });

describe('a client order id', () => {
  it('names its trade, and fits every broker', () => {
    fc.assert(
      fc.property(tradeIds, legs, generations, (id, leg, generation) => {
        const ours = clientOrderId(id, leg, generation);
        expect(ours).toMatch(/^[a-z0-9-]{1,43}$/);
        expect(tradeIdOfClientOrder(ours)).toBe(id);
      }),
    );
  });

  it('is another one for every other decision, and the same for the same', () => {
    fc.assert(
      fc.property(fc.tuple(tradeIds, legs, generations), fc.tuple(tradeIds, legs, generations), (one, other) => {
        const same = one.every((part, index) => part === other[index]);
        expect(clientOrderId(...one) === clientOrderId(...other)).toBe(same);
        expect(clientOrderId(...one)).toBe(clientOrderId(...one));
      }),
    );
  });

  it.each([
    '',
    'arb-test-1',
    'somebody-else',
    'arb-00000000000040008000000000000001-q1',
    'arb-00000000000040008000000000000001-e',
  ])('is not %j', (id) => expect(tradeIdOfClientOrder(id)).toBeUndefined());
});

it('knows a trade id when it sees one', () => {
  fc.assert(fc.property(fc.uuid(), isTradeId));
  for (const text of [
    '',
    'x',
    '00000000-0000-4000-8000-00000000000',
    '../../etc',
    '00000000-0000-4000-8000-00000000000G',
  ]) {
    expect(isTradeId(text)).toBe(false);
  }
});
