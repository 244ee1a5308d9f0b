import { describe, expect, it } from 'vitest';
import { orderRequest } from '../support/orders.js';
import { holding, NOON, prices, QUOTE, reported, SECOND, Trader } from './builders.js';

describe('a stop', () => {
  it('triggers on a trade at its price and fills at the bid', () => {
    const changes = holding().see(
      prices({ bid: '141.90', ask: '142', last: '143', low: '142.50', high: '144', at: NOON + SECOND }),
    );
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 141.9']);
  });

  it('where nothing trades, triggers on the bid alone', () => {
    const trader = holding();
    expect(trader.see(prices({ bid: '142.51', ask: '142.60', at: NOON + SECOND }))).toEqual([]);
    const changes = trader.see(prices({ bid: '142.50', ask: '142.60', at: NOON + 2 * SECOND }));
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 142.5']);
  });

  it('where something trades above it, does not trigger on a low bid', () => {
    expect(holding().see(prices({ bid: '100', ask: '150', last: '150', at: NOON + SECOND }))).toEqual([]);
  });

  it('triggers without a quote but fills only when there is one', () => {
    const trader = holding();
    expect(reported(trader.see(prices({ last: '140', at: NOON + SECOND })))).toEqual(['triggered']);
    expect(reported(trader.see(prices({ bid: '139', ask: '141', at: NOON + 2 * SECOND })))).toEqual(['fill 10 @ 139']);
  });

  it('with a limit that is jumped: triggered, live, unfilled, until the price is back', () => {
    const trader = holding({ type: 'stop_limit', limitPrice: '142.00' });
    expect(reported(trader.see(prices({ bid: '130', ask: '131', last: '130', at: NOON + SECOND })))).toEqual([
      'triggered',
    ]);
    expect([...trader.book.orders][0]).toMatchObject({ triggered: true, status: 'working' });
    const back = trader.see(prices({ bid: '142.10', ask: '143', last: '142.5', at: NOON + 2 * SECOND }));
    expect(reported(back)).toEqual(['fill 10 @ 142.1']);
  });

  it('sleeps before the open and after the close, and wakes with the first minute of the session', () => {
    const trader = holding();
    const low = { bid: '100', ask: '101', last: '100' };
    const close = Date.parse('2013-10-08T20:00:00Z');
    const open = Date.parse('2013-10-09T13:30:00Z');
    expect(trader.see(prices({ ...low, at: close + 60_000 }))).toEqual([]);
    expect(trader.see(prices({ ...low, at: open }))).toEqual([]);
    expect(reported(trader.see(prices({ ...low, at: open + 60_000 })))).toEqual(['triggered', 'fill 10 @ 100']);
  });

  it('does nothing in a halt and triggers at the reopening', () => {
    const trader = holding();
    const gap = { bid: '120', ask: '121', last: '120' };
    expect(trader.see(prices({ ...gap, halted: true, at: NOON + SECOND }))).toEqual([]);
    expect(reported(trader.see(prices({ ...gap, at: NOON + 1_800_000 })))).toEqual(['triggered', 'fill 10 @ 120']);
  });

  // Measured on a recorded day of coins: at the closing bid 97 % of stops 1 % away had filled above their trigger.
  it('is not filled better than where it triggered: the bid of a row is of its end', () => {
    const changes = holding().see(
      prices({ bid: '144', ask: '144.10', open: '145', last: '144', low: '142', high: '145', at: NOON + SECOND }),
    );
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 142.5']);
  });

  it('that the first trade is through already triggers there', () => {
    const changes = holding().see(
      prices({ bid: '141', ask: '141.10', open: '140', last: '141', low: '139', high: '141', at: NOON + SECOND }),
    );
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 140']);
  });

  it('with a limit is filled at the limit where it triggered beyond it and the bid is back', () => {
    const trader = holding({ type: 'stop_limit', limitPrice: '142.00' });
    const event = prices({
      bid: '143',
      ask: '143.1',
      open: '140',
      last: '143',
      low: '139',
      high: '143',
      at: NOON + SECOND,
    });
    expect(reported(trader.see(event))).toEqual(['triggered', 'fill 10 @ 142']);
  });

  it('to buy triggers on a trade at its price though the offer is lower again', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ type: 'stop', stopPrice: '152' }));
    const changes = trader.see(prices({ bid: '151', ask: '151.5', last: '151', high: '152', at: NOON + SECOND }));
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 152']);
  });

  it('covers a short from above', () => {
    const trader = new Trader();
    trader.see(prices(QUOTE));
    trader.place(orderRequest({ side: 'sell_short' }));
    expect(trader.position()).toBe('-10');
    trader.place(orderRequest({ side: 'buy_to_cover', type: 'stop', stopPrice: '157.50', timeInForce: 'gtc' }));
    const changes = trader.see(prices({ bid: '157.6', ask: '157.7', last: '157', high: '157.5', at: NOON + SECOND }));
    expect(reported(changes)).toEqual(['triggered', 'fill 10 @ 157.7']);
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
      return [...trader.book.orders][0]?.stopPrice?.toString();
    });
    expect(stops).toEqual(['142.5', '147.25', '147.25', '152']);
    const end = trader.see(prices({ bid: '151.9', ask: '152', last: '152', at: NOON + 9 * SECOND }));
    expect(reported(end)).toEqual(['triggered', 'fill 10 @ 151.9']);
    expect(trader.see(prices({ bid: '140', ask: '141', last: '140', at: NOON + 10 * SECOND }))).toEqual([]);
  });

  it('follows the bid where nothing trades', () => {
    const trader = holding({ type: 'trailing_stop', trailPercent: '10' });
    trader.see(prices({ bid: '200', ask: '201', at: NOON + SECOND }));
    expect([...trader.book.orders][0]?.stopPrice?.toString()).toBe('180');
  });
});
