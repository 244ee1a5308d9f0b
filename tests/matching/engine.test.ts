import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { cancelOrder, onTime, replaceOrder } from '../../src/matching/engine.js';
import { buyingPower } from '../../src/matching/funds.js';
import { defaultRules } from '../../src/matching/rules.js';
import { orderRequest, stopRequest } from '../support/orders.js';
import { NOON, prices, SECOND, Trader, told } from './builders.js';

const QUOTE = { bid: '149.99', ask: '150.00', last: '150.00' };

function holding(stop: Parameters<typeof stopRequest>[1] & { stopPrice?: string } = {}): Trader {
  const trader = new Trader();
  trader.see(prices(QUOTE));
  trader.place(orderRequest());
  const { stopPrice = '142.50', ...changes } = stop;
  const placed = trader.place(stopRequest(stopPrice, changes));
  if ('refusal' in placed) throw new Error(placed.refusal.message);
  return trader;
}

describe('an order that arrives', () => {
  it('at the market: fills at once on the other side of the quote', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest());
    expect(told(trader.changes)).toEqual(['accepted', 'fill 10 @ 150']);
    expect(trader.book.cash.toString()).toBe('98500');
    trader.place(orderRequest({ side: 'sell' }));
    expect(told(trader.changes).at(-1)).toBe('fill 10 @ 149.99');
    expect(trader.position()).toBe('0');
  });

  it('larger than the displayed size: the rest waits for the next events', () => {
    const trader = new Trader();
    trader.see(prices({ ...QUOTE, askSize: '4' }));
    trader.place(orderRequest());
    trader.see(prices({ ...QUOTE, askSize: '4', ask: '150.01', at: NOON + SECOND }));
    trader.see(prices({ ...QUOTE, askSize: '4', ask: '150.02', at: NOON + 2 * SECOND }));
    expect(told(trader.changes)).toEqual(['accepted', 'fill 4 @ 150', 'fill 4 @ 150.01', 'fill 2 @ 150.02']);
  });

  it('after another that used up the quote: waits for the next event', () => {
    const trader = new Trader();
    trader.see(prices({ ...QUOTE, askSize: '10' }));
    trader.place(orderRequest());
    trader.place(orderRequest({ quantity: '5' }));
    expect(told(trader.changes)).toEqual(['accepted', 'fill 10 @ 150', 'accepted']);
  });

  it.each([
    ['no quote', prices({ last: '150' }), NOON],
    ['an old quote', prices(QUOTE), NOON + 15_001],
    ['a halt', prices({ ...QUOTE, halted: true }), NOON],
    ['a closed market', prices({ ...QUOTE, at: NOON + 10 * 3_600_000 }), NOON + 10 * 3_600_000],
  ])('on %s: waits', (_, event, at) => {
    const trader = new Trader();
    trader.see(event);
    trader.place(orderRequest(), at);
    expect(told(trader.changes)).toEqual(['accepted']);
  });

  it('with a limit: never fills at a worse price', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'limit', limitPrice: '149.50' }));
    trader.see(prices({ bid: '149.49', ask: '149.51', last: '149.40', at: NOON + SECOND }));
    expect(told(trader.changes)).toEqual(['accepted']);
    trader.see(prices({ bid: '149.40', ask: '149.45', at: NOON + 2 * SECOND }));
    expect(told(trader.changes)).toEqual(['accepted', 'fill 10 @ 149.45']);
  });
});

