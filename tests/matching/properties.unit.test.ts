import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, decimal, decimalString } from '../../src/domain/decimal.js';
import { isBuying, type OrderSide, type OrderType } from '../../src/domain/order.js';
import { type Book, type BookOrder, type Change, remaining, type Step } from '../../src/matching/book.js';
import { onEvent, onTime } from '../../src/matching/engine.js';
import type { MarketEvent, PriceEvent } from '../../src/matching/event.js';
import { defaultRules } from '../../src/matching/rules.js';
import { NOON, SECOND } from './builders.js';
import { actions, eventOf, OPENING_CASH, play, pricesSeen } from './random-market.js';

const RUNS = { numRuns: 1_500 };

function signedFills(changes: readonly Change[]): Decimal[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'fill') return [];
    return [isBuying(change.order.side) ? change.quantity : change.quantity.negated()];
  });
}

/** The quote, or where the stop triggered if that is worse, but within the limit. */
function fairPrice(order: BookOrder, market: PriceEvent | undefined, isTriggered: boolean): Decimal {
  const buying = isBuying(order.side);
  const quote = (buying ? market?.ask : market?.bid) ?? Decimal.zero;
  const trigger = (isTriggered ? order.stopPrice : undefined) ?? quote;
  const price = buying ? quote.max(trigger) : quote.min(trigger);
  const limit = order.limitPrice ?? price;
  return buying ? price.min(limit) : price.max(limit);
}

describe('whatever is sent and whatever the market does', () => {
  it('cash and position are exactly what the fills make of them', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        const trader = play(script, () => {});
        let cash = decimal(OPENING_CASH);
        for (const change of trader.changes) {
          if (change.kind !== 'fill') continue;
          const value = change.quantity.times(change.price);
          cash = isBuying(change.order.side) ? cash.minus(value) : cash.plus(value);
        }
        expect(trader.book.cash.toString()).toBe(cash.toString());
        expect(trader.position()).toBe(Decimal.sum(signedFills(trader.changes)).toString());
      }),
      RUNS,
    );
  });

  it('closing orders never promise more than is held, and no fill turns a position round', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        play(script, ({ after }) => {
          const held = after.positions.get('AAPL')?.quantity ?? Decimal.zero;
          const promised = (side: OrderSide) =>
            Decimal.sum([...after.orders].filter((order) => order.side === side).map(remaining));
          expect(promised('sell').atMost(held.max(Decimal.zero))).toBe(true);
          expect(promised('buy_to_cover').atMost(held.negated().max(Decimal.zero))).toBe(true);
          expect(promised('buy').isPositive() && held.isNegative()).toBe(false);
          expect(promised('sell_short').isPositive() && held.isPositive()).toBe(false);
        });
      }),
      RUNS,
    );
  });

  it('a fill is at the quote, within the limit, after the trigger, and no quote is used up twice', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        const taken = new Map<string, Decimal>();
        play(script, ({ changes, market }) => {
          for (const change of changes) {
            if (change.kind !== 'fill') continue;
            const buying = isBuying(change.order.side);
            const size = buying ? market?.askSize : market?.bidSize;
            const isTriggered = changes.some(({ kind, order }) => kind === 'triggered' && order.id === change.order.id);
            expect(change.price.equals(fairPrice(change.order, market, isTriggered))).toBe(true);
            expect(change.quantity.isPositive() && change.order.filled.atMost(change.order.quantity)).toBe(true);
            const { limitPrice, type } = change.order;
            if (limitPrice)
              expect(buying ? change.price.atMost(limitPrice) : change.price.atLeast(limitPrice)).toBe(true);
            expect(change.order.triggered).toBe(type !== 'market' && type !== 'limit');
            const key = `${change.at} ${buying}`;
            const sum = (taken.get(key) ?? Decimal.zero).plus(change.quantity);
            taken.set(key, sum);
            expect(sum.atMost(size ?? Decimal.zero)).toBe(true);
          }
        });
      }),
      RUNS,
    );
  });

  it('without short sales cash never runs out', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        const long = script.filter((action) => !('request' in action) || action.request.side !== 'sell_short');
        play(long, ({ after }) => expect(after.cash.isNegative()).toBe(false));
      }),
      RUNS,
    );
  });

  it('a replacement changes both orders or neither', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        play(script, ({ action, before, after, changes }) => {
          if (action.kind !== 'replace') return;
          const kinds = changes.map(({ kind }) => kind);
          if (changes.length === 0) expect(after).toBe(before);
          else expect(kinds.slice(0, 2)).toEqual(['replaced', 'accepted']);
          const born = new Set([...after.orders].map(({ id }) => id));
          expect([...before.orders].filter(({ id }) => !born.has(id)).length).toBeLessThanOrEqual(1);
        });
      }),
      RUNS,
    );
  });

  it('a trailing stop never retreats', () => {
    fc.assert(
      fc.property(actions(), (script) => {
        play(script, ({ before, after }) => {
          for (const order of after.orders) {
            const earlier = [...before.orders].find(({ id }) => id === order.id)?.stopPrice;
            if (order.type !== 'trailing_stop' || !earlier || !order.stopPrice) continue;
            const kept = isBuying(order.side) ? order.stopPrice.atMost(earlier) : order.stopPrice.atLeast(earlier);
            expect(kept).toBe(true);
          }
        });
      }),
      RUNS,
    );
  });
});

