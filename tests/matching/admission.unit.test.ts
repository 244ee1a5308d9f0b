import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { cancelOrder } from '../../src/matching/engine.js';
import { buyingPower } from '../../src/matching/funds.js';
import { defaultRules } from '../../src/matching/rules.js';
import { orderRequest, stopRequest } from '../support/orders.js';
import { holding, NOON, prices, QUOTE, reported, SECOND, Trader } from './builders.js';

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
    expect(reported(changes)).toEqual(['fill 7 @ 200', 'cancelled']);
    expect(changes[1]?.order).toMatchObject({ status: 'cancelled', reason: 'insufficient_funds' });
    expect(trader.book.cash.toString()).toBe('100');
  });
});
