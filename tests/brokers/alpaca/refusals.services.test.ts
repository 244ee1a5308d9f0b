import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placed } from '../../../src/brokers/alpaca/order-writes.js';
import { isRepeat, isUnauthorized, refusalOf, tooLateOf } from '../../../src/brokers/alpaca/refusals.js';
import { decimalString } from '../../../src/domain/decimal.js';
import type { OrderRequest, RefusalCode } from '../../../src/domain/order.js';
import { UnexpectedAnswer } from '../../../src/wire/answers.js';
import type { HttpAnswer } from '../../../src/wire/http.js';
import { ACCOUNT, lowLimit, newId, OPTION, order, sellStop, TestAlpaca } from './alpaca-fixture.js';

const d = decimalString;

function answer(status: number, body: object | string, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: new Headers(headers), text: typeof body === 'string' ? body : JSON.stringify(body) };
}

describe('at the simulator', () => {
  let alpaca: TestAlpaca;
  beforeEach(async () => {
    alpaca = await TestAlpaca.start();
  });
  afterEach(() => alpaca.close());

  const coin = { symbol: 'BTC-USD', assetClass: 'crypto', quantity: d('0.01') } as const;
  const option = { symbol: OPTION, assetClass: 'option', quantity: d('2') } as const;

  it.each<[RefusalCode, OrderRequest]>([
    ['insufficient_funds', order({ quantity: d('4000') })],
    ['insufficient_funds', order({ ...coin, quantity: d('10') })],
    ['oversold', order({ side: 'sell' })],
    ['oversold', sellStop('140')],
    ['oversold', order({ side: 'buy_to_cover' })],
    ['oversold', order({ ...coin, side: 'sell' })],
    ['oversold', order({ ...option, side: 'sell' })],
    ['not_offered', order({ ...option, side: 'sell_short' })],
    ['invalid_symbol', order({ symbol: 'ZZZZZ' })],
    ['invalid_order', order({ quantity: d('40.5') })],
    ['invalid_order', order({ ...coin, quantity: d('0.0001') })],
    ['invalid_order', order({ type: 'limit' })],
    ['stop_through_market', order({ type: 'stop', stopPrice: d('149') })],
  ])('%s', async (code, request) => {
    expect(await alpaca.place(request)).toMatchObject({ outcome: 'rejected', refusal: { code } });
    expect(await alpaca.ordersAtBroker()).toEqual([]);
  });

  it('of a stop that the market has passed, or whose shares another stop holds', async () => {
    await alpaca.placed();
    expect(await alpaca.place(sellStop('151'))).toMatchObject({ refusal: { code: 'stop_through_market' } });
    await alpaca.placed(sellStop('140'));
    expect(await alpaca.place(sellStop('141'))).toMatchObject({ refusal: { code: 'oversold' } });
    expect(await alpaca.place(order({ clientOrderId: newId('exit'), side: 'sell' }))).toMatchObject({
      refusal: { code: 'oversold' },
    });
    expect(await alpaca.ordersAtBroker()).toHaveLength(2);
  });

  it('of a stop beside an entry that still works', async () => {
    await alpaca.placed();
    await alpaca.placed(lowLimit());
    expect(await alpaca.place(sellStop('140'))).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'opposite_order', message: expect.stringContaining('wash trade') },
    });
  });

  it('of an opposite trade in what is held', async () => {
    await alpaca.placed();
    expect(await alpaca.place({ side: 'sell_short' })).toMatchObject({ refusal: { code: 'invalid_order' } });
    expect((await alpaca.broker.positions(ACCOUNT)).rows[0]?.quantity).toBe('40');
  });
});

