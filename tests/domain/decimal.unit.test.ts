import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prisma } from '../../prisma/generated/client.js';
import { Decimal, decimal, decimalString, type Rounding } from '../../src/domain/decimal.js';

/** Somebody else's decimals, with digits to spare. */
const Reference = Prisma.Decimal.clone({ precision: 200, toExpNeg: -200, toExpPos: 200 });
type Reference = Prisma.Decimal;
const MODES = {
  down: Reference.ROUND_FLOOR,
  up: Reference.ROUND_CEIL,
  half_even: Reference.ROUND_HALF_EVEN,
} as const;

/** Plain decimals as they come: small, large, with many digits and with zeros at their ends. */
const texts = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, scale]) => new Reference(units.toString()).div(new Reference(10).pow(scale)).toFixed(scale));
const rounding = fc.constantFrom<Rounding>('down', 'up', 'half_even');
const scales = fc.integer({ min: 0, max: 18 });

function shown(value: Reference): string {
  return value.isZero() ? '0' : value.toFixed();
}

describe('decimals agree with a reference in', () => {
  const pairs: [string, (one: Decimal, other: Decimal) => Decimal, (one: Reference, other: Reference) => Reference][] =
    [
      ['sums', (one, other) => one.plus(other), (one, other) => one.plus(other)],
      ['differences', (one, other) => one.minus(other), (one, other) => one.minus(other)],
      [
        'products, to 18 places',
        (one, other) => one.times(other),
        (one, other) => one.times(other).toDecimalPlaces(18, MODES.half_even),
      ],
      ['the lower of two', (one, other) => one.min(other), (one, other) => Reference.min(one, other)],
      ['the higher of two', (one, other) => one.max(other), (one, other) => Reference.max(one, other)],
    ];
  it.each(pairs)('%s', (_, ours, theirs) => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(ours(decimal(one), decimal(other)).toString()).toBe(
          shown(theirs(new Reference(one), new Reference(other))),
        );
      }),
    );
  });

  it('quotients, at every scale and in every direction', () => {
    fc.assert(
      fc.property(texts, texts, scales, rounding, (one, other, scale, mode) => {
        fc.pre(!decimal(other).isZero());
        const expected = new Reference(one).div(other).toDecimalPlaces(scale, MODES[mode]);
        expect(decimal(one).dividedBy(decimal(other), scale, mode).toString()).toBe(shown(expected));
      }),
    );
  });

  it('rounding', () => {
    fc.assert(
      fc.property(texts, scales, rounding, (text, scale, mode) => {
        const expected = new Reference(text).toDecimalPlaces(scale, MODES[mode]);
        expect(decimal(text).roundedTo(scale, mode).toString()).toBe(shown(expected));
      }),
    );
  });

  it('comparisons', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const [ours, theirs] = [decimal(one), decimal(other)];
        expect(ours.compare(theirs)).toBe(new Reference(one).comparedTo(other));
        expect(ours.lessThan(theirs)).toBe(new Reference(one).lt(other));
        expect(ours.atMost(theirs)).toBe(new Reference(one).lte(other));
        expect(ours.equals(theirs)).toBe(new Reference(one).eq(other));
        expect(ours.absolute().toString()).toBe(shown(new Reference(one).abs()));
      }),
    );
  });
});

describe('the magnitude of a decimal', () => {
  it('is the power of ten of its first digit', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!decimal(text).isZero());
        expect(decimal(text).magnitude()).toBe(new Reference(text).e);
      }),
    );
    expect(() => Decimal.zero.magnitude()).toThrow(RangeError);
  });
});

describe('a decimal as text', () => {
  it('is canonical: the same value is the same text', () => {
    expect(['1.50', '01.5', '-0', '0.000', '-2.10', '100'].map(decimalString)).toEqual([
      '1.5',
      '1.5',
      '0',
      '0',
      '-2.1',
      '100',
    ]);
    fc.assert(fc.property(texts, (text) => decimalString(decimalString(text)) === decimalString(text)));
  });

  it.each([
    '',
    ' 1',
    '1e3',
    '+1',
    '.5',
    '5.',
    '1,5',
    'NaN',
    'Infinity',
    '0x10',
    '1_000',
    '٣',
    '1'.repeat(31),
    `0.${'1'.repeat(19)}`,
  ])('is not %j', (text) => {
    expect(Decimal.tryParse(text)).toBeUndefined();
    expect(() => decimal(text)).toThrow(RangeError);
  });

  it('travels in JSON as it is', () => {
    expect(JSON.stringify({ price: decimal('0.10') })).toBe('{"price":"0.1"}');
  });
});

describe('a tick', () => {
  it('is met from the side asked for, at less than a tick away', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('0.01', '0.0001', '0.05', '1'), (text, step) => {
        const [value, tick] = [decimal(text), decimal(step)];
        const [down, up] = [value.roundedToTick(tick, 'down'), value.roundedToTick(tick, 'up')];
        expect(down.atMost(value) && up.atLeast(value) && up.minus(down).atMost(tick)).toBe(true);
        expect(down.isMultipleOf(tick) && up.isMultipleOf(tick)).toBe(true);
        expect(value.isMultipleOf(tick)).toBe(down.equals(up));
      }),
    );
  });
});

it('does not divide by zero', () => {
  expect(() => Decimal.one.dividedBy(Decimal.zero)).toThrow(RangeError);
});
