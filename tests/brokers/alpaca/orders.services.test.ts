import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import type { OrderRequest, OrderType } from '../../../src/domain/order.js';
import { CLIENT, LOGIN, REDIRECT } from '../../simulator/simulator-fixture.js';
import { ACCOUNT, lowLimit, OPTION, order, sellStop, TestAccess, TestAlpaca } from './alpaca-fixture.js';

let alpaca: TestAlpaca;
beforeEach(async () => {
  alpaca = await TestAlpaca.start();
});
afterEach(() => alpaca.close());

const d = decimalString;
const assets = {
  equity: { symbol: 'AAPL', quantity: d('40') },
  option: { symbol: OPTION, quantity: d('2') },
  crypto: { symbol: 'BTC-USD', quantity: d('0.01') },
} as const;

/** Prices far enough from the market that a resting order rests. */
const PRICES: Record<keyof typeof assets, { low: string; lower: string; high: string; higher: string }> = {
  equity: { lower: '130', low: '140', high: '160', higher: '170' },
  option: { lower: '5', low: '5.5', high: '7', higher: '7.5' },
  crypto: { lower: '60000', low: '65000', high: '70000', higher: '71000' },
};

function termsOf(type: OrderType, side: OrderRequest['side'], assetClass: keyof typeof assets): Partial<OrderRequest> {
  const { low, lower, high, higher } = PRICES[assetClass];
  const isBuy = side === 'buy' || side === 'buy_to_cover';
  if (type === 'limit') return { limitPrice: d(isBuy ? low : high) };
  if (type === 'stop') return { stopPrice: d(isBuy ? high : low) };
  if (type === 'stop_limit') return { stopPrice: d(isBuy ? high : low), limitPrice: d(isBuy ? higher : lower) };
  return type === 'trailing_stop' ? { trailPercent: d('5') } : {};
}

/** Brings about what the side needs: a long or a short position. */
async function holdFor(side: OrderRequest['side'], common: Partial<OrderRequest>): Promise<void> {
  if (side === 'sell') await alpaca.placed({ ...common, side: 'buy', type: 'market' });
  if (side === 'buy_to_cover') await alpaca.placed({ ...common, side: 'sell_short', type: 'market' });
}

describe('every type on every side that is offered', () => {
  const types: OrderType[] = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'];
  const cases = [
    ...types.flatMap((type) =>
      (['buy', 'sell', 'sell_short', 'buy_to_cover'] as const).map((side) => ['equity', type, side] as const),
    ),
    ...types.slice(0, 4).flatMap((type) => (['buy', 'sell'] as const).map((side) => ['option', type, side] as const)),
    ...(['market', 'limit', 'stop_limit'] as const).flatMap((type) =>
      (['buy', 'sell'] as const).map((side) => ['crypto', type, side] as const),
    ),
  ];

  it.each(cases)('%s %s %s', async (assetClass, type, side) => {
    const common = { ...assets[assetClass], assetClass, timeInForce: assetClass === 'option' ? 'day' : 'gtc' } as const;
    // of coins a part is taken as a fee, so that more has to be bought than is sold
    await holdFor(side, { ...common, ...(assetClass === 'crypto' && { quantity: d('0.02') }) });
    const request = order({ ...common, side, type, ...termsOf(type, side, assetClass) });
    const answered = await alpaca.placed(request);
    const { clientOrderId, symbol, quantity, limitPrice, stopPrice, timeInForce } = request;
    expect(answered).toMatchObject({
      ...{ clientOrderId, symbol, side, type, quantity, filledQuantity: '0', executions: [], timeInForce },
      ...(limitPrice && { limitPrice }),
      ...(stopPrice && { stopPrice }),
      triggered: false,
    });
    const read = await alpaca.broker.order(ACCOUNT, answered.orderId);
    expect(read?.status).toBe(type === 'market' ? 'filled' : 'working');
    expect(await alpaca.broker.find(ACCOUNT, request)).toEqual(read);
    const [kept] = (await alpaca.ordersAtBroker()).slice(-1);
    expect(kept).toMatchObject({ clientOrderId, symbol, quantity, side, timeInForce });
    expect(read?.executions.map(({ executionId }) => executionId)).toEqual(
      kept.events.flatMap((event: { executionId?: string }) => event.executionId ?? []),
    );
  });
});

