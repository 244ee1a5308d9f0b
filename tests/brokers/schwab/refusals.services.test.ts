import { describe, expect, it } from 'vitest';
import { refusalIn } from '../../../src/brokers/schwab/answers.js';
import { refusalOf } from '../../../src/brokers/schwab/refusals.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { ACCOUNT, atSchwab, held, limitBuy, orderRequest, stopSell } from './schwab-fixture.js';

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
