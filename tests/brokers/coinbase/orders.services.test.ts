import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../src/domain/order.js';
import {
  ACCOUNT,
  callsOf,
  entry,
  exit,
  openStage,
  ordersAt,
  resting,
  type Stage,
  stop,
  taken,
  text,
} from './coinbase-fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.close());

const place = (request: OrderRequest) => stage.broker.place(ACCOUNT, request);
const read = async (orderId: string) => await stage.broker.order(ACCOUNT, orderId);

describe('orders that are offered', () => {
  beforeEach(async () => {
    await place(entry({ quantity: text('1') }));
  });

  it.each([
    ['a market purchase', entry(), { type: 'market', side: 'buy', status: 'filled', timeInForce: 'day' }],
    ['a market sale', exit(), { type: 'market', side: 'sell', status: 'filled', timeInForce: 'day' }],
    [
      'a resting purchase',
      resting(),
      { type: 'limit', side: 'buy', status: 'working', limitPrice: '60000', timeInForce: 'gtc' },
    ],
    [
      'a purchase for today',
      resting({ timeInForce: 'day' }),
      { type: 'limit', side: 'buy', status: 'working', timeInForce: 'day' },
    ],
    [
      'a purchase in extended hours, which are all hours',
      resting({ session: 'extended' }),
      { type: 'limit', status: 'working' },
    ],
    [
      'a limit sale',
      exit({ type: 'limit', limitPrice: text('70000'), timeInForce: 'gtc' }),
      { type: 'limit', side: 'sell', status: 'working', limitPrice: '70000' },
    ],
    [
      'a stop below the market',
      stop(),
      {
        type: 'stop_limit',
        side: 'sell',
        status: 'working',
        stopPrice: '65000',
        limitPrice: '61750',
        triggered: false,
      },
    ],
    ['a stop for today', stop({ timeInForce: 'day' }), { type: 'stop_limit', timeInForce: 'day', status: 'working' }],
    [
      'a stop above the market',
      stop({ side: 'buy', stopPrice: text('70000'), limitPrice: text('73500') }),
      { type: 'stop_limit', side: 'buy', stopPrice: '70000', limitPrice: '73500', status: 'working' },
    ],
  ])('%s', async (_what, request, expected) => {
    const order = taken(await place(request));
    const { clientOrderId, symbol, quantity } = request;
    expect(order).toMatchObject({
      clientOrderId,
      symbol,
      quantity,
      placedAt: stage.simulator.clock.now(),
      ...expected,
    });
    expect(await read(order.orderId)).toEqual(order);
    expect((await ordersAt(stage)).at(-1)).toMatchObject({ orderId: order.orderId, clientOrderId, quantity });
  });

  it('ends an order for today at midnight of UTC', async () => {
    const { orderId } = taken(await place(resting({ timeInForce: 'day' })));
    stage.simulator.clock.advance(24 * 3_600);
    expect(await read(orderId)).toMatchObject({ status: 'expired', filledQuantity: '0' });
  });
});

describe('orders that are not offered', () => {
  it.each([
    ['a stop without a limit', stop({ type: 'stop' })],
    ['a trailing stop', stop({ type: 'trailing_stop', trailPercent: text('5') })],
    ['a short sale', entry({ side: 'sell_short' })],
    ['the end of a short', exit({ side: 'buy_to_cover' })],
    ['shares', entry({ symbol: 'AAPL', assetClass: 'equity' })],
    ['options', entry({ symbol: 'AAPL260618C00210000', assetClass: 'option' })],
    ['a market order in extended hours', entry({ session: 'extended' })],
  ])('%s is refused before anything is sent', async (_what, request) => {
    expect(await place(request)).toMatchObject({ outcome: 'rejected', refusal: { code: 'not_offered' } });
    expect((await stage.simulator.ledger()).requests).toEqual([]);
  });

  it.each([
    ['a quantity finer than the increment', entry({ quantity: text('0.000000001') })],
    ['no quantity', entry({ quantity: text('0') })],
    ['a limit order without a limit', entry({ type: 'limit' })],
    ['a stop-limit without a stop', exit({ type: 'stop_limit', limitPrice: text('60000') })],
    ['a price below the smallest', resting({ limitPrice: text('0.001') })],
  ])('%s is no order', async (_what, request) => {
    expect(await place(request)).toMatchObject({ outcome: 'rejected', refusal: { code: 'invalid_order' } });
    expect(await ordersAt(stage)).toEqual([]);
  });
});

