/** Gains by lots. The examples of wash sales are those of Publication 550 of the IRS, *Wash Sales*. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import {
  gainOf,
  isClosed,
  isLongTerm,
  LOT_METHODS,
  type LotFill,
  type LotMethod,
  type LotMovement,
  type Parcel,
  parcelsOf,
} from '../../src/domain/lots.js';

const AAPL = { account: 'one', symbol: 'AAPL', assetClass: 'equity' } as const;

function fill(day: string, quantity: string, price: string, changes: Partial<LotFill> = {}): LotFill {
  const isSale = quantity.startsWith('-');
  const amounts = { quantity: decimal(quantity.replace('-', '')), price: decimal(price), fee: Decimal.zero };
  return { ...AAPL, kind: 'fill', tradeId: 't', buys: !isSale, ...amounts, at: noon(day), ...changes };
}

function noon(day: string): number {
  return Date.parse(`${day}T17:00:00Z`);
}

/** Each parcel in a line: quantity, cost, proceeds, disallowed loss. */
function shown(movements: LotMovement[], method: LotMethod = 'fifo'): string[] {
  return parcelsOf(movements, method).map(({ quantity, opened, closed, disallowed, isReplacement }) =>
    [
      quantity,
      opened,
      closed ?? 'held',
      ...(disallowed.isZero() ? [] : [`-${disallowed}`]),
      ...(isReplacement ? ['R'] : []),
    ].join(' '),
  );
}

describe('a sale closes', () => {
  const buys = [fill('2025-01-06', '10', '100', { tradeId: 'a' }), fill('2025-02-10', '10', '120', { tradeId: 'b' })];
  const sale = fill('2025-06-02', '-5', '130', { tradeId: 'b' });

  it.each([
    ['fifo', ['5 500 650', '5 500 held', '10 1200 held']],
    ['lifo', ['10 1000 held', '5 600 650', '5 600 held']],
    ['trade', ['10 1000 held', '5 600 650', '5 600 held']],
  ] as const)('by %s', (method, lines) => {
    expect(shown([...buys, sale], method)).toEqual(lines);
  });

  it('of another trade the oldest, where its own has nothing left', () => {
    const sales = [fill('2025-06-02', '-15', '130', { tradeId: 'b' })];
    expect(shown([...buys, ...sales], 'trade')).toEqual(['5 500 650', '5 500 held', '10 1200 1300']);
  });
});

it('fees belong to cost and proceeds, options count a hundred, and cents add up', () => {
  const option = { symbol: 'AAPL260116C00200000', assetClass: 'option', fee: decimal('1.95') } as const;
  const fills = [
    fill('2025-01-06', '3', '4.2', option),
    ...['-1', '-2'].map((q) => fill('2025-03-03', q, '5', { ...option, fee: decimal('0.65') })),
  ];
  expect(shown(fills)).toEqual(['1 420.65 499.35', '2 841.3 999.35']);
  const thirds = [
    fill('2025-01-06', '3', '33.3333'),
    ...Array.from({ length: 3 }, () => fill('2025-03-03', '-1', '40')),
  ];
  expect(shown(thirds)).toEqual(['1 33.33 40', '1 33.34 40', '1 33.33 40']);
});

it('a short is opened by a sale, and its gain is short-term', () => {
  const [parcel] = parcelsOf([fill('2024-01-08', '-10', '100'), fill('2025-06-02', '10', '90')], 'fifo');
  if (!parcel || !isClosed(parcel)) throw new Error('the short is not closed');
  expect([parcel.isShort, gainOf(parcel).toString(), isLongTerm(parcel)]).toEqual([true, '100', false]);
});

it('a split changes quantities and no amounts; what is transferred takes its cost along', () => {
  const split = { ...AAPL, kind: 'split', at: noon('2025-02-03'), ratio: decimal('2') } as const;
  const transfer = { ...AAPL, kind: 'transfer', at: noon('2025-02-04'), tradeId: 't', quantity: decimal('5') } as const;
  expect(shown([fill('2025-01-06', '10', '100'), split, transfer, fill('2025-03-03', '-15', '60')])).toEqual([
    '15 750 900',
  ]);
});

it.each([
  ['2024-06-03', '2025-06-03', false],
  ['2024-06-03', '2025-06-04', true],
  ['2024-02-29', '2025-02-28', false],
  ['2024-02-29', '2025-03-01', true],
])('held from %s to %s is long-term: %s', (from, to, expected) => {
  const [parcel] = parcelsOf([fill(from, '1', '10'), fill(to, '-1', '20')], 'fifo');
  expect(parcel && isClosed(parcel) && isLongTerm(parcel)).toBe(expected);
});

