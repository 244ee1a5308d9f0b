/** The indexed collection against a plain list: every question has the answer that a walk over the list gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import { isBuying, isOpening, type OrderSide, type OrderType } from '../../src/domain/order.js';
import type { BookOrder } from '../../src/matching/book.js';
import type { PriceEvent } from '../../src/matching/event.js';
import { isExecutable, isReached } from '../../src/matching/triggers.js';
import { WorkingOrders } from '../../src/matching/working-orders.js';
import { NOON, prices } from './builders.js';

const ids = fc.constantFrom('1', '2', '3', '10', '11', '12', '20');
const symbols = fc.constantFrom('A', 'AA', 'B');
const price = fc.integer({ min: 95, max: 105 });
const optionalPrice = fc.option(price, { nil: undefined });

const orders = fc
  .record({
    ...{ id: ids, symbol: symbols, triggered: fc.boolean(), limit: price, stop: price },
    side: fc.constantFrom<OrderSide>('buy', 'sell', 'sell_short', 'buy_to_cover'),
    type: fc.constantFrom<OrderType>('market', 'limit', 'stop', 'stop_limit', 'trailing_stop'),
    expiresAt: fc.option(fc.integer({ min: NOON, max: NOON + 10 }), { nil: undefined }),
  })
  .map(({ id, symbol, triggered, limit, stop, side, type, expiresAt }): BookOrder => {
    const isLimited = type === 'limit' || type === 'stop_limit';
    const isAStop = type !== 'market' && type !== 'limit';
    return {
      ...{ id, clientOrderId: id, symbol, side, type, expiresAt, assetClass: 'equity', timeInForce: 'gtc' },
      ...{ session: 'regular', status: 'working', placedAt: NOON, reason: undefined },
      ...{ quantity: Decimal.one, filled: Decimal.zero, reservePrice: Decimal.one },
      limitPrice: isLimited ? Decimal.ofInteger(limit) : undefined,
      stopPrice: isAStop ? Decimal.ofInteger(stop) : undefined,
      trailPercent: type === 'trailing_stop' ? decimal('1') : undefined,
      triggered: isAStop && triggered,
    };
  });

const events = fc
  .record({ symbol: symbols, bid: optionalPrice, ask: optionalPrice, low: price, high: price, traded: fc.boolean() })
  .map(({ symbol, bid, ask, low, high, traded }) =>
    prices({
      symbol,
      ...(bid !== undefined && { bid: String(bid) }),
      ...(ask !== undefined && { ask: String(ask) }),
      ...(traded && { last: String(low), low: String(low), high: String(high) }),
    }),
  );

const changes = fc.array(fc.oneof(orders, ids), { maxLength: 40 });

/** The same changes to a list. */
function listAfter(list: readonly BookOrder[], change: BookOrder | string): BookOrder[] {
  if (typeof change === 'string') return list.filter(({ id }) => id !== change);
  if (!list.some(({ id }) => id === change.id)) return [...list, change];
  return list.map((order) => (order.id === change.id ? change : order));
}

function collectionAfter(all: WorkingOrders, change: BookOrder | string): WorkingOrders {
  return typeof change === 'string' ? all.without(change) : all.with(change);
}

/** Whether the prices can do anything to an order, by the engine's own rules. */
function isConcerned(order: BookOrder, event: PriceEvent): boolean {
  if (order.symbol !== event.symbol) return false;
  if (!isExecutable(order)) return order.type === 'trailing_stop' || isReached(order, event);
  if (order.limitPrice === undefined) return true;
  return isBuying(order.side)
    ? event.ask?.atMost(order.limitPrice) === true
    : event.bid?.atLeast(order.limitPrice) === true;
}

describe('working orders', () => {
  it('are found as a walk over a list finds them', () => {
    fc.assert(
      fc.property(changes, events, fc.integer({ min: NOON - 1, max: NOON + 11 }), (script, event, at) => {
        const list = script.reduce(listAfter, [] as BookOrder[]);
        const all = script.reduce(collectionAfter, WorkingOrders.none);
        expect([...all]).toEqual(list);
        expect(all.size).toBe(list.length);
        for (const id of ['1', '12', 'none']) expect(all.get(id)).toBe(list.find((order) => order.id === id));
        for (const symbol of ['A', 'AA', 'C']) {
          expect(all.ofSymbol(symbol)).toEqual(list.filter((order) => order.symbol === symbol));
        }
        expect(all.symbols()).toEqual([...new Set(list.map(({ symbol }) => symbol))].sort());
        expect(all.opening()).toEqual(list.filter(({ side }) => isOpening(side)));
        expect(all.endingBy(at)).toEqual(list.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= at));
        expect(all.reachedBy(event)).toEqual(list.filter((order) => isConcerned(order, event)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('stay as they were when something is made of them', () => {
    fc.assert(
      fc.property(changes, changes, (before, after) => {
        const all = before.reduce(collectionAfter, WorkingOrders.none);
        const list = [...all];
        after.reduce(collectionAfter, all);
        expect([...all]).toEqual(list);
      }),
    );
  });
});
