/** What a price costs an account with many resting stops, beside one with few; and a walk over all of them as a reference. */
import { Decimal } from '../src/domain/decimal.js';
import type { BookOrder } from '../src/matching/book.js';
import { type Book, openBook } from '../src/matching/book.js';
import { onEvent } from '../src/matching/engine.js';
import type { PriceEvent } from '../src/matching/event.js';
import { defaultRules } from '../src/matching/rules.js';
import { isReached } from '../src/matching/triggers.js';
import { WorkingOrders } from '../src/matching/working-orders.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';

const COUNTS = { few: 50, many: 5_000 };
const EVENTS = 20_000;
/** A Tuesday in the regular session. */
const NOON = Date.parse('2013-10-08T16:00:00Z');

export async function matching(_servers: Servers, report: Report, rounds: number): Promise<void> {
  const books = { few: bookWith(COUNTS.few), many: bookWith(COUNTS.many) };
  for (let round = 1; round <= rounds; round++) {
    const few = microsecondsAnEvent((event) => onEvent(books.few, event, defaultRules));
    const many = microsecondsAnEvent((event) => onEvent(books.many, event, defaultRules));
    const orders = [...books.many.orders];
    const walk = microsecondsAnEvent((event) => orders.filter((order) => isReached(order, event)), EVENTS / 50);
    const figure = { unit: 'µs', value: many };
    report({
      ...{ ...figure, name: `a price that reaches none of ${COUNTS.many} stops`, ratioGoal: { atMost: 2 } },
      reference: { name: `of ${COUNTS.few} stops`, value: few },
    });
    report({
      ...{ ...figure, name: `the same, beside a walk over ${COUNTS.many} stops` },
      reference: { name: 'walk', value: walk },
    });
  }
}

/** Stops one cent apart, below the market. */
function bookWith(count: number): Book {
  const orders = Array.from({ length: count }, (_, index) => stopAt(String(index), 5_000 + index));
  return { ...openBook(Decimal.zero), orders: WorkingOrders.of(orders) };
}

function stopAt(id: string, cents: number): BookOrder {
  const price = Decimal.ofInteger(cents).dividedBy(Decimal.ofInteger(100));
  return {
    ...{ id, clientOrderId: id, symbol: 'AAPL', assetClass: 'equity', side: 'sell', type: 'stop' },
    ...{
      quantity: Decimal.one,
      filled: Decimal.zero,
      limitPrice: undefined,
      stopPrice: price,
      trailPercent: undefined,
    },
    ...{ timeInForce: 'gtc', session: 'regular', status: 'working', triggered: false, reservePrice: price },
    ...{ placedAt: NOON, expiresAt: undefined, reason: undefined },
  };
}

function microsecondsAnEvent(handle: (event: PriceEvent) => unknown, count = EVENTS): number {
  const price = Decimal.ofInteger(150);
  const event = {
    kind: 'prices',
    symbol: 'AAPL',
    bid: price,
    ask: price,
    low: price,
    high: price,
    last: price,
  } as const;
  const started = performance.now();
  for (let index = 0; index < count; index++) handle({ ...event, at: NOON + index });
  return ((performance.now() - started) * 1_000) / count;
}
