import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import type { SplitEvent } from '../../src/matching/event.js';
import { orderRequest, stopRequest } from '../support/orders.js';
import { NOON, prices, reported, SECOND, Trader } from './builders.js';

const BEFORE = { bid: '645.50', ask: '645.60', last: '645.57' };

function split(ratio: string): SplitEvent {
  return { kind: 'split', symbol: 'AAPL', at: NOON + SECOND, ratio: decimal(ratio) };
}

function holder(quantity = '10'): Trader {
  const trader = new Trader();
  trader.see(prices(BEFORE));
  trader.place(orderRequest({ quantity }));
  return trader;
}

describe('an announced split', () => {
  it('seven for one: ten shares with a stop at 613.29 become seventy with a stop at 87.61', () => {
    const trader = holder();
    trader.place(stopRequest('613.29'));
    expect(reported(trader.see(split('7')))).toEqual(['split']);
    expect(trader.position()).toBe('70');
    expect([...trader.book.orders][0]?.quantity.toString()).toBe('70');
    expect([...trader.book.orders][0]?.stopPrice?.toString()).toBe('87.61');
    expect(trader.see(prices({ bid: '92', ask: '92.46', last: '92.42', low: '92.23', at: NOON + 2 * SECOND }))).toEqual(
      [],
    );
  });

  it('rounds a buy stop up and keeps limits at least as good', () => {
    const trader = new Trader();
    trader.see(prices(BEFORE));
    trader.place(orderRequest({ side: 'sell_short' }));
    trader.place(orderRequest({ side: 'buy_to_cover', type: 'stop', stopPrice: '700.01', timeInForce: 'gtc' }));
    trader.place(
      orderRequest({ symbol: 'AAPL', side: 'sell_short', type: 'limit', limitPrice: '800.01', quantity: '1' }),
    );
    trader.see(split('7'));
    expect([...trader.book.orders][0]?.stopPrice?.toString()).toBe('100.01');
    expect([...trader.book.orders][1]?.limitPrice?.toString()).toBe('114.29');
    expect(trader.position()).toBe('-70');
  });

  it('a reverse split pays a fraction of a share in cash and never leaves more on sale than is held', () => {
    const trader = holder('15');
    trader.place(stopRequest('600', { quantity: '15' }));
    const cash = trader.book.cash;
    trader.see(split('0.1'));
    expect(trader.position()).toBe('1');
    expect([...trader.book.orders][0]?.quantity.toString()).toBe('1');
    expect(trader.book.cash.minus(cash).toString()).toBe('3228');
  });

  it('an order of less than one new share ends', () => {
    const trader = holder('5');
    trader.place(stopRequest('600', { quantity: '5' }));
    trader.see(split('0.1'));
    expect([...trader.book.orders]).toEqual([]);
    expect(trader.changes.at(-1)?.order).toMatchObject({ status: 'cancelled', reason: 'split_to_nothing' });
  });

  it('what was filled stays in the shares it was filled in', () => {
    const trader = new Trader();
    trader.see(prices({ ...BEFORE, askSize: '4' }));
    trader.place(orderRequest({ type: 'limit', limitPrice: '645.60', timeInForce: 'gtc' }));
    trader.see(split('7'));
    expect([...trader.book.orders][0]).toMatchObject({ filled: decimal('4') });
    expect([...trader.book.orders][0]?.quantity.toString()).toBe('46');
    expect(trader.position()).toBe('28');
  });
});

describe('a split that nobody announced', () => {
  const after = { bid: '92', ask: '92.46', last: '92.42', suspectedSplitAt: NOON + SECOND };

  it('holds the stops from before the jump, on that event and later ones', () => {
    const trader = holder();
    trader.place(stopRequest('613.29'));
    expect(trader.see(prices({ ...after, at: NOON + SECOND }))).toEqual([]);
    expect(trader.see(prices({ ...after, at: NOON + 9 * SECOND }))).toEqual([]);
    expect(trader.position()).toBe('10');
  });

  it('a stop placed after the jump triggers as usual', () => {
    const trader = holder();
    trader.see(prices({ ...after, at: NOON + SECOND }));
    trader.place(stopRequest('90'), NOON + 2 * SECOND);
    const fall = { ...after, bid: '89', ask: '89.1', last: '89' };
    expect(reported(trader.see(prices({ ...fall, at: NOON + 3 * SECOND })))).toEqual(['triggered', 'fill 10 @ 89']);
  });
});
