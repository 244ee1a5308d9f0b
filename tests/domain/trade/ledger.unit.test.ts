import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, decimal, decimalString } from '../../../src/domain/decimal.js';
import {
  emptyLedger,
  type Fill,
  type LedgerTotals,
  type TradeLedger,
  totalsOf,
  withFills,
  withSplit,
} from '../../../src/domain/trade/ledger.js';

type Split = TradeLedger['splits'][number];

function fill(executionId: string, quantity: string, price: string, changes: Partial<Fill> = {}): Fill {
  const texts = { quantity: decimalString(quantity), price: decimalString(price), fee: decimalString('0') };
  return { executionId, ...texts, at: 0, leg: 'entry', clientOrderId: 'arb', ...changes };
}

function texts(totals: LedgerTotals): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, value?.toString()]));
}

const total = (ledger: TradeLedger, side: 'buy' | 'sell_short' = 'buy', multiplier = Decimal.one) =>
  texts(totalsOf(ledger, side, multiplier));

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('a fee that is taken out of what was bought', () => {
  const bought = withFills(emptyLedger(), [fill('a', '0.006', '68000'), fill('b', '0.004', '68000')]);
  const totalsWith = (ledger: TradeLedger) => texts(totalsOf(ledger, 'buy', Decimal.one, decimalString('0.0025')));

  it('leaves less open from the beginning, while the order is filled wholly', () => {
    expect(totalsWith(bought)).toMatchObject({ entered: '0.01', open: '0.009975', averageEntry: '68000' });
  });

  it('is a loss when all that is held was sold', () => {
    const sold = withFills(bought, [fill('x', '0.009975', '68000', { leg: 'exit' })]);
    expect(totalsWith(sold)).toMatchObject({ open: '0', realizedPnl: '-1.7' });
  });

  it('is a whole number of the smallest steps', () => {
    expect(totalsWith(withFills(emptyLedger(), [fill('a', '0.12345678', '1')])).open).toBe('0.12314813');
  });

  it('is none where the broker takes none', () => {
    expect(total(bought).open).toBe('0.01');
  });
});

describe('three fills', () => {
  const fills = [fill('a', '5', '150.00'), fill('b', '3', '150.50'), fill('c', '2', '151.00')];
  const deliveries = permutations(fills).flatMap((order) =>
    [1, 2, 3].map((times) => ({ order, times, arrival: order.map((one) => one.quantity).join(', ') })),
  );

  it.each(deliveries)('delivered as $arrival, $times times, are 10 at 150.35', ({ order, times }) => {
    const again = Array.from({ length: times }, () => order).flat();
    const oneByOne = again.reduce((ledger, one) => withFills(ledger, [one]), emptyLedger());
    const together = withFills(emptyLedger(), again);
    for (const ledger of [oneByOne, together]) {
      expect(ledger.fills).toHaveLength(3);
      const { entered, averageEntry = Decimal.zero } = totalsOf(ledger, 'buy', Decimal.one);
      expect([entered.toString(), averageEntry.toString()]).toEqual(['10', '150.35']);
      expect(entered.times(averageEntry).toString()).toBe('1503.5');
    }
  });
});

const moments = fc.integer({ min: 0, max: 1_000 });
const fills: fc.Arbitrary<Fill[]> = fc
  .array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 500 }),
      cents: fc.integer({ min: 1, max: 90_000 }),
      feeCents: fc.integer({ min: 0, max: 300 }),
      at: moments,
      leg: fc.constantFrom('entry' as const, 'entry' as const, 'stop' as const, 'exit' as const),
    }),
    { maxLength: 8 },
  )
  .map((drawn) =>
    drawn.map(({ quantity, cents, feeCents, at, leg }, index) =>
      fill(`x${index}`, `${quantity}`, (cents / 100).toFixed(2), {
        leg,
        at,
        fee: decimalString((feeCents / 100).toFixed(2)),
      }),
    ),
  );
const splits: fc.Arbitrary<Split[]> = fc.uniqueArray(
  fc.record({ ratio: fc.constantFrom('2', '3', '7', '0.5').map(decimalString), at: moments }),
  { maxLength: 2, selector: ({ at }) => at },
);

interface Delivery {
  fills: Fill[];
  splits: Split[];
  /** every fact at least once, some of them again, in the order of their arrival */
  arrivals: ({ fill: Fill } | { split: Split })[];
}

const delivery: fc.Arbitrary<Delivery> = fc.tuple(fills, splits).chain(([drawnFills, drawnSplits]) => {
  const facts = [...drawnFills.map((one) => ({ fill: one })), ...drawnSplits.map((split) => ({ split }))];
  const repeated = facts.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...facts), { maxLength: 10 });
  return repeated
    .chain((again) => fc.shuffledSubarray([...facts, ...again], { minLength: facts.length + again.length }))
    .map((arrivals) => ({ fills: drawnFills, splits: drawnSplits, arrivals }));
});