it.each([
  order({ symbol: 'BTC-USD', assetClass: 'crypto', type: 'stop', side: 'sell', stopPrice: d('60000') }),
  order({ symbol: 'BTC-USD', assetClass: 'crypto', type: 'trailing_stop', side: 'sell', trailPercent: d('5') }),
  order({ symbol: 'BTC-USD', assetClass: 'crypto', side: 'sell_short' }),
  order({ symbol: 'BTC-USD', assetClass: 'crypto', type: 'limit', limitPrice: d('60000'), timeInForce: 'day' }),
  order({ symbol: OPTION, assetClass: 'option', type: 'trailing_stop', trailPercent: d('5') }),
  order({ session: 'extended', timeInForce: 'day' }),
  lowLimit('100', { session: 'extended', timeInForce: 'gtc' }),
])('asks nothing of Alpaca that it has not: $assetClass $type $side $session', async (request) => {
  expect(await alpaca.place(request)).toMatchObject({ outcome: 'rejected', refusal: { code: 'not_offered' } });
  expect((await alpaca.simulator.ledger()).requests).toEqual([]);
});

it('trades day limits outside of regular hours', async () => {
  await alpaca.simulator.control('clock', { now: '2026-03-03T21:30:00Z' });
  const { orderId } = await alpaca.placed(lowLimit('151', { session: 'extended', timeInForce: 'day' }));
  expect((await alpaca.broker.order(ACCOUNT, orderId))?.status).toBe('filled');
});

it('fills in parts, each execution once, at its own price', async () => {
  await alpaca.simulator.market('AAPL', '149.9', '150', { askSize: '15' });
  const { orderId } = await alpaca.placed();
  const first = await alpaca.broker.order(ACCOUNT, orderId);
  expect(first).toMatchObject({ status: 'partially_filled', filledQuantity: '15', quantity: '40' });
  expect(first?.executions).toMatchObject([{ quantity: '15', price: '150', fee: '0' }]);
  await alpaca.simulator.market('AAPL', '150.9', '151');
  const second = await alpaca.broker.order(ACCOUNT, orderId);
  expect(second).toMatchObject({ status: 'filled', filledQuantity: '40' });
  expect(second?.executions).toEqual([
    ...(first?.executions ?? []),
    expect.objectContaining({ quantity: '25', price: '151' }),
  ]);
  expect((await alpaca.another().order(ACCOUNT, orderId))?.executions).toEqual(second?.executions);
});

it('finds the fills of an old order behind many newer ones', async () => {
  const { orderId } = await alpaca.placed();
  for (let count = 0; count < 105; count++) await alpaca.placed({ quantity: d('1') });
  expect(await alpaca.another().order(ACCOUNT, orderId)).toMatchObject({
    filledQuantity: '40',
    executions: [{ quantity: '40' }],
  });
});

it('cancels, keeps what was filled, and is too late when it is over', async () => {
  await alpaca.simulator.market('AAPL', '149.9', '150', { askSize: '15' });
  const { orderId } = await alpaca.placed();
  expect(await alpaca.broker.cancel(ACCOUNT, orderId)).toEqual({ outcome: 'accepted' });
  expect(await alpaca.broker.order(ACCOUNT, orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '15' });
  expect(await alpaca.broker.cancel(ACCOUNT, orderId)).toMatchObject({
    outcome: 'rejected',
    refusal: { code: 'too_late', message: 'order is already in "canceled" state' },
  });
  const unknown = '61e69015-0000-4000-8000-000000000003';
  expect(await alpaca.broker.order(ACCOUNT, unknown)).toBeUndefined();
  expect(await alpaca.broker.cancel(ACCOUNT, unknown)).toMatchObject({ refusal: { code: 'invalid_order' } });
});

