import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { onTime, replaceOrder } from '../../src/matching/engine.js';
import { defaultRules } from '../../src/matching/rules.js';
import { orderRequest, stopRequest } from '../support/orders.js';
import { holding, NOON, prices, QUOTE, reported, SECOND, Trader } from './builders.js';

describe('an order that arrives', () => {
  it('at the market: fills at once on the other side of the quote', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest());
    expect(reported(trader.changes)).toEqual(['accepted', 'fill 10 @ 150']);
    expect(trader.book.cash.toString()).toBe('98500');
    trader.place(orderRequest({ side: 'sell' }));
    expect(reported(trader.changes).at(-1)).toBe('fill 10 @ 149.99');
    expect(trader.position()).toBe('0');
  });

  it('larger than the displayed size: the rest waits for the next events', () => {
    const trader = new Trader();
    trader.see(prices({ ...QUOTE, askSize: '4' }));
    trader.place(orderRequest());
    trader.see(prices({ ...QUOTE, askSize: '4', ask: '150.01', at: NOON + SECOND }));
    trader.see(prices({ ...QUOTE, askSize: '4', ask: '150.02', at: NOON + 2 * SECOND }));
    expect(reported(trader.changes)).toEqual(['accepted', 'fill 4 @ 150', 'fill 4 @ 150.01', 'fill 2 @ 150.02']);
  });

  it('after another that used up the quote: waits for the next event', () => {
    const trader = new Trader();
    trader.see(prices({ ...QUOTE, askSize: '10' }));
    trader.place(orderRequest());
    trader.place(orderRequest({ quantity: '5' }));
    expect(reported(trader.changes)).toEqual(['accepted', 'fill 10 @ 150', 'accepted']);
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
    expect(reported(trader.changes)).toEqual(['accepted']);
  });

  it('with a limit: never fills at a worse price', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'limit', limitPrice: '149.50' }));
    trader.see(prices({ bid: '149.49', ask: '149.51', last: '149.40', at: NOON + SECOND }));
    expect(reported(trader.changes)).toEqual(['accepted']);
    trader.see(prices({ bid: '149.40', ask: '149.45', at: NOON + 2 * SECOND }));
    expect(reported(trader.changes)).toEqual(['accepted', 'fill 10 @ 149.45']);
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
    expect(book.orders).toHaveProperty('size', 1);
  });

  it('the minute that ends with the close still fills a day order', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'limit', limitPrice: '140' }));
    const changes = trader.see(prices({ bid: '139', ask: '140', at: Date.parse('2013-10-08T20:00:00Z') }));
    expect(reported(changes)).toEqual(['fill 10 @ 140']);
  });

  it('an extended limit order works until the end of the late session', () => {
    const trader = new Trader();
    const evening = Date.parse('2013-10-08T22:00:00Z');
    trader.see(prices({ ...QUOTE, at: evening }));
    trader.place(orderRequest({ type: 'limit', limitPrice: '150', session: 'extended' }));
    expect(reported(trader.changes)).toEqual(['accepted', 'fill 10 @ 150']);
    trader.place(orderRequest({ type: 'limit', limitPrice: '150' }));
    expect(reported(trader.changes).at(-1)).toBe('accepted');
  });

  it('an order on an option ends with its contract', () => {
    const symbol = 'SPY131011C00165000';
    const trader = new Trader();
    trader.see(prices({ symbol, bid: '1', ask: '1.05' }));
    const good = { symbol, assetClass: 'option', type: 'limit', limitPrice: '0.5', timeInForce: 'gtc' } as const;
    trader.place(orderRequest({ ...good, quantity: '1' }));
    expect(onTime(trader.book, Date.parse('2013-10-11T20:15:00Z')).changes).toMatchObject([{ kind: 'expired' }]);
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
    expect([...trader.book.orders].map(({ id }) => id)).toEqual(['2']);
  });

  it('an accepted one ends the old order in the same step', () => {
    const trader = holding();
    const arrival = { id: '9', request: stopRequest('145'), at: NOON, prices: prices(QUOTE) };
    const step = replaceOrder(trader.book, { orderId: '2', expectedFilled: '0' }, arrival, defaultRules);
    if ('refusal' in step) throw new Error(step.refusal.message);
    expect(reported(step.changes)).toEqual(['replaced', 'accepted']);
    expect([...step.book.orders].map(({ id }) => id)).toEqual(['9']);
  });
});
