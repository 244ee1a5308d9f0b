/** What the simulator never says: values that are in no contract, and unrelated orders. */
import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { AT, brokerThatHears, listOf, order } from './canned-broker.js';
import { ACCOUNT, limitBuy, stopSell } from './etrade-fixture.js';

describe('a status that nobody has described', () => {
  it('changes no state: it is reported, and hides no other order', async () => {
    const strange = order(2, { status: 'DO_NOT_EXERCISE' });
    const answers = { '/orders.json': listOf(order(1), strange), '/orders/2.json': listOf(strange) };
    const broker = await brokerThatHears(answers);
    const unavailable = /order 2 has the unknown status DO_NOT_EXERCISE/;
    await expect(broker.order(ACCOUNT, '2')).rejects.toThrow(BrokerUnavailable);
    await expect(broker.order(ACCOUNT, '2')).rejects.toThrow(unavailable);
    expect(await broker.openOrders(ACCOUNT)).toMatchObject({
      ...{ rows: [{ orderId: '1' }], passedOver: [{ orderId: '2', reason: expect.stringMatching(unavailable) }] },
    });
    await expect(broker.find(ACCOUNT, limitBuy('200'), AT, new Set(['1']))).rejects.toThrow(unavailable);
    expect((await broker.look(ACCOUNT, 'AAPL', 'equity', ['1'])).orders).toMatchObject([{ status: 'working' }]);
    await expect(broker.look(ACCOUNT, 'AAPL', 'equity', ['1', '2'])).rejects.toThrow(unavailable);
  });

  it('is not needed for one that is', async () => {
    const half = { orderedQuantity: 40, filledQuantity: 15, averageExecutionPrice: 200 };
    const statuses: [string, object, string][] = [
      ['PARTIAL', half, 'partially_filled'],
      ['INDIVIDUAL_FILLS', half, 'partially_filled'],
      ['CANCEL_REQUESTED', {}, 'working'],
      ['CANCEL_REQUESTED', half, 'partially_filled'],
      ['EXECUTED', { ...half, filledQuantity: 40 }, 'filled'],
      ['EXECUTED', half, 'partially_filled'],
      ['CANCELLED', half, 'cancelled'],
      ['EXPIRED', half, 'expired'],
      ['REJECTED', {}, 'rejected'],
    ];
    for (const [status, instrument, ours] of statuses) {
      const broker = await brokerThatHears({ '/orders/1.json': listOf(order(1, { status }, instrument)) });
      expect(await broker.order(ACCOUNT, '1'), status).toMatchObject({ status: ours });
    }
  });
});

describe('orders of other hands', () => {
  const foreign = [
    { orderId: 5, orderType: 'SPREADS', OrderDetail: [{ status: 'OPEN', Instrument: [{}, {}] }] },
    { orderId: 6, orderType: 'MF', OrderDetail: [{ status: 'OPEN' }] },
    order(7, { priceType: 'MARKET_ON_CLOSE' }),
    order(8, { orderTerm: 'GOOD_TILL_DATE' }),
    order(9, {}, { Product: { symbol: 'VFINX', securityType: 'MF' } }),
  ];

  it('are passed over, whatever they are', async () => {
    const broker = await brokerThatHears({ '/orders.json': listOf(...foreign, order(1)) });
    expect((await broker.openOrders(ACCOUNT)).rows).toMatchObject([{ orderId: '1' }]);
    expect(await broker.find(ACCOUNT, limitBuy('200'), AT, new Set())).toMatchObject({ orderId: '1' });
  });

  it('are reported when they could be ours and cannot be read', async () => {
    const broken = { ...order(3), OrderDetail: [{ status: 'OPEN' }] };
    const broker = await brokerThatHears({ '/orders.json': listOf(order(1), broken) });
    await expect(broker.find(ACCOUNT, limitBuy('200'), AT, new Set())).rejects.toThrow(/order 3 is not as documented/);
    expect((await broker.openOrders(ACCOUNT)).passedOver).toMatchObject([{ orderId: '3' }]);
    expect((await broker.look(ACCOUNT, 'AAPL', 'equity', ['1'])).orders).toMatchObject([{ orderId: '1' }]);
  });

  it('are reported when one of them is asked for', async () => {
    const broker = await brokerThatHears({ '/orders/7.json': listOf(order(7, { priceType: 'MARKET_ON_CLOSE' })) });
    await expect(broker.order(ACCOUNT, '7')).rejects.toThrow(/price type MARKET_ON_CLOSE/);
  });
});