describe('a stop', () => {
  it('triggers on a trade at its price and fills at the bid', () => {
    const changes = holding().see(
      prices({ bid: '141.90', ask: '142', last: '143', low: '142.50', high: '144', at: NOON + SECOND }),
    );
    expect(told(changes)).toEqual(['triggered', 'fill 10 @ 141.9']);
  });

  it('where nothing trades, triggers on the bid alone', () => {
    const trader = holding();
    expect(trader.see(prices({ bid: '142.51', ask: '142.60', at: NOON + SECOND }))).toEqual([]);
    const changes = trader.see(prices({ bid: '142.50', ask: '142.60', at: NOON + 2 * SECOND }));
    expect(told(changes)).toEqual(['triggered', 'fill 10 @ 142.5']);
  });

  it('where something trades above it, does not trigger on a low bid', () => {
    expect(holding().see(prices({ bid: '100', ask: '150', last: '150', at: NOON + SECOND }))).toEqual([]);
  });

  it('triggers without a quote but fills only when there is one', () => {
    const trader = holding();
    expect(told(trader.see(prices({ last: '140', at: NOON + SECOND })))).toEqual(['triggered']);
    expect(told(trader.see(prices({ bid: '139', ask: '141', at: NOON + 2 * SECOND })))).toEqual(['fill 10 @ 139']);
  });

  it('with a limit that is jumped: triggered, live, unfilled, until the price is back', () => {
    const trader = holding({ type: 'stop_limit', limitPrice: '142.00' });
    expect(told(trader.see(prices({ bid: '130', ask: '131', last: '130', at: NOON + SECOND })))).toEqual(['triggered']);
    expect(trader.book.orders[0]).toMatchObject({ triggered: true, status: 'working' });
    const back = trader.see(prices({ bid: '142.10', ask: '143', last: '142.5', at: NOON + 2 * SECOND }));
    expect(told(back)).toEqual(['fill 10 @ 142.1']);
  });

  it('sleeps before the open and after the close, and wakes with the first minute of the session', () => {
    const trader = holding();
    const low = { bid: '100', ask: '101', last: '100' };
    const close = Date.parse('2013-10-08T20:00:00Z');
    const open = Date.parse('2013-10-09T13:30:00Z');
    expect(trader.see(prices({ ...low, at: close + 60_000 }))).toEqual([]);
    expect(trader.see(prices({ ...low, at: open }))).toEqual([]);
    expect(told(trader.see(prices({ ...low, at: open + 60_000 })))).toEqual(['triggered', 'fill 10 @ 100']);
  });

  it('does nothing in a halt and triggers at the reopening', () => {
    const trader = holding();
    const gap = { bid: '120', ask: '121', last: '120' };
    expect(trader.see(prices({ ...gap, halted: true, at: NOON + SECOND }))).toEqual([]);
    expect(told(trader.see(prices({ ...gap, at: NOON + 1_800_000 })))).toEqual(['triggered', 'fill 10 @ 120']);
  });

  it('to buy triggers on a trade at its price though the offer is lower again', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'stop', stopPrice: '152' }));
    const changes = trader.see(prices({ bid: '151', ask: '151.5', last: '151', high: '152', at: NOON + SECOND }));
    expect(told(changes)).toEqual(['triggered', 'fill 10 @ 151.5']);
  });

  it('covers a short from above', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ side: 'sell_short' }));
    expect(trader.position()).toBe('-10');
    trader.place(orderRequest({ side: 'buy_to_cover', type: 'stop', stopPrice: '157.50', timeInForce: 'gtc' }));
    const changes = trader.see(prices({ bid: '157.6', ask: '157.7', last: '157', high: '157.5', at: NOON + SECOND }));
    expect(told(changes)).toEqual(['triggered', 'fill 10 @ 157.7']);
    expect(trader.book.cash.toString()).toBe('99922.9');
  });
});

describe('a trailing stop', () => {
  it('follows the last trade up, never down, and sells once', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest());
    trader.place(orderRequest({ side: 'sell', type: 'trailing_stop', trailPercent: '5', timeInForce: 'gtc' }));
    const stops = ['150', '155', '154', '160'].map((last, index) => {
      trader.see(prices({ bid: last, ask: last, last, at: NOON + (index + 1) * SECOND }));
      return trader.book.orders[0]?.stopPrice?.toString();
    });
    expect(stops).toEqual(['142.5', '147.25', '147.25', '152']);
    const end = trader.see(prices({ bid: '151.9', ask: '152', last: '152', at: NOON + 9 * SECOND }));
    expect(told(end)).toEqual(['triggered', 'fill 10 @ 151.9']);
    expect(trader.see(prices({ bid: '140', ask: '141', last: '140', at: NOON + 10 * SECOND }))).toEqual([]);
  });

  it('follows the bid where nothing trades', () => {
    const trader = holding({ type: 'trailing_stop', trailPercent: '10' });
    trader.see(prices({ bid: '200', ask: '201', at: NOON + SECOND }));
    expect(trader.book.orders[0]?.stopPrice?.toString()).toBe('180');
  });
});