it('sees a day order expire, and one rejected after it was taken', async () => {
  const day = await alpaca.placed(lowLimit('100', { timeInForce: 'day' }));
  await alpaca.simulator.fault('late_reject', 'place_entry');
  const late = await alpaca.placed();
  await alpaca.simulator.control('clock', { advanceSeconds: 86_400 });
  expect((await alpaca.broker.order(ACCOUNT, day.orderId))?.status).toBe('expired');
  expect((await alpaca.broker.order(ACCOUNT, late.orderId))?.status).toBe('rejected');
});

it('rounds prices that are finer than a tick: stops away from the market, limits never for the worse', async () => {
  await alpaca.placed();
  const priceOf = async (request: OrderRequest) => {
    const { limitPrice, stopPrice, orderId } = await alpaca.placed(request);
    await alpaca.broker.cancel(ACCOUNT, orderId);
    return { limitPrice, stopPrice };
  };
  expect(await priceOf(sellStop('140.339'))).toEqual({ stopPrice: '140.33' });
  expect(await priceOf(order({ type: 'stop', stopPrice: d('160.331') }))).toEqual({ stopPrice: '160.34' });
  expect(await priceOf(sellStop('140.339', { type: 'stop_limit', limitPrice: d('139.119') }))).toEqual({
    stopPrice: '140.33',
    limitPrice: '139.11',
  });
  expect(await priceOf(lowLimit('100.129'))).toEqual({ limitPrice: '100.12' });
  const target = order({ side: 'sell', type: 'limit', limitPrice: d('170.121') });
  expect(await priceOf(target)).toEqual({ limitPrice: '170.13' });
});

it('never turns a sale of what is gone into a short one', async () => {
  expect(await alpaca.place({ side: 'sell' })).toMatchObject({ outcome: 'rejected', refusal: { code: 'oversold' } });
  expect(await alpaca.ordersAtBroker()).toEqual([]);
});

describe('the account', () => {
  it('is shown with its money and positions', async () => {
    expect(await alpaca.broker.accountSnapshot(ACCOUNT)).toEqual({
      equity: '100000',
      cash: '100000',
      buyingPower: '100000',
    });
    const [name] = await alpaca.broker.accounts(ACCOUNT);
    expect(name).toMatchObject({
      key: expect.stringMatching(/^[0-9a-f-]{36}$/),
      label: expect.stringMatching(/^Alpaca …/),
    });
    await alpaca.placed({ ...assets.crypto, assetClass: 'crypto' });
    await alpaca.placed({ ...assets.option, assetClass: 'option' });
    await alpaca.placed({ side: 'sell_short', quantity: d('3') });
    expect((await alpaca.broker.positions(ACCOUNT)).rows).toEqual(
      expect.arrayContaining([
        { symbol: 'BTC-USD', quantity: '0.009975', averagePrice: '68010' },
        { symbol: OPTION, quantity: '2', averagePrice: '6.5' },
        { symbol: 'AAPL', quantity: '-3', averagePrice: '149.9' },
      ]),
    );
  });

  it('is opened by a token of Connect as well', async () => {
    const redirect = { response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT, state: 's' };
    const query = new URLSearchParams({ ...redirect, scope: 'trading data' });
    const allowed = await alpaca.simulator.call('POST', `/alpaca/oauth/authorize?${query}`, {
      form: { ...LOGIN, decision: 'allow' },
    });
    const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { body } = await alpaca.simulator.call('POST', '/alpaca/oauth/token', {
      form: {
        ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT },
        ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
      },
    });
    const broker = alpaca.another(new TestAccess({ kind: 'bearer', accessToken: body.access_token }));
    expect(await broker.place(ACCOUNT, order())).toMatchObject({ outcome: 'accepted' });
  });

  it('lists more open orders than a page holds, each once', async () => {
    const requests = Array.from({ length: 505 }, () => lowLimit('100', { quantity: d('1') }));
    for (const request of requests) {
      await alpaca.placed(request);
      alpaca.simulator.clock.advance(0.001);
    }
    const listed = (await alpaca.broker.openOrders(ACCOUNT)).rows;
    const ours = listed.filter(({ symbol }) => symbol === 'AAPL');
    expect(ours.map(({ clientOrderId }) => clientOrderId)).toEqual(requests.map((request) => request.clientOrderId));
  });
});

