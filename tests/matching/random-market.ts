/** Random traders in a random market, for properties that hold whatever happens. */
import fc from 'fast-check';
import { Decimal } from '../../src/domain/decimal.js';
import type { OrderRequest, OrderSide, OrderType } from '../../src/domain/order.js';
import type { Book, Change } from '../../src/matching/book.js';
import { cancelOrder, replaceOrder } from '../../src/matching/engine.js';
import type { PriceEvent } from '../../src/matching/event.js';
import { defaultRules } from '../../src/matching/rules.js';
import { orderRequest } from '../support/orders.js';
import { NOON, prices, SECOND, Trader } from './builders.js';

export const OPENING_CASH = '20000';

export type Action =
  | { kind: 'prices'; bid: number; spread: number; traded: boolean; bidSize: number; askSize: number; quoted: boolean }
  | { kind: 'place'; request: OrderRequest }
  | { kind: 'cancel'; pick: number }
  | { kind: 'replace'; pick: number; request: OrderRequest; stale: boolean };

/** Prices in steps of two cents between 90 and 110 dollars, so that a split by two stays on the ticks. */
function price(steps: number): string {
  return Decimal.ofInteger(steps * 2)
    .dividedBy(Decimal.ofInteger(100))
    .toString();
}

const steps = fc.integer({ min: 4500, max: 5500 });
const sides = fc.constantFrom<OrderSide>('buy', 'buy', 'sell', 'sell', 'sell_short', 'buy_to_cover');
const types = fc.constantFrom<OrderType>('market', 'limit', 'stop', 'stop_limit', 'trailing_stop');

function requests(allowed: fc.Arbitrary<OrderType> = types): fc.Arbitrary<OrderRequest> {
  return fc
    .record({
      side: sides,
      type: allowed,
      quantity: fc.integer({ min: 1, max: 60 }),
      limit: steps,
      stop: steps,
      timeInForce: fc.constantFrom('day' as const, 'gtc' as const),
    })
    .map(({ side, type, quantity, limit, stop, timeInForce }) =>
      orderRequest({
        ...{ side, type, quantity: String(quantity), timeInForce },
        ...((type === 'limit' || type === 'stop_limit') && { limitPrice: price(limit) }),
        ...((type === 'stop' || type === 'stop_limit') && { stopPrice: price(stop) }),
        ...(type === 'trailing_stop' && { trailPercent: '2' }),
      }),
    );
}

export const pricesSeen = fc.record({
  kind: fc.constant('prices' as const),
  bid: steps,
  spread: fc.integer({ min: 1, max: 20 }),
  traded: fc.boolean(),
  quoted: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  bidSize: fc.integer({ min: 0, max: 40 }),
  askSize: fc.integer({ min: 0, max: 40 }),
});

export function actions(allowed?: fc.Arbitrary<OrderType>): fc.Arbitrary<Action[]> {
  const request = requests(allowed);
  const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
    { weight: 5, arbitrary: pricesSeen },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('place' as const), request }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('replace' as const),
        pick: fc.nat(20),
        request,
        stale: fc.boolean(),
      }),
    },
  );
  return fc.array(action, { minLength: 1, maxLength: 60 });
}

export function eventOf(action: Action & { kind: 'prices' }, at: number): PriceEvent {
  const { bid, spread, traded, quoted, bidSize, askSize } = action;
  return prices({
    at,
    ...(quoted && { bid: price(bid), ask: price(bid + spread) }),
    ...(quoted && { bidSize: String(bidSize), askSize: String(askSize) }),
    ...(traded && { last: price(bid), low: price(bid - spread), high: price(bid + spread) }),
  });
}

/** What one action did: the book before, the changes, and the prices they were made on. */
export interface Observed {
  action: Action;
  before: Book;
  after: Book;
  changes: readonly Change[];
  market: PriceEvent | undefined;
}

export function play(script: readonly Action[], observe: (observed: Observed) => void): Trader {
  const trader = new Trader(OPENING_CASH);
  let market: PriceEvent | undefined;
  script.forEach((action, index) => {
    const at = NOON + index * SECOND;
    const before = trader.book;
    const known = trader.changes.length;
    if (action.kind === 'prices') {
      market = eventOf(action, at);
      trader.see(market);
    } else {
      act(trader, action, { at, market, id: `r${index}` });
    }
    observe({ action, before, after: trader.book, changes: trader.changes.slice(known), market });
  });
  return trader;
}

function act(
  trader: Trader,
  action: Exclude<Action, { kind: 'prices' }>,
  { at, market, id }: { at: number; market: PriceEvent | undefined; id: string },
): void {
  if (action.kind === 'place') {
    trader.place(action.request, at);
    return;
  }
  const orders = [...trader.book.orders];
  const order = orders[action.pick % Math.max(1, orders.length)];
  if (order === undefined) return;
  const expectedFilled = action.kind === 'replace' && action.stale ? '0.5' : order.filled.toString();
  const decision =
    action.kind === 'cancel'
      ? cancelOrder(trader.book, order.id, at)
      : replaceOrder(
          trader.book,
          { orderId: order.id, expectedFilled },
          { id, request: action.request, at, prices: market },
          defaultRules,
        );
  if (!('refusal' in decision)) trader.take(decision);
}