describe('refusals', () => {
  const shares = (changes: Parameters<typeof orderRequest>[0]) => orderRequest(changes);
  const coins = { symbol: 'BTC-USD', assetClass: 'crypto' } as const;

  it.each([
    ['nothing held', shares({ side: 'sell' }), 'oversold'],
    ['nothing short', shares({ side: 'buy_to_cover' }), 'oversold'],
    ['half a share', shares({ quantity: '0.5' }), 'invalid_order'],
    ['no shares', shares({ quantity: '0' }), 'invalid_order'],
    ['a limit order without a limit', shares({ type: 'limit' }), 'invalid_order'],
    ['a price between ticks', shares({ type: 'limit', limitPrice: '150.001' }), 'invalid_order'],
    ['a negative price', shares({ type: 'limit', limitPrice: '-1' }), 'invalid_order'],
    ['a trail of everything', shares({ type: 'trailing_stop', trailPercent: '100' }), 'invalid_order'],
    ['a stop in extended hours', shares({ type: 'stop', stopPrice: '160', session: 'extended' }), 'invalid_order'],
    ['a buy stop below the market', shares({ type: 'stop', stopPrice: '150' }), 'stop_through_market'],
    ['more than the cash', shares({ quantity: '667' }), 'insufficient_funds'],
    ['a short beyond its margin', shares({ side: 'sell_short', quantity: '1334' }), 'insufficient_funds'],
    ['a naked short of a coin', shares({ ...coins, side: 'sell_short' }), 'not_offered'],
  ])('%s', (_, request, code) => {
    const trader = new Trader();
    trader.see(prices({ ...QUOTE, symbol: request.symbol }));
    expect(trader.place(request)).toMatchObject({ refusal: { code } });
    expect(trader.changes).toEqual([]);
  });

  it('a market that has shown no price', () => {
    expect(new Trader().place(orderRequest())).toMatchObject({ refusal: { code: 'market_closed' } });
  });

  it('a sell stop at or above the bid', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest());
    expect(trader.place(stopRequest('149.99'))).toMatchObject({ refusal: { code: 'stop_through_market' } });
    expect(trader.place(stopRequest('149.98'))).not.toHaveProperty('refusal');
  });

  it('a sale of what a stop has reserved, and a short of what is held', () => {
    const trader = holding();
    expect(trader.place(orderRequest({ side: 'sell', quantity: '1' }))).toMatchObject({
      refusal: { code: 'oversold' },
    });
    const short = trader.place(orderRequest({ side: 'sell_short' }));
    expect(short).toMatchObject({ refusal: { code: 'invalid_order' } });
  });

  it('working buys hold back their cash until they are cancelled', () => {
    const trader = new Trader('1500');
    trader.see(prices(QUOTE));
    const first = trader.place(orderRequest({ type: 'limit', limitPrice: '100' }));
    expect(trader.place(orderRequest({ quantity: '4' }))).toMatchObject({ refusal: { code: 'insufficient_funds' } });
    const cancelled = cancelOrder(trader.book, first.id, NOON);
    if ('refusal' in cancelled) throw new Error(cancelled.refusal.message);
    trader.take(cancelled);
    expect(trader.place(orderRequest({ quantity: '10' }))).not.toHaveProperty('refusal');
  });
});

