import fc from 'fast-check';
import { stringify } from 'lossless-json';
import { expect, it } from 'vitest';
import { orderBody } from '../../../src/brokers/schwab/order-body.js';
import { schwabTime } from '../../../src/brokers/schwab/schemas.js';
import { fromSchwabSymbol, toSchwabSymbol } from '../../../src/brokers/schwab/symbols.js';
import { decimal } from '../../../src/domain/decimal.js';
import { isSymbol, priceTick } from '../../../src/domain/instrument.js';
import { isBuying, type OrderSide } from '../../../src/domain/order.js';
import { amount, parseLosslessly } from '../../../src/wire/json.js';
import { orderRequest } from './schwab-fixture.js';

const letters = fc.string({ unit: fc.constantFrom(...'ABCXYZ'), minLength: 1, maxLength: 6 });
const optionSymbol = fc
  .record({
    root: letters,
    day: fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
    right: fc.constantFrom('C', 'P'),
    strike: fc.integer({ min: 1, max: 99_999_999 }),
  })
  .map(({ root, day, right, strike }) => {
    const date = day.toISOString().slice(2, 10).replaceAll('-', '');
    return `${root}${date}${right}${String(strike).padStart(8, '0')}`;
  });
const cents = fc.integer({ min: 1, max: 999_999_999 }).map((n) => decimal(String(n)).dividedBy(decimal('100')));
const fine = fc.integer({ min: 1, max: 999_999_999 }).map((n) => decimal(String(n)).dividedBy(decimal('1000000')));

it('symbols come back as they went', () => {
  fc.assert(
    fc.property(fc.oneof(optionSymbol, letters), (symbol) => {
      const theirs = toSchwabSymbol(symbol);
      expect(fromSchwabSymbol(theirs)).toBe(symbol);
      expect(theirs).toHaveLength(isSymbol(symbol, 'option') ? 21 : symbol.length);
    }),
  );
});

it('a text that is no symbol of theirs is none of ours', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 25 }), optionSymbol), (text) => {
      const symbol = fromSchwabSymbol(text);
      if (symbol !== undefined) expect(toSchwabSymbol(symbol)).toBe(text);
    }),
  );
});

it('amounts are read exactly, as numbers and as texts', () => {
  fc.assert(
    fc.property(fc.oneof(cents, fine), fc.boolean(), (value, negative) => {
      const exact = negative ? value.negated() : value;
      for (const json of [`${exact}`, `"${exact}"`, `${exact}e0`]) {
        expect(amount.parse(parseLosslessly(json))).toBe(exact.toString());
      }
    }),
  );
});

it('amounts with an exponent mean what they say', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -12, max: 12 }), (digits, power) => {
      const factor = decimal(`1${'0'.repeat(Math.abs(power))}`);
      const exact = power < 0 ? decimal(String(digits)).dividedBy(factor) : decimal(String(digits)).times(factor);
      expect(amount.parse(`${digits}E${power}`)).toBe(exact.toString());
    }),
  );
});

it.each(['', '1e', 'NaN', 'Infinity', '1,000', '0x10', '1e999', ' 1'])('%j is no amount', (text) => {
  expect(amount.safeParse(text).success).toBe(false);
});

it('times are read with any offset, and nothing else is a time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: -12, max: 14 }),
      fc.constantFrom('', ':'),
      (seconds, hours, colon) => {
        const local = new Date((seconds + hours * 3_600) * 1_000).toISOString().slice(0, 19);
        const offset = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}${colon}00`;
        expect(schwabTime.parse(local + offset)).toBe(seconds * 1_000);
      },
    ),
  );
  for (const text of ['', '2026-03-03', '2026-03-03T14:31:07', '2026-13-03T14:31:07+0000', 'yesterday']) {
    expect(schwabTime.safeParse(text).success).toBe(false);
  }
});

it('prices on the tick are sent as they are, finer ones on the right side of it', () => {
  const sides = fc.constantFrom<OrderSide>('buy', 'sell', 'sell_short', 'buy_to_cover');
  fc.assert(
    fc.property(fc.oneof(cents, fine), sides, fc.constantFrom('limit', 'stop'), (price, side, type) => {
      fc.pre(price.atLeast(decimal('0.0001')));
      const text = price.toString();
      const sent = orderBody(
        orderRequest({ side, type, ...(type === 'limit' ? { limitPrice: text } : { stopPrice: text }) }),
      );
      if ('refusal' in sent) throw new Error(sent.refusal.message);
      const shown = decimal((type === 'limit' ? sent.price : sent.stopPrice) ?? '');
      const tick = priceTick({ symbol: 'AAPL', assetClass: 'equity' }, price);
      expect(shown.isMultipleOf(tick)).toBe(true);
      if (price.isMultipleOf(tick)) expect(shown.equals(price)).toBe(true);
      const rises = isBuying(side) === (type === 'stop');
      expect(rises ? shown.atLeast(price) : shown.atMost(price)).toBe(true);
      expect(shown.minus(price).absolute().lessThan(tick)).toBe(true);
    }),
  );
});

it('quantities and trails are sent as exact numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), fine, (quantity, percent) => {
      const request = orderRequest({
        ...{ side: 'sell', type: 'trailing_stop' },
        ...{ quantity: String(quantity), trailPercent: percent.toString() },
      });
      const json = stringify(orderBody(request)) ?? '';
      expect(json).toContain(`"quantity":${quantity},`);
      expect(json).toContain(`"stopPriceOffset":${percent},`);
    }),
  );
});