describe('prices finer than the tick', () => {
  it.each([
    ['a purchase’s limit goes down', resting({ limitPrice: text('60000.009') }), { limitPrice: '60000' }],
    [
      'a stop of a long and its limit go down',
      stop({ stopPrice: text('65000.009'), limitPrice: text('61750.009') }),
      { stopPrice: '65000', limitPrice: '61750' },
    ],
    [
      'a stop above the market and its limit go up',
      stop({ side: 'buy', stopPrice: text('70000.001'), limitPrice: text('73500.001') }),
      { stopPrice: '70000.01', limitPrice: '73500.01' },
    ],
    [
      'a sale’s limit goes up',
      exit({ type: 'limit', limitPrice: text('70000.001'), timeInForce: 'gtc' }),
      { limitPrice: '70000.01' },
    ],
  ])('%s', async (_what, request, expected) => {
    await place(entry());
    expect(taken(await place(request))).toMatchObject(expected);
  });

  it('of a coin that costs cents are those of its own increment', async () => {
    await stage.simulator.market('DOGE-USD', '0.08011', '0.08013', { last: '0.08012' });
    const dogecoin = { symbol: 'DOGE-USD', quantity: text('100') };
    await place(entry(dogecoin));
    const low = stop({ ...dogecoin, stopPrice: text('0.07611499'), limitPrice: text('0.07230999') });
    expect(taken(await place(low))).toMatchObject({ stopPrice: '0.07611', limitPrice: '0.0723' });
  });
});

describe('refusals', () => {
  it.each([
    ['insufficient_funds', resting({ quantity: text('100') })],
    ['oversold, of an exit', exit()],
    ['oversold, of a stop', stop()],
    ['invalid_symbol', entry({ symbol: 'NONE-USD' })],
    ['invalid_order', resting({ limitPrice: text('60'), quantity: text('0.001') })],
    ['stop_through_market', stop({ side: 'buy', stopPrice: text('60000'), limitPrice: text('63000') })],
  ])('%s', async (what, request) => {
    const [code] = what.split(',');
    expect(await place(request)).toMatchObject({ outcome: 'rejected', refusal: { code } });
    expect(await ordersAt(stage)).toEqual([]);
  });

  it('stop_through_market, of a stop that the market has passed', async () => {
    await place(entry());
    const request = stop({ stopPrice: text('69000'), limitPrice: text('65550') });
    expect(await place(request)).toMatchObject({ outcome: 'rejected', refusal: { code: 'stop_through_market' } });
    expect(await ordersAt(stage)).toHaveLength(1);
  });

  it('invalid_order, of a stop whose limit is on its wrong side', async () => {
    await place(entry());
    const request = stop({ limitPrice: text('66000') });
    expect(await place(request)).toMatchObject({ outcome: 'rejected', refusal: { code: 'invalid_order' } });
  });
});

describe('fills', () => {
  it('come one by one, with Coinbase’s ids, prices and fees', async () => {
    await stage.simulator.market('BTC-USD', '68000', '68010', { askSize: '0.004' });
    const order = taken(await place(resting({ limitPrice: text('68010') })));
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '0.004' });
    expect(order.executions).toMatchObject([{ quantity: '0.004', price: '68010', fee: '1.08816' }]);
    stage.simulator.clock.advance(1);
    await stage.simulator.market('BTC-USD', '68000', '68009', { askSize: '0.006' });
    const after = await read(order.orderId);
    expect(after).toMatchObject({ status: 'filled', filledQuantity: '0.01' });
    expect(after?.executions).toHaveLength(2);
    expect(after?.executions).toEqual(expect.arrayContaining(order.executions));
    const [shown] = await ordersAt(stage);
    const ids = shown.events.flatMap((event: { executionId?: string }) => event.executionId ?? []);
    expect(after?.executions.map(({ executionId }) => executionId).sort()).toEqual(ids.sort());
  });

  it('are kept by a market order that ends with a part of them', async () => {
    await stage.simulator.market('BTC-USD', '68000', '68010', { askSize: '0.004' });
    expect(taken(await place(entry()))).toMatchObject({
      ...{ status: 'cancelled', quantity: '0.01', filledQuantity: '0.004' },
      executions: [{ quantity: '0.004' }],
    });
  });

  it('are all there over many pages', async () => {
    const { orderId } = taken(await place(resting({ quantity: text('1') })));
    const fill = { broker: 'coinbase', orderId, quantity: '0.001', price: '60000' };
    for (let fills = 0; fills < 260; fills++) await stage.simulator.control('fills', fill);
    const order = await read(orderId);
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '0.26' });
    expect(new Set(order?.executions.map(({ executionId }) => executionId)).size).toBe(260);
  });
});

