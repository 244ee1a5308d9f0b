import { afterEach, describe, expect, it } from 'vitest';
import { feeOf } from '../../../src/brokers/paper/fees.js';
import { decimal } from '../../../src/domain/decimal.js';
import type { WriteOutcome } from '../../../src/domain/order.js';
import { steadyRows } from '../../support/market-files.js';
import { orderRequest, stopRequest } from '../../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../../support/paper-market.js';

const ACCOUNT = 'paper-test';

let open: PaperMarketForTest | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(...parameters: Parameters<typeof paperMarket>): Promise<PaperMarketForTest> {
  open = await paperMarket(...parameters);
  return open;
}

function acceptedOrder(outcome: WriteOutcome) {
  if (outcome.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.order;
}

const STEADY = { 'equity/AAPL': steadyRows('2013-10-08T13:30', 30, { bid: '149.99', ask: '150.00', last: '150.00' }) };

describe('the life of a position', () => {
  it('a market order fills on the quote at once; its stop triggers while nobody looks, and a look finds it', async () => {
    const rows = steadyRows('2013-10-08T13:30', 10, { bid: '149.99', ask: '150.00', last: '150.00' });
    const fall = [{ minute: '2013-10-08T13:40', bid: '141.90', ask: '141.95', last: '142.00', low: '141.00' }];
    const { broker, goTo } = await start({ 'equity/AAPL': [...rows, ...fall] });

    const entry = acceptedOrder(await broker.place(ACCOUNT, orderRequest()));
    expect(entry).toMatchObject({
      status: 'filled',
      filledQuantity: '10',
      executions: [{ price: '150', quantity: '10' }],
    });
    const stop = acceptedOrder(await broker.place(ACCOUNT, stopRequest('142.50')));
    expect(stop).toMatchObject({ status: 'working', triggered: false, stopPrice: '142.5' });

    await goTo('2013-10-08T13:39');
    const before = await broker.look(ACCOUNT, 'AAPL', 'equity', [stop.orderId], 0);
    expect(before).toMatchObject({ position: '10', session: 'regular', orders: [{ status: 'working' }] });

    await goTo('2013-10-08T13:40');
    const after = await broker.look(ACCOUNT, 'AAPL', 'equity', [stop.orderId, entry.orderId], 0);
    expect(after.position).toBe('0');
    expect(after.quote).toMatchObject({ bid: '141.9', last: '142' });
    expect(after.orders.find((order) => order.orderId === stop.orderId)).toMatchObject({
      status: 'filled',
      triggered: true,
      executions: [{ price: '141.9', quantity: '10', at: after.marketTime }],
    });
    expect((await broker.accountSnapshot(ACCOUNT)).cash).toBe('99919');
  });

  it('fees leave the cash, and each fill says its own', async () => {
    const fee = feeOf({ perShare: '0', perContract: '0.65', coinPercent: '0.6' });
    const coins = steadyRows('2013-10-08T13:30', 30, { bid: '6999.5', ask: '7000.5', last: '7000' });
    const { broker } = await start({ ...STEADY, 'crypto/BTC-USD': coins }, { fee });
    const coin = { symbol: 'BTC-USD', assetClass: 'crypto', quantity: '0.5', timeInForce: 'gtc' } as const;
    const fills = [];
    for (const terms of [coin, { ...coin, side: 'sell' }, {}, { side: 'sell' }] as const)
      fills.push(...acceptedOrder(await broker.place(ACCOUNT, orderRequest(terms))).executions);
    expect(fills.map(({ fee: paid }) => paid)).toEqual(['21', '21', '0', '0']);
    // 100,000, less 0.5 coins bought at 7,000.5 and sold at 6,999.5, ten shares at a cent, and the fees
    expect((await broker.accountSnapshot(ACCOUNT)).cash).toBe('99957.4');
  });

  it('a new account has its opening cash and nothing else', async () => {
    const { broker } = await start(STEADY, { openingCash: '2500' });
    expect(await broker.accountSnapshot('paper-new')).toEqual({ equity: '2500', cash: '2500', buyingPower: '2500' });
    expect((await broker.positions('paper-new')).rows).toEqual([]);
    expect((await broker.openOrders('paper-new')).rows).toEqual([]);
  });
});

describe('repeats and races', () => {
  it('a repeated client order id places nothing and is left to be found', async () => {
    const { broker } = await start(STEADY);
    const request = orderRequest();
    const first = acceptedOrder(await broker.place(ACCOUNT, request));
    expect(await broker.place(ACCOUNT, request)).toMatchObject({ outcome: 'unknown' });
    expect(await broker.find(ACCOUNT, request)).toMatchObject({ orderId: first.orderId, filledQuantity: '10' });
    expect((await broker.positions(ACCOUNT)).rows[0]?.quantity).toBe('10');
  });

  it('twenty identical sends at once make one order', async () => {
    const { broker } = await start(STEADY);
    const request = orderRequest();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => broker.place(ACCOUNT, request)));
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect((await broker.positions(ACCOUNT)).rows[0]?.quantity).toBe('10');
  });

  it('fifty orders at once on one account neither deadlock nor lose cash', async () => {
    const { broker } = await start(STEADY);
    await Promise.all(Array.from({ length: 50 }, () => broker.place(ACCOUNT, orderRequest({ quantity: '2' }))));
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: '85000', equity: '99999' });
  });

  it('of twenty stops for the same ten shares one rests, the others are refused as oversold', async () => {
    const { broker } = await start(STEADY);
    await broker.place(ACCOUNT, orderRequest());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => broker.place(ACCOUNT, stopRequest('140'))));
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    const codes = outcomes.flatMap((outcome) => (outcome.outcome === 'rejected' ? [outcome.refusal.code] : []));
    expect(new Set(codes)).toEqual(new Set(['oversold']));
    expect((await broker.openOrders(ACCOUNT)).rows).toHaveLength(1);
  });
});

