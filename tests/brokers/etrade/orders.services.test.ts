import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, amount, CALL, EtradeWorld, limitBuy, marketBuy, marketSell, stopSell } from './etrade-fixture.js';

let world: EtradeWorld;
beforeEach(async () => {
  world = await EtradeWorld.start();
});
afterEach(() => world.close());

const anOption = { symbol: CALL, assetClass: 'option', quantity: amount('2') } as const;
const short = { symbol: 'AAPL', side: 'sell_short' } as const;

/** What rests, by price types that are offered; every one of them is away from the market. */
const RESTING: [string, OrderRequest][] = [
  ['limit to buy', limitBuy('200')],
  ['limit to buy until cancelled', limitBuy('200', { timeInForce: 'gtc' })],
  ['limit to buy in extended hours', limitBuy('200', { session: 'extended' })],
  ['limit to sell', limitBuy('450.50', { symbol: 'MSFT', side: 'sell' })],
  ['limit to sell short', limitBuy('250', short)],
  ['stop to sell', stopSell('398.40')],
  ['stop-limit to sell', stopSell('398.40', { type: 'stop_limit', limitPrice: amount('396') })],
  ['stop to buy', stopSell('230', { symbol: 'AAPL', side: 'buy' })],
  ['limit to buy a call', limitBuy('5.25', anOption)],
  ['limit to sell a call', limitBuy('9', { ...anOption, side: 'sell' })],
  ['stop to sell a call', stopSell('4.10', { ...anOption, side: 'sell' })],
  [
    'stop-limit to sell a call',
    stopSell('4.10', { ...anOption, side: 'sell', type: 'stop_limit', limitPrice: amount('4') }),
  ],
];

describe('an order at E*TRADE', () => {
  it.each(RESTING)('rests: %s', async (_name, request) => {
    const outcome = await world.send(request);
    const { clientOrderId, assetClass: _class, session: _session, ...terms } = request;
    expect(outcome).toMatchObject({
      outcome: 'accepted',
      order: { ...terms, clientOrderId, status: 'submitted', filledQuantity: '0', placedAt: world.now },
    });
    const [recorded, ...others] = await world.ledger();
    expect(others).toEqual([]);
    expect(recorded).toMatchObject(terms);
    const order = await world.order(recorded?.orderId ?? '');
    expect(order).toEqual({
      ...terms,
      ...{ orderId: recorded?.orderId, status: 'working', filledQuantity: '0', triggered: false },
      ...{ executions: [], placedAt: world.now },
    });
  });

  it.each([
    ['to buy', marketBuy(), '212.4'],
    ['to sell', marketSell(), '410'],
    ['to sell short', marketBuy(short), '212.3'],
    ['to buy calls', marketBuy(anOption), '6.5'],
    ['to sell calls', marketSell({ ...anOption, side: 'sell' }), '6.4'],
  ])('at the market is filled at once: %s', async (_name, request, price) => {
    const order = await world.placed(request);
    const { quantity, side, symbol } = request;
    expect(order).toMatchObject({ status: 'filled', symbol, side, filledQuantity: quantity, executions: [] });
    expect(order.fillsInTotal).toEqual({
      ...{ executionId: `${order.orderId}-${quantity}`, quantity, price, fee: '0', at: world.now },
    });
  });

  it('covers a short position', async () => {
    await world.placed(marketBuy(short));
    expect((await world.broker.positions(ACCOUNT)).rows).toContainEqual({
      ...{ symbol: 'AAPL', quantity: '-40', averagePrice: '212.3' },
    });
    const stop = await world.placed(stopSell('230', { symbol: 'AAPL', side: 'buy_to_cover' }));
    expect(stop).toMatchObject({ side: 'buy_to_cover', type: 'stop', stopPrice: '230', status: 'working' });
  });

  it('trails by a percentage, and shows no stop price that would be one', async () => {
    const trail = stopSell('1', { type: 'trailing_stop', trailPercent: amount('5') });
    delete trail.stopPrice;
    const order = await world.placed(trail);
    expect(order).toMatchObject({ type: 'trailing_stop', status: 'working' });
    expect(order.stopPrice).toBeUndefined();
    expect(await world.ledger()).toMatchObject([{ type: 'trailing_stop', stopPrice: '389.5' }]);
  });

  it('reports cumulative fills with their average', async () => {
    await world.simulator.market('AAPL', '211.80', '211.90', { askSize: '15' });
    const order = await world.placed(limitBuy('212'));
    const first = { executionId: `${order.orderId}-15`, quantity: '15', price: '211.9', fee: '0', at: world.now };
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '15', fillsInTotal: first });
    expect(await world.order(order.orderId)).toEqual(order);
    world.simulator.clock.advance(5);
    await world.simulator.market('AAPL', '211.60', '211.70');
    expect(await world.order(order.orderId)).toMatchObject({
      ...{ status: 'filled', filledQuantity: '40' },
      fillsInTotal: { executionId: `${order.orderId}-40`, quantity: '40', price: '211.775', at: world.now },
    });
  });

  it('that is a stop triggers, and says so when it is filled', async () => {
    const stop = await world.placed(stopSell('398.40'));
    await world.simulator.market('MSFT', '398.00', '398.10', { last: '398.00', bidSize: '10' });
    expect(await world.order(stop.orderId)).toMatchObject({
      ...{ status: 'partially_filled', triggered: true, filledQuantity: '10' },
    });
  });

  it('keeps its fills when it is cancelled', async () => {
    await world.simulator.market('AAPL', '211.80', '211.90', { askSize: '15' });
    const order = await world.placed(limitBuy('212'));
    expect(await world.broker.cancel(ACCOUNT, order.orderId)).toEqual({ outcome: 'accepted' });
    expect(await world.order(order.orderId)).toMatchObject({
      ...{ status: 'cancelled', filledQuantity: '15', fillsInTotal: { quantity: '15', price: '211.9' } },
    });
  });

  it('expires with its day', async () => {
    const order = await world.placed(limitBuy('200'));
    await world.simulator.control('clock', { advanceSeconds: 6 * 3_600 });
    expect(await world.order(order.orderId)).toMatchObject({ status: 'expired' });
  });

  it('can be rejected late', async () => {
    await world.fault('late_reject', 'place_entry', { seconds: 1 });
    const order = await world.placed(limitBuy('200'));
    expect(order.status).toBe('working');
    world.simulator.clock.advance(2);
    expect(await world.order(order.orderId)).toMatchObject({ status: 'rejected', rejectReason: expect.any(String) });
  });

  it('keeps to the tick: a sell stop down, a buy stop up, a limit never worse', async () => {
    await world.send(stopSell('398.409'));
    await world.send(stopSell('230.001', { symbol: 'AAPL', side: 'buy' }));
    await world.send(limitBuy('200.019', { quantity: amount('1') }));
    expect(await world.ledger()).toMatchObject([
      { stopPrice: '398.4' },
      { stopPrice: '230.01' },
      { limitPrice: '200.01' },
    ]);
  });

  it('is unknown under another id', async () => {
    expect(await world.broker.order(ACCOUNT, '99999')).toBeUndefined();
  });
});