describe('cash', () => {
  it('what covers a short buys nothing', () => {
    const trader = new Trader('10000');
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ side: 'sell_short', quantity: '100' }));
    expect(trader.book.cash.toString()).toBe('24999');
    expect(buyingPower(trader.book).toString()).toBe('2500.5');
  });

  it('an option contract costs a hundred times its price', () => {
    const symbol = 'SPY230901P00430000';
    const trader = new Trader();
    trader.see(prices({ symbol, bid: '2.25', ask: '2.27' }));
    trader.place(orderRequest({ symbol, assetClass: 'option', quantity: '2' }));
    expect(trader.book.cash.toString()).toBe('99546');
  });

  it('a fee is taken with each fill', () => {
    const trader = new Trader('100000', { ...defaultRules, fee: () => decimal('0.65') });
    trader.see(prices(QUOTE));
    trader.place(orderRequest());
    expect(trader.book.cash.toString()).toBe('98499.35');
  });

  it('a buy whose price ran away while it waited fills what the cash allows and ends', () => {
    const trader = new Trader('1500');
    trader.see(prices({ ...QUOTE, halted: true }));
    trader.place(orderRequest());
    const changes = trader.see(prices({ bid: '199', ask: '200', last: '200', at: NOON + SECOND }));
    expect(told(changes)).toEqual(['fill 7 @ 200', 'cancelled']);
    expect(changes[1]?.order).toMatchObject({ status: 'cancelled', reason: 'insufficient_funds' });
    expect(trader.book.cash.toString()).toBe('100');
  });
});

describe('the end of an order', () => {
  it('a day order expires at the close, a GTC order does not', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'limit', limitPrice: '140' }));
    trader.place(orderRequest({ type: 'limit', limitPrice: '139', timeInForce: 'gtc' }));
    const close = Date.parse('2013-10-08T20:00:00Z');
    expect(onTime(trader.book, close - 1).changes).toEqual([]);
    const { book, changes } = onTime(trader.book, close);
    expect(changes).toMatchObject([{ kind: 'expired', at: close, order: { limitPrice: decimal('140') } }]);
    expect(book.orders).toHaveLength(1);
  });

  it('the minute that ends with the close still fills a day order', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'limit', limitPrice: '140' }));
    const changes = trader.see(prices({ bid: '139', ask: '140', at: Date.parse('2013-10-08T20:00:00Z') }));
    expect(told(changes)).toEqual(['fill 10 @ 140']);
  });

  it('an extended limit order works until the end of the late session', () => {
    const trader = new Trader();
    const evening = Date.parse('2013-10-08T22:00:00Z');
    trader.see(prices({ ...QUOTE, at: evening }));
    trader.place(orderRequest({ type: 'limit', limitPrice: '150', session: 'extended' }));
    expect(told(trader.changes)).toEqual(['accepted', 'fill 10 @ 150']);
    trader.place(orderRequest({ type: 'limit', limitPrice: '150' }));
    expect(told(trader.changes).at(-1)).toBe('accepted');
  });

  it('an order on an option ends with its contract', () => {
    const symbol = 'SPY131011C00165000';
    const trader = new Trader();
    trader.see(prices({ symbol, bid: '1', ask: '1.05' }));
    const good = { symbol, assetClass: 'option', type: 'limit', limitPrice: '0.5', timeInForce: 'gtc' } as const;
    trader.place(orderRequest({ ...good, quantity: '1' }));
    expect(onTime(trader.book, Date.parse('2013-10-11T20:00:00Z')).changes).toMatchObject([{ kind: 'expired' }]);
  });
});

describe('replacing', () => {
  it('a refused replacement leaves the book as it was', () => {
    const trader = holding();
    const old = { orderId: '2', expectedFilled: '0' };
    const arrival = { id: '9', request: stopRequest('151'), at: NOON, prices: prices(QUOTE) };
    expect(replaceOrder(trader.book, old, arrival, defaultRules)).toMatchObject({
      refusal: { code: 'stop_through_market' },
    });
    expect(trader.book.orders.map(({ id }) => id)).toEqual(['2']);
  });

  it('an accepted one ends the old order in the same step', () => {
    const trader = holding();
    const arrival = { id: '9', request: stopRequest('145'), at: NOON, prices: prices(QUOTE) };
    const step = replaceOrder(trader.book, { orderId: '2', expectedFilled: '0' }, arrival, defaultRules);
    if ('refusal' in step) throw new Error(step.refusal.message);
    expect(told(step.changes)).toEqual(['replaced', 'accepted']);
    expect(step.book.orders.map(({ id }) => id)).toEqual(['9']);
  });
});
