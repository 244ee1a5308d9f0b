import { expect, it } from 'vitest';
import type { DecimalString } from '../../src/domain/decimal.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { WatchedLevels } from '../../src/storage/watched-levels.js';
import { PriceHints } from '../../src/worker/price-hints.js';

type Levels = Partial<Record<keyof WatchedLevels, string | null>>;

const RESTING = { openQuantity: '0', remainingQuantity: '10', limitPrice: '100', stopPrice: '95' };
const HELD = { openQuantity: '10', remainingQuantity: '0', stopPrice: '95', takeProfitPrice: '110' };

function watched(levels: Levels): WatchedLevels {
  const none = { side: 'buy', limitPrice: null, stopPrice: null, takeProfitPrice: null };
  return { id: 'one' as TradeId, broker: 'paper', account: 'a', symbol: 'AAPL', ...none, ...levels } as WatchedLevels;
}

async function hintsFor(levels: Levels, bid: string | undefined, ask: string | undefined): Promise<number> {
  let count = 0;
  const hints = new PriceHints(async () => void count++);
  await hints.give([watched(levels)], [quote(bid, ask)]);
  return count;
}

function quote(bid: string | undefined, ask: string | undefined) {
  return {
    symbol: 'AAPL',
    at: 0,
    ...(bid !== undefined && { bid: bid as DecimalString }),
    ...(ask !== undefined && { ask: ask as DecimalString }),
  };
}

it.each([
  ['an entry that rests, when the ask comes down to it', RESTING, '99', '100'],
  ['a short entry, when the bid comes up to it', { ...RESTING, side: 'sell', stopPrice: '105' }, '100', '101'],
  ['what is left of an entry that filled in part', { ...HELD, remainingQuantity: '1', limitPrice: '100' }, '99', '100'],
  ['a stop, at the bid', HELD, '95', '96'],
  ['a target, at the bid', HELD, '110', '111'],
  ['the stop of a short position, at the ask', { ...HELD, side: 'sell', stopPrice: '110' }, '109', '110'],
])('wakes %s', async (_what, levels, bid, ask) => {
  expect(await hintsFor(levels, bid, ask)).toBe(1);
});

it.each([
  ['an entry above which the market stays', RESTING, '100', '101'],
  ['an entry that is done', { ...HELD, limitPrice: '100' }, '98', '99'],
  ['an entry at the market', { ...RESTING, limitPrice: null }, '99', '100'],
  ['an entry by the stop that it will have', RESTING, '94', '101'],
  ['anything by a side that is not quoted', HELD, undefined, '90'],
])('does not wake %s', async (_what, levels, bid, ask) => {
  expect(await hintsFor(levels, bid, ask)).toBe(0);
});

it('wakes a trade once while its level stays crossed', async () => {
  let count = 0;
  const hints = new PriceHints(async () => void count++);
  for (let beat = 0; beat < 3; beat++) await hints.give([watched(HELD)], [quote('94', '96')]);
  expect(count).toBe(1);
});