describe('stops', () => {
  it('rest beside the entry that still works', async () => {
    await stage.simulator.market('BTC-USD', '68000', '68010', { askSize: '0.004' });
    const opening = taken(await place(resting({ limitPrice: text('68010') })));
    const closing = taken(await place(stop({ quantity: text('0.004') })));
    const open = (await stage.broker.openOrders(ACCOUNT)).rows;
    expect(open.map(({ orderId, status }) => [orderId, status])).toEqual([
      [closing.orderId, 'working'],
      [opening.orderId, 'partially_filled'],
    ]);
  });

  it('are triggered and unfilled when the market jumps past their limit', async () => {
    await place(entry());
    const { orderId } = taken(await place(stop()));
    await stage.simulator.market('BTC-USD', '60000', '60010', { last: '60000' });
    expect(await read(orderId)).toMatchObject({ status: 'working', triggered: true, filledQuantity: '0' });
    await stage.simulator.market('BTC-USD', '61800', '61810');
    expect(await read(orderId)).toMatchObject({ status: 'filled', triggered: true, executions: [{ price: '61800' }] });
  });
});

describe('cancelling', () => {
  it('is confirmed by a read', async () => {
    const { orderId } = taken(await place(resting()));
    expect(await stage.broker.cancel(ACCOUNT, orderId)).toEqual({ outcome: 'accepted' });
    expect(await read(orderId)).toMatchObject({ status: 'cancelled' });
  });

  it('is too late for what is over, or was never there', async () => {
    const { orderId } = taken(await place(entry()));
    for (const id of [orderId, 'nobody']) {
      expect(await stage.broker.cancel(ACCOUNT, id)).toMatchObject({
        outcome: 'rejected',
        refusal: { code: 'too_late' },
      });
    }
  });

  it('may be asked for twice', async () => {
    await place(entry());
    const { orderId } = taken(await place(stop()));
    await stage.simulator.fault('fill_after_cancel_ack', 'cancel', { count: 1, seconds: 5 });
    for (const _time of [1, 2]) expect(await stage.broker.cancel(ACCOUNT, orderId)).toEqual({ outcome: 'accepted' });
    expect(await read(orderId)).toMatchObject({ status: 'working' });
    stage.simulator.clock.advance(6);
    expect(await read(orderId)).toMatchObject({ status: 'filled', filledQuantity: '0.01' });
  });

  it.each(['cancel_too_late', 'stop_fills_on_cancel'])('loses a race: %s', async (kind) => {
    await place(entry());
    const { orderId } = taken(await place(stop()));
    await stage.simulator.fault(kind, 'cancel');
    expect(await stage.broker.cancel(ACCOUNT, orderId)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'too_late' },
    });
    expect(await read(orderId)).toMatchObject({ status: 'filled' });
  });
});

describe('finding an order by our id', () => {
  const find = (request: OrderRequest) => stage.broker.find(ACCOUNT, request, stage.simulator.clock.now());

  it('sees every state, and no twin of other hands', async () => {
    const bought = entry();
    await place(bought);
    const cancelled = resting();
    await stage.broker.cancel(ACCOUNT, taken(await place(cancelled)).orderId);
    const working = resting();
    await place(working);
    const twin = resting({ clientOrderId: 'somebody-else' });
    await place(twin);
    expect(await find(bought)).toMatchObject({ status: 'filled', executions: [{ quantity: '0.01' }] });
    expect(await find(cancelled)).toMatchObject({ status: 'cancelled', clientOrderId: cancelled.clientOrderId });
    expect(await find(working)).toMatchObject({ status: 'working', clientOrderId: working.clientOrderId });
    expect(await find(resting())).toBeUndefined();
  });

  it('goes through all pages, in spite of a clock that is minutes off', async () => {
    const first = resting({ quantity: text('0.0001') });
    await place(first);
    for (let others = 0; others < 255; others++) await place(resting({ quantity: text('0.0001') }));
    const sentAt = stage.simulator.clock.now() + 4 * 60_000;
    const found = await stage.broker.find(ACCOUNT, first, sentAt);
    expect(found?.clientOrderId).toBe(first.clientOrderId);
    expect(await callsOf(stage, 'list_orders')).toBe(2);
  });
});

it('knows no order of an id that Coinbase does not know', async () => {
  expect(await read('00000000-0000-4000-8000-000000000000')).toBeUndefined();
});
