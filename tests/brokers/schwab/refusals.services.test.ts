import { describe, expect, it } from 'vitest';
import { refusalIn } from '../../../src/brokers/schwab/answers.js';
import { refusalOf } from '../../../src/brokers/schwab/refusals.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, atSchwab, held, limitBuy, OPTION, orderRequest, stopSell } from './schwab-fixture.js';

describe('a refusal at Schwab', () => {
  const refused: [code: string, request: OrderRequest][] = [
    ['insufficient_funds', limitBuy('149', { quantity: '1000' })],
    ['invalid_symbol', limitBuy('2', { symbol: 'ZZZZZ' })],
    ['stop_through_market', stopSell('151')],
    ['stop_through_market', orderRequest({ side: 'buy', type: 'stop', stopPrice: '149' })],
    ['oversold', orderRequest({ side: 'sell', quantity: '81' }, 'exit')],
    ['oversold', orderRequest({ side: 'buy_to_cover', quantity: '1' }, 'exit')],
  ];
  it.each(refused)('is known: %s', async (code, request) => {
    const { broker, orderCount } = await atSchwab([held('AAPL', '80')]);
    expect(await broker.place(ACCOUNT, request)).toMatchObject({ outcome: 'rejected', refusal: { code } });
    expect(await orderCount()).toBe(0);
  });

  it('meets a close while a stop rests on the shares', async () => {
    const { broker, accepted } = await atSchwab([held('AAPL', '40')]);
    await accepted(stopSell());
    const exit = orderRequest({ side: 'sell' }, 'exit');
    expect(await broker.place(ACCOUNT, exit)).toMatchObject({ outcome: 'rejected', refusal: { code: 'oversold' } });
  });

  it('is unknown in a text that is not on the list', async () => {
    const { broker, orderCount } = await atSchwab([held('AAPL', '-40')]);
    const outcome = await broker.place(ACCOUNT, limitBuy());
    expect(outcome).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('HTTP 400') });
    expect(await orderCount()).toBe(0);
  });

  it.each([
    ['The stop price must be above the current ask for buy stop orders and below the bid.', 'stop_through_market'],
    ['This order may result in an oversold/overbought position in your account.', 'oversold'],
    ['You do not have enough available cash/buying power for this order.', 'insufficient_funds'],
    ['No trades are currently allowed', 'refused'],
    ['Position_Sys_0001', 'oversold'],
    ['Order_Sys_0002 STOP_ORDERS_NO_GUARANTEE', 'stop_through_market'],
    ['This order can no longer be canceled or replaced.', 'too_late'],
  ])('reads %j', (text, code) => {
    expect(refusalOf(text)).toEqual({ code, message: text });
  });

  it('needs a known text, and a status that says that nothing was done', () => {
    const answer = (status: number, text: string) => ({ status, text, headers: new Headers() });
    const body = '{"message":"Invalid symbol","errors":["Invalid symbol"]}';
    expect(refusalIn(answer(400, body))).toEqual({ code: 'invalid_symbol', message: 'Invalid symbol' });
    expect(
      refusalIn(answer(400, '{"errors":[{"id":"1","status":400,"title":"Bad","detail":"Invalid symbol"}]}')),
    ).toEqual({
      ...{ code: 'invalid_symbol', message: 'Invalid symbol' },
    });
    for (const status of [200, 201, 401, 408, 409, 422, 429, 500, 503]) {
      expect(refusalIn(answer(status, body))).toBeUndefined();
    }
    for (const text of [
      '',
      '<html>Invalid symbol</html>',
      '{"message":"PRICES_CAN_CHANGE_QUICKLY"}',
      '[]',
      '{"message":1}',
    ]) {
      expect(refusalIn(answer(400, text))).toBeUndefined();
    }
  });
});

describe('a price of an option that is off the grid of its class', () => {
  const option = { symbol: OPTION, assetClass: 'option', quantity: '1' } as const;
  const OFF_GRID = /decimal form/;
  /** A class that has left the penny program takes dimes from three dollars on. */
  const withDimes = async () => {
    const at = await atSchwab([held(OPTION, '1')]);
    await at.simulator.market(OPTION, '6.40', '6.50', { increment: '0.1' });
    return at;
  };

  it('of an entry is taken with a 201, and the order reads rejected with the reason', async () => {
    const { simulator, accepted, order, openOrders } = await withDimes();
    const { orderId, status } = await accepted(limitBuy('6.45', option));
    expect(status).toBe('submitted');
    simulator.clock.advance(5);
    expect(await order(orderId)).toMatchObject({
      ...{ status: 'rejected', filledQuantity: '0', executions: [] },
      rejectReason: expect.stringMatching(OFF_GRID),
    });
    expect(await openOrders()).toEqual([]);
  });

  it('of a stop likewise: it protects nothing, and one on the grid rests', async () => {
    const { simulator, accepted, order } = await withDimes();
    const stop = (stopPrice: string) => accepted(stopSell(stopPrice, { ...option, timeInForce: 'day' }));
    const { orderId } = await stop('6.05');
    simulator.clock.advance(5);
    expect(await order(orderId)).toMatchObject({ status: 'rejected', rejectReason: expect.stringMatching(OFF_GRID) });
    const resting = await stop('6.10');
    simulator.clock.advance(5);
    expect(await order(resting.orderId)).toMatchObject({ status: 'working', stopPrice: '6.1' });
  });

  it('that the list of classes does not allow is rejected so, too', async () => {
    const { simulator, byHand, order } = await atSchwab();
    const orderId = await byHand({
      ...{ orderType: 'LIMIT', session: 'NORMAL', duration: 'DAY', price: '6.43', orderStrategyType: 'SINGLE' },
      ...{ complexOrderStrategyType: 'NONE' },
      orderLegCollection: [
        {
          instruction: 'BUY_TO_OPEN',
          quantity: 1,
          instrument: { symbol: 'AAPL  260618C00210000', assetType: 'OPTION' },
        },
      ],
    });
    simulator.clock.advance(5);
    expect(await order(orderId)).toMatchObject({ status: 'rejected', rejectReason: expect.stringMatching(OFF_GRID) });
  });

  it('is never filled, even where the market reaches it before the order is rejected', async () => {
    const { simulator, accepted, order } = await withDimes();
    const { orderId } = await accepted(limitBuy('6.45', option));
    await simulator.market(OPTION, '6.20', '6.30');
    expect(await order(orderId)).toMatchObject({ status: 'submitted', filledQuantity: '0' });
    simulator.clock.advance(5);
    expect(await order(orderId)).toMatchObject({ status: 'rejected', filledQuantity: '0' });
  });
});