describe('recorded bodies', () => {
  const insufficientQty = {
    ...{ available: '0', code: 40310000, existing_qty: '40', held_for_orders: '40', symbol: 'AAPL' },
    message: 'insufficient qty available for order (requested: 40, available: 0)',
  };
  const throughMarket = {
    ...{ code: 42210000, market_price: '197.6', stop_price: '198.4' },
    message: 'stop price must be less than current price',
  };
  const noBalance = {
    code: 40310000,
    message: 'insufficient balance for USDT (requested: 221.63, available: 0)',
  };
  const washTrade = {
    ...{ code: 40310000, message: 'potential wash trade detected. use complex orders' },
    reject_reason: 'opposite side market/stop order exists',
  };
  const mismatch = 'position intent mismatch, inferred: sell_to_open, specified: sell_to_close';

  it.each<[number, object, OrderRequest, RefusalCode]>([
    [403, { code: 40310000, message: 'insufficient buying power' }, order(), 'insufficient_funds'],
    [403, { code: 40310000, message: 'insufficient day trading buying power' }, order(), 'insufficient_funds'],
    [
      422,
      { code: 42210000, message: 'options market orders are only allowed during market hours' },
      order(),
      'market_closed',
    ],
    [422, { code: 42210000, message: 'fractional orders must be DAY orders' }, order(), 'invalid_order'],
    [403, insufficientQty, order({ side: 'sell' }), 'oversold'],
    [403, noBalance, order(), 'insufficient_funds'],
    [403, noBalance, order({ side: 'sell' }), 'oversold'],
    [403, washTrade, sellStop(), 'opposite_order'],
    [422, { ...washTrade, code: 42210000 }, sellStop(), 'opposite_order'],
    [403, { ...washTrade, reject_reason: 'opposite side limit order exists' }, order(), 'opposite_order'],
    [403, { code: 40310000, message: 'potential wash trade detected' }, order(), 'opposite_order'],
    [403, { code: 40310000, message: 'new orders are rejected by user request' }, order(), 'refused'],
    [403, { code: 40310000, message: 'account is not allowed to short' }, order({ side: 'sell' }), 'oversold'],
    [403, { code: 40310000, message: 'account is not allowed to short' }, order({ side: 'sell_short' }), 'not_offered'],
    [422, { code: 42210000, message: 'asset "X" cannot be sold short' }, order({ side: 'sell_short' }), 'not_offered'],
    [403, { code: 40310100, message: 'trade denied due to pattern day trading protection' }, order(), 'refused'],
    [422, { code: 42210000, message: 'asset "X" is not tradable' }, order(), 'invalid_symbol'],
    [404, { code: 40410000, message: 'asset not found for ZZZZZ' }, order(), 'invalid_symbol'],
    [422, throughMarket, sellStop(), 'stop_through_market'],
    [
      422,
      {
        code: 42210000,
        message: 'invalid stop_price 198.403. sub-penny increment does not fulfill minimum pricing criteria',
      },
      sellStop(),
      'invalid_order',
    ],
    [403, { code: 40310000, message: 'cost basis must be >= minimal amount of order 10' }, order(), 'invalid_order'],
    [422, { code: 42210000, message: 'invalid crypto time_in_force' }, order(), 'not_offered'],
    [422, { code: 40010001, message: 'invalid order type for crypto order' }, order(), 'not_offered'],
    [422, { code: 42210000, message: mismatch }, order({ side: 'sell' }), 'oversold'],
  ])('%i %j', (status, body, request, code) => {
    expect(refusalOf(answer(status, body), request)?.code).toBe(code);
  });

  // Users of 2026 show bodies with the id of the other order; docs.alpaca.markets, "User Protection", has the rule.
  it('name the order of the other side', () => {
    const named = { ...washTrade, existing_order_id: 'd70e2048-0000-4000-8000-000000000001' };
    expect(refusalOf(answer(403, named), sellStop())?.message).toBe(
      'potential wash trade detected. use complex orders (opposite side market/stop order exists, order d70e2048-0000-4000-8000-000000000001)',
    );
  });

  it.each([
    [422, { code: 42210000, message: 'something new' }],
    [403, { code: 40310999, message: 'insufficient buying power' }],
    [500, { code: 40310000, message: 'insufficient buying power' }],
    [200, { code: 40310000, message: 'insufficient buying power' }],
    [408, { code: 40810000, message: 'request timeout' }],
    [404, { code: 40410000, message: 'endpoint not found.' }],
    [403, '<html>forbidden</html>'],
    [422, {}],
  ])('anything else is none: %i %j', (status, body) => {
    expect(refusalOf(answer(status, body), order())).toBeUndefined();
    if (status !== 200) expect(placed(answer(status, body), order())).toMatchObject({ outcome: 'unknown' });
  });

  it('distinguish a repeat, a refused credential and a late cancel from refusals', () => {
    expect(isRepeat(answer(422, { code: 40010001, message: 'client_order_id must be unique' }))).toBe(true);
    expect(isRepeat(answer(422, { code: 40010001, message: 'client order id must be unique' }))).toBe(true);
    expect(isRepeat(answer(422, { code: 40010001, message: 'order_id is missing' }))).toBe(false);
    expect(isUnauthorized(answer(403, { code: 40110000, message: 'request is not authorized' }))).toBe(true);
    expect(isUnauthorized(answer(403, insufficientQty))).toBe(false);
    expect(tooLateOf(answer(422, { code: 42210000, message: 'order is already in "filled" state' }))?.code).toBe(
      'too_late',
    );
  });

  it('wait until the limit of calls is counted anew', () => {
    const reset = String(Math.floor(Date.now() / 1_000) + 20);
    const limited = answer(429, { code: 42910000, message: 'rate limit exceeded' }, { 'X-RateLimit-Reset': reset });
    const outcome = placed(limited, order());
    expect(outcome).toMatchObject({ outcome: 'not_placed' });
    expect('retryAfterMs' in outcome && outcome.retryAfterMs).toBeGreaterThan(15_000);
  });

  it('believe an answer of 200 only when it is the order that was sent', () => {
    expect(() => placed(answer(200, '<html></html>'), order())).toThrow(UnexpectedAnswer);
    expect(() => placed(answer(200, {}), order())).toThrow(UnexpectedAnswer);
  });
});