describe('the market', () => {
  it('is quoted in one call for each class, without the symbols that nobody knows', async () => {
    const quotes = await alpaca.broker.quotes(['AAPL', 'BTC-USD', OPTION, 'ZZZZZ'], ACCOUNT);
    expect(quotes).toEqual([
      expect.objectContaining({ symbol: 'AAPL', bid: '149.9', ask: '150', last: '150' }),
      expect.objectContaining({ symbol: OPTION, bid: '6.4', ask: '6.5', last: '6.45' }),
      expect.objectContaining({ symbol: 'BTC-USD', bid: '68000', ask: '68010', at: alpaca.simulator.clock.now() }),
    ]);
    expect((await alpaca.simulator.ledger()).requests).toHaveLength(3);
  });

  it('has a side that is not quoted left out, and an old quote its old time', async () => {
    await alpaca.simulator.fault('quote_missing_field', 'quote');
    expect((await alpaca.broker.quotes(['AAPL'], ACCOUNT))[0]).not.toHaveProperty('bid');
    await alpaca.simulator.fault('quote_stale', 'quote');
    const [stale] = await alpaca.broker.quotes(['AAPL'], ACCOUNT);
    expect(stale?.at).toBe(alpaca.simulator.clock.now() - 60_000);
  });

  it('has candles', async () => {
    const from = alpaca.simulator.clock.now() - 20 * 60_000;
    const range = { from, to: from + 20 * 60_000, timeframe: '5Min' };
    const candles = await alpaca.broker.candles(ACCOUNT, 'AAPL', range);
    expect(candles).toHaveLength(4);
    expect(candles[0]).toMatchObject({ at: from, open: '150', close: '150' });
    expect(await alpaca.broker.candles(ACCOUNT, 'BTC-USD', range)).toHaveLength(4);
  });
});

it('looks at many trades with one call each for orders, positions and prices', async () => {
  await alpaca.placed();
  const stops = [];
  for (let count = 0; count < 4; count++) stops.push(await alpaca.placed(sellStop('140', { quantity: d('10') })));
  const before = (await alpaca.simulator.ledger()).requests.length;
  const broker = alpaca.another();
  const looks = await Promise.all(stops.map(({ orderId }) => broker.look(ACCOUNT, 'AAPL', 'equity', [orderId])));
  expect(looks).toEqual(
    stops.map(({ orderId }) =>
      expect.objectContaining({
        ...{ position: '40', session: 'regular', marketTime: alpaca.simulator.clock.now() },
        quote: expect.objectContaining({ symbol: 'AAPL', bid: '149.9' }),
        orders: [expect.objectContaining({ orderId, status: 'working' })],
      }),
    ),
  );
  expect((await alpaca.simulator.ledger()).requests).toHaveLength(before + 3);
  await alpaca.simulator.market('AAPL', '139', '139.1', { last: '139' });
  const after = await alpaca.another().look(ACCOUNT, 'AAPL', 'equity', [stops[0]?.orderId ?? '']);
  expect(after).toMatchObject({ position: '0', orders: [{ status: 'filled', triggered: true, filledQuantity: '10' }] });
});
