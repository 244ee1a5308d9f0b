/** Hours and holidays are the New York Stock Exchange's: Good Friday of 2026 is April 3, summer time began on March 8. */
import { expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import { marketStanding } from '../../../src/domain/trade/market-standing.js';
import { toView } from '../../../src/domain/trade/to-view.js';
import type { TradeView } from '../../../src/domain/trade/view.js';
import { SimulatedTrade } from './simulated-trade.js';

const THURSDAY_EVENING = '2026-04-02T21:00:00Z';
const GOOD_FRIDAY = '2026-04-03T15:00:00Z';
const MONDAY_OPEN = '2026-04-06T13:30:00.000Z';
const MONDAY_EARLY = '2026-04-06T08:00:00.000Z';
const NOON = '2026-04-06T16:00:00Z';

const trade = new SimulatedTrade();
const viewWith = (changes: Partial<TradeView>): TradeView => ({ ...toView(trade.state, trade.now), ...changes });
const [none, some] = [decimalString('0'), decimalString('10')];
const waiting = viewWith({ status: 'submitted', remainingQuantity: some, openQuantity: none });
const extended = { ...waiting, session: 'extended' } as const;
const held = viewWith({ status: 'open', remainingQuantity: none, openQuantity: some });
const option = { assetClass: 'option', symbol: 'AAPL260515C00200000' } as const;
const coin = { assetClass: 'crypto', symbol: 'BTC-USD' } as const;

it.each([
  ['an entry waits for the open', waiting, GOOD_FRIDAY, ['closed', MONDAY_OPEN, null]],
  ['after hours as well', waiting, THURSDAY_EVENING, ['post', MONDAY_OPEN, null]],
  ['one for extended hours does not', extended, THURSDAY_EVENING, ['post', null, null]],
  ['but on a holiday, for the pre-market', extended, GOOD_FRIDAY, ['closed', MONDAY_EARLY, null]],
  [
    'an option has no hours but the regular',
    { ...waiting, ...option },
    THURSDAY_EVENING,
    ['closed', MONDAY_OPEN, null],
  ],
  ['a coin never waits', { ...waiting, ...coin }, GOOD_FRIDAY, ['regular', null, null]],
  ['while the market is open nothing waits', waiting, NOON, ['regular', null, null]],
  ['a stop rests until the open', held, GOOD_FRIDAY, ['closed', null, MONDAY_OPEN]],
  [
    'so does that of what filled of an entry',
    { ...held, remainingQuantity: some },
    GOOD_FRIDAY,
    ['closed', MONDAY_OPEN, MONDAY_OPEN],
  ],
  [
    'a closing order waits, and its trade has no stop',
    { ...held, status: 'closing' },
    GOOD_FRIDAY,
    ['closed', MONDAY_OPEN, null],
  ],
  [
    'what has ended waits for nothing',
    { ...held, status: 'closed', openQuantity: none },
    GOOD_FRIDAY,
    ['closed', null, null],
  ],
] as const)('%s', (_, view, at, [marketSession, waitsUntil, stopActiveFrom]) => {
  expect(marketStanding(view, Date.parse(at))).toEqual({ marketSession, waitsUntil, stopActiveFrom });
});