describe('how time is cut', () => {
  it('does not matter: event by event, or in any stretches, the same happens', () => {
    fc.assert(
      fc.property(
        actions(),
        fc.array(pricesSeen, { minLength: 1, maxLength: 30 }),
        fc.nat(30),
        (script, later, cut) => {
          const { book } = play(script, () => {});
          const evening = Date.parse('2013-10-08T19:59:45Z');
          const events = later.map((action, index) => eventOf(action, evening + index * SECOND));
          const end = evening + later.length * SECOND;
          const whole = advance(book, events, [end]);
          const pieces = advance(book, events, [...cuts(evening + cut * SECOND, end), end]);
          expect(JSON.stringify(pieces.changes)).toBe(JSON.stringify(whole.changes));
          expect(pieces.book).toEqual(whole.book);
        },
      ),
      { numRuns: 500 },
    );
  });

  function cuts(at: number, end: number): number[] {
    return [at - 1, at].filter((cut) => cut < end);
  }

  function advance(book: Book, events: readonly MarketEvent[], stops: readonly number[]): Step {
    const changes: Change[] = [];
    let current = book;
    let from = Number.NEGATIVE_INFINITY;
    for (const to of stops) {
      for (const event of events.filter(({ at }) => at > from && at <= to)) {
        const step = onEvent(current, event, defaultRules);
        current = step.book;
        changes.push(...step.changes);
      }
      const ended = onTime(current, to);
      current = ended.book;
      changes.push(...ended.changes);
      from = Math.max(from, to);
    }
    return { book: current, changes };
  }
});

describe('a split', () => {
  /** Trailing stops round to the tick, so that half of their distance is not always half. */
  const plain = fc.constantFrom<OrderType>('market', 'limit', 'stop', 'stop_limit');

  it('of two for one changes nothing but the units', () => {
    fc.assert(
      fc.property(actions(plain), fc.array(pricesSeen, { maxLength: 30 }), (script, later) => {
        const { book } = play(script, () => {});
        const at = NOON + script.length * SECOND;
        const split = onEvent(book, { kind: 'split', symbol: 'AAPL', at, ratio: decimal('2') }, defaultRules);
        const old = later.map((action, index) => eventOf(action, at + index * SECOND));
        const plainEnd = old.reduce((current, event) => onEvent(current, event, defaultRules).book, book);
        const splitEnd = old.reduce((current, event) => onEvent(current, halved(event), defaultRules).book, split.book);
        expect(splitEnd.cash.toString()).toBe(plainEnd.cash.toString());
        const two = Decimal.ofInteger(2);
        const held = plainEnd.positions.get('AAPL')?.quantity.times(two) ?? Decimal.zero;
        expect((splitEnd.positions.get('AAPL')?.quantity ?? Decimal.zero).toString()).toBe(held.toString());
        expect([...splitEnd.orders].map((order) => remaining(order).toString())).toEqual(
          [...plainEnd.orders].map((order) => remaining(order).times(two).toString()),
        );
      }),
      { numRuns: 500 },
    );
  });

  function halved(event: PriceEvent): PriceEvent {
    const two = Decimal.ofInteger(2);
    const half = (value: Decimal | undefined) => value?.dividedBy(two);
    const twice = (value: Decimal | undefined) => value?.times(two);
    const changed = {
      ...{ bid: half(event.bid), ask: half(event.ask), low: half(event.low), high: half(event.high) },
      ...{ last: half(event.last), bidSize: twice(event.bidSize), askSize: twice(event.askSize) },
    };
    const present = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
    return { kind: 'prices', symbol: event.symbol, at: event.at, ...present };
  }

  it('of any ratio never leaves more on sale than is held', () => {
    const ratios = fc.constantFrom('2', '3', '7', '1.5', '0.5', '0.1', '0.05');
    fc.assert(
      fc.property(actions(), ratios, (script, ratio) => {
        const { book } = play(script, () => {});
        const at = NOON + script.length * SECOND;
        const after = onEvent(book, { kind: 'split', symbol: 'AAPL', at, ratio: decimal(ratio) }, defaultRules).book;
        const held = after.positions.get('AAPL')?.quantity ?? Decimal.zero;
        const onSale = Decimal.sum([...after.orders].filter(({ side }) => side === 'sell').map(remaining));
        expect(onSale.atMost(held.max(Decimal.zero))).toBe(true);
        expect(decimalString(held.toString())).toMatch(/^-?\d+$/);
      }),
      RUNS,
    );
  });
});