describe('cancel and replace', () => {
  it('a cancelled stop frees the holding', async () => {
    const { broker } = await start(STEADY);
    await broker.place(ACCOUNT, orderRequest());
    const stop = acceptedOrder(await broker.place(ACCOUNT, stopRequest('140')));
    expect(await broker.cancel(ACCOUNT, stop.orderId)).toEqual({ outcome: 'accepted' });
    expect(await broker.order(ACCOUNT, stop.orderId)).toMatchObject({ status: 'cancelled' });
    expect(await broker.cancel(ACCOUNT, stop.orderId)).toMatchObject({ refusal: { code: 'too_late' } });
    expect(await broker.cancel(ACCOUNT, '999999')).toMatchObject({ refusal: { code: 'invalid_order' } });
    expect(await broker.place(ACCOUNT, orderRequest({ side: 'sell' }))).toMatchObject({ outcome: 'accepted' });
  });
});

describe('news for those who sleep', () => {
  it('reports each fill once, whoever found it', async () => {
    const fall = { minute: '2013-10-08T13:31', bid: '139', ask: '139.01', last: '139' };
    const { broker, goTo } = await start({
      'equity/AAPL': [{ minute: '2013-10-08T13:30', bid: '149.99', ask: '150', last: '150' }, fall],
    });
    await broker.advanceAll();
    await broker.place(ACCOUNT, orderRequest());
    const stop = acceptedOrder(await broker.place(ACCOUNT, stopRequest('140')));
    await broker.advanceAll();
    await goTo('2013-10-08T13:31');
    (await broker.positions(ACCOUNT)).rows;
    const news = await broker.advanceAll();
    expect(news.map(({ kind }) => kind)).toEqual(['triggered', 'fill']);
    expect(news[1]).toMatchObject({ account: ACCOUNT, orderId: stop.orderId, clientOrderId: stop.clientOrderId });
    expect(await broker.advanceAll()).toEqual([]);
  });
});

describe('the ledger', () => {
  it('shows each order with its events, and what is held', async () => {
    const { broker } = await start(STEADY, { fee: (_, quantity) => quantity.times(decimal('0.01')) });
    const request = orderRequest({ type: 'limit', limitPrice: '150.10' });
    const { orderId, placedAt } = acceptedOrder(await broker.place(ACCOUNT, request));
    const at = new Date(placedAt).toISOString();
    await broker.place('paper-other', orderRequest());
    expect(await broker.ledger(ACCOUNT)).toEqual({
      orders: [
        {
          ...{ broker: 'paper', account: ACCOUNT, orderId, clientOrderId: request.clientOrderId, symbol: 'AAPL' },
          ...{ side: 'buy', type: 'limit', quantity: '10', limitPrice: '150.1', timeInForce: 'day' },
          ...{ status: 'filled', filledQuantity: '10' },
          events: [
            { at, kind: 'accepted', quantity: '10', price: '150.1' },
            { at, kind: 'fill', quantity: '10', price: '150', executionId: `paper-${orderId}-10` },
          ],
        },
      ],
      positions: [{ broker: 'paper', account: ACCOUNT, symbol: 'AAPL', quantity: '10', averagePrice: '150' }],
    });
    expect((await broker.ledger()).orders).toHaveLength(2);
    expect((await broker.accountSnapshot(ACCOUNT)).cash).toBe('98499.9');
  });
});

describe('symbols', () => {
  it('an unknown one is refused, and absent among quotes', async () => {
    const { broker } = await start(STEADY);
    expect(await broker.place(ACCOUNT, orderRequest({ symbol: 'ZZZZ' }))).toMatchObject({
      refusal: { code: 'invalid_symbol' },
    });
    expect(await broker.quotes(['ZZZZ', 'AAPL'])).toMatchObject([{ symbol: 'AAPL', bid: '149.99', ask: '150' }]);
    expect(await broker.look(ACCOUNT, 'ZZZZ', 'equity', ['1', 'no-id'], 0)).toMatchObject({
      orders: [],
      position: '0',
    });
  });
});