describe('what is refused before it is sent', () => {
  it.each([
    ['crypto', marketBuy({ symbol: 'BTC-USD', assetClass: 'crypto' })],
    ['a trail on an option', stopSell('1', { ...anOption, type: 'trailing_stop', trailPercent: amount('5') })],
    ['a trail with a start of its own', stopSell('390', { type: 'trailing_stop', trailPercent: amount('5') })],
    ['a market order in extended hours', marketBuy({ session: 'extended' })],
    ['a stop in extended hours', stopSell('390', { session: 'extended' })],
    ['an option in extended hours', limitBuy('5', { ...anOption, session: 'extended' })],
    ['a part of a share', marketBuy({ quantity: amount('0.5') })],
  ])('%s', async (_name, request) => {
    const before = (await world.simulator.ledger()).requests.length;
    expect(await world.broker.prepare(ACCOUNT, request)).toMatchObject({
      ...{ outcome: 'rejected', refusal: { code: 'not_offered' } },
    });
    expect((await world.simulator.ledger()).requests).toHaveLength(before);
  });
});

describe('what E*TRADE refuses', () => {
  it.each([
    ['without the money', limitBuy('212', { quantity: amount('1000') }), 'insufficient_funds'],
    ['of nobody', limitBuy('5', { symbol: 'ZZZZZ' }), 'invalid_symbol'],
    ['over the holding', stopSell('398.40', { quantity: amount('101') }), 'oversold'],
    ['of what is not held', stopSell('200', { symbol: 'AAPL' }), 'oversold'],
    ['through the market', stopSell('411'), 'stop_through_market'],
  ])('is refused at the preview: %s', async (_name, request, code) => {
    expect(await world.broker.prepare(ACCOUNT, request)).toMatchObject({ outcome: 'rejected', refusal: { code } });
    expect(await world.ledger()).toEqual([]);
  });

  it('is refused at the place when the world has changed since the preview', async () => {
    const [funds, shares, stop] = [limitBuy('212', { quantity: amount('400') }), stopSell('390'), stopSell('405')];
    const rest = stopSell('380', { quantity: amount('70') });
    const tokens = [await world.prepared(funds), await world.prepared(shares), await world.prepared(stop)];
    await world.placed(limitBuy('212', { quantity: amount('100') }));
    await world.placed(rest);
    const place = (index: number, request: OrderRequest) => world.broker.place(ACCOUNT, request, tokens[index]);
    expect(await place(0, funds)).toMatchObject({ outcome: 'rejected', refusal: { code: 'insufficient_funds' } });
    expect(await place(1, shares)).toMatchObject({ outcome: 'rejected', refusal: { code: 'oversold' } });
    const [last] = (await world.ledger()).slice(-1);
    await world.broker.cancel(ACCOUNT, last?.orderId ?? '');
    await world.simulator.market('MSFT', '404.00', '404.10', { last: '404.00' });
    expect(await place(2, stop)).toMatchObject({ outcome: 'rejected', refusal: { code: 'stop_through_market' } });
    expect(await world.ledger()).toHaveLength(2);
  });

  it('does not say of a preview that has timed out, or was used, whether there is an order', async () => {
    const request = limitBuy('200');
    const token = await world.prepared(request);
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'accepted' });
    expect(await world.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
    const late = limitBuy('201');
    const stale = await world.prepared(late);
    world.simulator.clock.advance(180);
    expect(await world.broker.place(ACCOUNT, late, stale)).toMatchObject({
      ...{ outcome: 'unknown', detail: expect.stringContaining('101') },
    });
    expect(await world.ledger()).toHaveLength(1);
  });

  it('takes no order without a preview, and none with that of a change', async () => {
    const request = limitBuy('200');
    await expect(world.broker.place(ACCOUNT, request)).rejects.toThrow(RangeError);
    await expect(world.broker.place(ACCOUNT, request, '168321663200/527')).rejects.toThrow(RangeError);
    expect(await world.ledger()).toEqual([]);
  });
});