function arrive({ arrivals }: Delivery): TradeLedger {
  return arrivals.reduce(
    (ledger, fact) => ('fill' in fact ? withFills(ledger, [fact.fill]) : withSplit(ledger, fact.split)),
    emptyLedger(),
  );
}

/** The sums as one would do them on paper: money of then, shares of today. */
function onPaper({ fills: all, splits: known }: Delivery) {
  const shares = (one: Fill) =>
    known
      .filter(({ at }) => one.at < at)
      .reduce((quantity, { ratio }) => quantity.times(decimal(ratio)), decimal(one.quantity));
  const money = (one: Fill) => decimal(one.quantity).times(decimal(one.price));
  const entries = all.filter(({ leg }) => leg === 'entry');
  const exits = all.filter(({ leg }) => leg !== 'entry');
  return {
    entered: Decimal.sum(entries.map(shares)),
    cost: Decimal.sum(entries.map(money)),
    exited: Decimal.sum(exits.map(shares)),
    proceeds: Decimal.sum(exits.map(money)),
    fees: Decimal.sum(all.map(({ fee }) => decimal(fee))),
  };
}

describe('a ledger of any fills and splits', { timeout: 60_000 }, () => {
  it('is the same whatever the order, the lateness and the repetition of what arrives', () => {
    fc.assert(
      fc.property(delivery, (delivered) => {
        const inOrder = withFills(delivered.splits.reduce(withSplit, emptyLedger()), delivered.fills);
        expect(total(arrive(delivered))).toEqual(total(inOrder));
      }),
      { numRuns: 10_000 },
    );
  });

  it('adds up as on paper', () => {
    fc.assert(
      fc.property(delivery, (delivered) => {
        const totals = totalsOf(arrive(delivered), 'buy', Decimal.one);
        const paper = onPaper(delivered);
        expect(totals.entered.toString()).toBe(paper.entered.toString());
        expect(totals.exited.toString()).toBe(paper.exited.toString());
        expect(totals.open.toString()).toBe(paper.entered.minus(paper.exited).toString());
        expect(totals.fees.toString()).toBe(paper.fees.toString());
        if (!paper.entered.isZero())
          expect(totals.averageEntry?.equals(paper.cost.dividedBy(paper.entered))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('realises exactly what came out less what went in when all of it is closed, and the reverse for a short', () => {
    fc.assert(
      fc.property(delivery, fc.constantFrom(1, 100), (delivered, size) => {
        const ledger = arrive(delivered);
        const paper = onPaper(delivered);
        fc.pre(paper.entered.isPositive());
        const rest = paper.entered.minus(paper.exited);
        fc.pre(rest.isPositive());
        const closed = withFills(ledger, [fill('last', rest.toString(), '10', { leg: 'exit', at: 2_000 })]);
        const multiplier = Decimal.ofInteger(size);
        const gain = paper.proceeds
          .plus(rest.times(Decimal.ofInteger(10)))
          .minus(paper.cost)
          .times(multiplier);
        expect(totalsOf(closed, 'buy', multiplier).realizedPnl.toString()).toBe(gain.toString());
        expect(totalsOf(closed, 'sell_short', multiplier).realizedPnl.toString()).toBe(gain.negated().toString());
        expect(totalsOf(closed, 'buy', multiplier).open.isZero()).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('what left by another hand is no more than what the own orders have not closed', () => {
  const bought = withFills(emptyLedger(), [fill('a', '10', '100')]);
  const ledger = { ...bought, external: [{ quantity: decimalString('6'), at: 1 }] };
  const sold = (quantity: string) => total(withFills(ledger, [fill('b', quantity, '99', { leg: 'exit' })])).open;
  expect([total(ledger).open, sold('4'), sold('7'), sold('10')]).toEqual(['4', '0', '0', '0']);
});

describe('a split', () => {
  const bought = withFills(emptyLedger(), [fill('a', '10', '645.57', { at: 1 })]);
  const split = { ratio: decimalString('7'), at: 5 };

  it('multiplies the shares of before, not those of after, and no money', () => {
    const ledger = withFills(withSplit(bought, split), [fill('b', '70', '92.72', { leg: 'exit', at: 9 })]);
    expect(total(ledger)).toMatchObject({ entered: '70', exited: '70', open: '0', realizedPnl: '34.7' });
  });

  it('counts once', () => {
    expect(withSplit(withSplit(bought, split), split)).toEqual(withSplit(bought, split));
  });

  it('multiplies also what left the account by another hand before it', () => {
    const ledger = { ...bought, external: [{ quantity: decimalString('4'), at: 2 }] };
    expect(total(withSplit(ledger, split))).toMatchObject({ entered: '70', open: '42' });
  });
});