describe('an answer of another form', () => {
  it('is reported, without what it holds', async () => {
    const account = { accountId: 1.5, accountIdKey: 'secret-key' };
    const broker = await brokerThatHears({
      ...{ '/v1/accounts/list.json': { AccountListResponse: { Accounts: [account] } } },
      ...{ '/balance.json': { BalanceResponse: {} }, '/portfolio.json': '[', '/orders/1.json': { Orders: [] } },
      '/v1/market/quote/AAPL.json': { QuoteData: [] },
      '/orders/2.json': listOf(order(2, {}, { filledQuantity: 15 })),
    });
    await expect(broker.accounts(ACCOUNT)).rejects.toThrow(/Accounts/);
    await expect(broker.accounts(ACCOUNT)).rejects.not.toThrow(/secret-key/);
    const reads = [
      broker.accountSnapshot(ACCOUNT),
      broker.positions(ACCOUNT),
      broker.order(ACCOUNT, '1'),
      broker.order(ACCOUNT, '2'),
      broker.quotes(['AAPL'], ACCOUNT),
    ];
    for (const read of reads) await expect(read).rejects.toThrow(BrokerUnavailable);
  });

  it('to a write leaves its outcome unknown', async () => {
    const odd: [unknown, number][] = [
      [{ PlaceOrderResponse: {} }, 200],
      [{ PlaceOrderResponse: { OrderIds: [] } }, 200],
      [{ Error: { code: 4711, message: 'a code that is on no list' } }, 400],
      [{ Error: { code: 100, message: 'The service is not currently available.' } }, 400],
      [{ Error: { code: 101, message: 'timed out' } }, 200],
      ['{}', 400],
      ['<html>gone</html>', 400],
      ['{"PlaceOrderResponse":{"OrderIds":[{"orderId":1}]}}', 404],
    ];
    for (const [body, status] of odd) {
      const broker = await brokerThatHears({ '/orders/place.json': body, '/orders/cancel.json': body }, status);
      const outcome = await broker.place(ACCOUNT, limitBuy('200'), '1');
      expect(outcome, JSON.stringify(body)).toMatchObject({ outcome: 'unknown' });
      expect(await broker.cancel(ACCOUNT, '1')).toMatchObject({ outcome: 'unknown' });
    }
    const silent = await brokerThatHears({});
    expect(await silent.place(ACCOUNT, limitBuy('200'), '1')).toMatchObject({ outcome: 'unknown' });
  });

  it('to a preview is no order', async () => {
    const notPlaced: [unknown, number][] = [
      [{ PreviewOrderResponse: {} }, 200],
      [{ Error: { code: 102, message: 'Please enter valid Account Key' } }, 400],
      [{ Error: { code: 100, message: 'The service is not currently available.' } }, 400],
      ['{', 200],
    ];
    for (const [body, status] of notPlaced) {
      const broker = await brokerThatHears({ '/orders/preview.json': body }, status);
      expect(await broker.prepare(ACCOUNT, stopSell('100'))).toMatchObject({ outcome: 'not_placed' });
    }
    const words: [number, string, string][] = [
      [1021, 'We cannot accept this order because there are insufficient funds in your account.', 'insufficient_funds'],
      [1037, 'any', 'oversold'],
      [4711, 'Trading in this security is halted.', 'halted'],
      [4711, 'The market is closed.', 'market_closed'],
      [4711, 'Your stop price must be lower than the bid.', 'stop_through_market'],
      [4711, 'anything else', 'refused'],
    ];
    for (const [code, message, ours] of words) {
      const broker = await brokerThatHears({ '/orders/preview.json': { Error: { code, message } } }, 400);
      const refusal = { code: ours, message };
      expect(await broker.prepare(ACCOUNT, limitBuy('200'))).toEqual({ outcome: 'rejected', refusal });
    }
  });

  it('that wants fewer calls is understood as a page and as an error', async () => {
    const words = 'Number of requests exceeded the rate limit set';
    for (const body of [`<html><body><h1>${words}</h1></body></html>`, { Error: { message: words } }]) {
      const broker = await brokerThatHears({ '/orders/place.json': body }, 400);
      expect(await broker.place(ACCOUNT, limitBuy('200'), '1')).toMatchObject({
        ...{ outcome: 'not_placed', retryAfterMs: 2_000 },
      });
    }
  });
});