describe('a loss is not allowed', () => {
  // "You buy 100 shares of X stock for $1,000. You sell these shares for $750 and within 30 days from the sale you buy 100
  // shares of the same stock for $800. [...] You add the disallowed loss of $250 to the cost of the new stock, $800, to
  // obtain your basis in the new stock, which is $1,050."
  it('when the same is bought within 30 days, and raises the cost of that', () => {
    const fills = [fill('2025-01-06', '100', '10'), fill('2025-03-03', '-100', '7.5'), fill('2025-03-20', '100', '8')];
    expect(shown(fills)).toEqual(['100 1000 750 -250', '100 1050 held R']);
    const [, replacement] = parcelsOf(fills, 'fifo');
    expect(replacement?.heldFrom).toBe(noon('2025-03-20') - (noon('2025-03-03') - noon('2025-01-06')));
  });

  it.each([
    ['on the 30th day after', '2025-04-02', true],
    ['a day later', '2025-04-03', false],
    ['on the 30th day before', '2025-02-01', true],
    ['a day earlier', '2025-01-31', false],
  ])('%s: %s', (_, day, isWash) => {
    const fills = [fill('2025-01-06', '100', '10'), fill('2025-03-03', '-100', '7.5'), fill(day, '100', '8')];
    const [loss] = parcelsOf(
      fills.sort((one, other) => one.at - other.at),
      'fifo',
    );
    expect(loss?.disallowed.isPositive()).toBe(isWash);
  });

  // "you bought 100 shares of M stock. [...] you sold these at a loss. [...] bought 75 shares": 75 of the 100 are a wash sale.
  it('only as far as it is bought again', () => {
    const fills = [fill('2025-01-06', '100', '10'), fill('2025-03-03', '-100', '6'), fill('2025-03-20', '75', '8')];
    expect(shown(fills)).toEqual(['100 1000 600 -300', '75 900 held R']);
  });

  it('by what was bought first, whether or not it was sold since', () => {
    const bought = [fill('2025-01-06', '5', '100'), fill('2025-03-03', '-5', '90'), fill('2025-03-10', '5', '95')];
    const fills = [...bought, fill('2025-03-12', '5', '95'), fill('2025-03-14', '-5', '96')];
    expect(shown(fills, 'lifo')).toEqual(['5 500 450 -50', '5 525 held R', '5 475 480']);
  });

  it('again when the replacement is sold at a loss and replaced, each once', () => {
    const fills = [
      ...[fill('2025-01-06', '10', '100'), fill('2025-03-03', '-10', '90'), fill('2025-03-10', '10', '95')],
      ...[fill('2025-03-17', '-10', '85'), fill('2025-03-24', '10', '80')],
    ];
    expect(shown(fills)).toEqual(['10 1000 900 -100', '10 1050 850 -200 R', '10 1000 held R']);
  });

  it('but with coins it is, and so is that of the same lot sold in parts', () => {
    const coin = { symbol: 'BTC-USD', assetClass: 'crypto' } as const;
    const again = [
      fill('2025-01-06', '10', '100', coin),
      fill('2025-03-03', '-10', '90', coin),
      fill('2025-03-10', '10', '95', coin),
    ];
    expect(shown(again)).toEqual(['10 1000 900', '10 950 held']);
    const parts = [fill('2025-03-01', '10', '100'), fill('2025-03-03', '-5', '90'), fill('2025-03-10', '-5', '90')];
    expect(shown(parts)).toEqual(['5 500 450', '5 500 450']);
  });
});

describe('whatever was bought and sold', () => {
  const movement = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    symbol: fc.constantFrom('AAPL', 'MSFT'),
    tradeId: fc.constantFrom('a', 'b', 'c'),
    buys: fc.boolean(),
    units: fc.integer({ min: 1, max: 400 }),
    cents: fc.integer({ min: 1, max: 50_000 }),
    fee: fc.integer({ min: 0, max: 900 }),
  });
  const fills = fc.array(movement, { maxLength: 40 }).map((movements) => {
    let at = noon('2024-01-02');
    return movements.map(({ days, units, cents, fee, ...given }): LotFill => {
      at += days * 86_400_000;
      const hundredths = (count: number) => decimal('0.01').times(Decimal.ofInteger(count));
      const amounts = { quantity: hundredths(units), price: hundredths(cents), fee: hundredths(fee) };
      return { ...AAPL, ...given, kind: 'fill', at, ...amounts };
    });
  });
  const cash = ({ buys, quantity, price, fee }: LotFill) => {
    const value = quantity.times(price);
    return (buys ? value.plus(fee).negated() : value.minus(fee)).roundedTo(2, 'half_even');
  };
  const heldCost = ({ isShort, opened }: Parcel) => (isShort ? opened.negated() : opened);

  it.each(LOT_METHODS)('gains and what is still held add up to the cash that moved, to the cent (%s)', (method) => {
    fc.assert(
      fc.property(fills, (given) => {
        const parcels = parcelsOf(given, method);
        const closed = parcels.filter(isClosed);
        const gains = Decimal.sum(closed.map((parcel) => gainOf(parcel).plus(parcel.disallowed)));
        const held = Decimal.sum(parcels.filter((parcel) => !isClosed(parcel)).map(heldCost));
        expect(gains.minus(held).toString()).toBe(Decimal.sum(given.map(cash)).toString());
        const net = given.map(({ buys, quantity }) => (buys ? quantity : quantity.negated()));
        const open = parcels.filter((parcel) => !isClosed(parcel));
        const signed = open.map(({ isShort, quantity }) => (isShort ? quantity.negated() : quantity));
        expect(Decimal.sum(signed).toString()).toBe(Decimal.sum(net).toString());
        for (const parcel of parcels) expect(parcel.quantity.isPositive()).toBe(true);
        for (const parcel of closed)
          expect(parcel.disallowed.atMost(gainOf(parcel).negated().max(Decimal.zero))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
