import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecimalString } from '../../src/domain/decimal.js';
import type { Quote } from '../../src/domain/market.js';
import type { WatchedLevels } from '../../src/storage/watched-levels.js';
import { LevelIndex } from '../../src/worker/level-index.js';

type Levels = Partial<Record<keyof WatchedLevels, string | null>>;

const RESTING = { openQuantity: '0', remainingQuantity: '10', limitPrice: '100', stopPrice: '95' };
const HELD = { openQuantity: '10', remainingQuantity: '0', stopPrice: '95', takeProfitPrice: '110' };

function watched(levels: Levels): WatchedLevels {
  const none = { limitPrice: null, stopPrice: null, takeProfitPrice: null };
  const trade = { id: 'one', account: 'a', symbol: 'AAPL', side: 'buy', status: 'open', ...none, ...levels };
  return { ...trade, recordedAt: new Date(0) } as unknown as WatchedLevels;
}

function indexOf(...trades: Levels[]): LevelIndex {
  const index = new LevelIndex(({ account }) => account);
  for (const trade of trades) index.take(watched(trade));
  return index;
}

function quote(bid: string | undefined, ask: string | undefined, symbol = 'AAPL'): Quote {
  const sides = { ...(bid !== undefined && { bid }), ...(ask !== undefined && { ask }) };
  return { symbol, at: 0, ...(sides as Record<string, DecimalString>) };
}

describe('a quote', () => {
  it.each([
    ['an entry that rests, when the ask comes down to it', RESTING, '99', '100'],
    ['a short entry, when the bid comes up to it', { ...RESTING, side: 'sell', stopPrice: '105' }, '100', '101'],
    [
      'what is left of an entry that filled in part',
      { ...HELD, remainingQuantity: '1', limitPrice: '100' },
      '99',
      '100',
    ],
    ['a stop, at the bid', HELD, '95', '96'],
    ['a target, at the bid', HELD, '110', '111'],
    ['the stop of a short position, at the ask', { ...HELD, side: 'sell', stopPrice: '110' }, '109', '110'],
  ])('crosses %s', (_what, levels, bid, ask) => {
    expect(indexOf(levels).crossedBy('a', quote(bid, ask))).toEqual(['one']);
  });

  it.each([
    ['an entry above which the market stays', RESTING, '100', '101'],
    ['an entry that is done', { ...HELD, limitPrice: '100' }, '98', '99'],
    ['an entry at the market', { ...RESTING, limitPrice: null }, '99', '100'],
    ['an entry by the stop that it will have', RESTING, '94', '101'],
    ['anything by a side that is not quoted', HELD, undefined, '90'],
    ['a trade that is being closed', { ...HELD, status: 'closing' }, '90', '91'],
    ['a trade of another account', { ...HELD, account: 'b' }, '90', '91'],
    ['a trade of another symbol', { ...HELD, symbol: 'MSFT' }, '90', '91'],
  ])('does not cross %s', (_what, levels, bid, ask) => {
    expect(indexOf(levels).crossedBy('a', quote(bid, ask))).toEqual([]);
  });
});

const price = fc.option(fc.integer({ min: 95, max: 105 }).map(String), { nil: null });
const trades = fc.record({
  id: fc.constantFrom('one', 'two', 'three', 'four'),
  symbol: fc.constantFrom('AAPL', 'MSFT'),
  side: fc.constantFrom('buy', 'sell'),
  status: fc.constantFrom('submitted', 'open', 'closing', 'closed'),
  ...{ limitPrice: price, stopPrice: price, takeProfitPrice: price },
  ...{ openQuantity: fc.constantFrom('0', '1'), remainingQuantity: fc.constantFrom('0', '1') },
});

it('finds after any changes what only the last of each trade says', () => {
  fc.assert(
    fc.property(fc.array(trades, { maxLength: 20 }), price, price, (changes, bid, ask) => {
      const seen = quote(bid ?? undefined, ask ?? undefined);
      const last = new Map(changes.map((trade) => [trade.id, trade]));
      const alone = [...last.values()].filter((trade) => indexOf(trade).crossedBy('a', seen).length > 0);
      const together = indexOf(...changes);
      expect(new Set(together.crossedBy('a', seen))).toEqual(new Set(alone.map(({ id }) => id)));
      const symbols = [...last.values()].flatMap((trade) => indexOf(trade).symbols('a'));
      expect(new Set(together.symbols('a'))).toEqual(new Set(symbols));
    }),
    { numRuns: 2_000 },
  );
});
