/** Forms that real accounts show and the documents hardly mention (docs/brokers/wire-forms.md, W1 and W3 to W5). */
import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIENT, LOGIN, REDIRECT, TestSimulator } from './simulator-fixture.js';

type Json = Record<string, unknown>;

/** Signed in at a simulator whose accounts hold what people hold. */
async function signedIn(positions: object[] = []) {
  const simulator = await TestSimulator.start();
  onTestFinished(() => simulator.close());
  await simulator.open('schwab', { positions });
  const query = new URLSearchParams({ response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT });
  const form = { ...LOGIN, decision: 'allow' };
  const consent = await simulator.call('POST', `/schwab/v1/oauth/authorize?${query}`, { form });
  const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const basic = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64');
  const { body: tokens } = await simulator.call('POST', '/schwab/v1/oauth/token', {
    ...{ headers: { authorization: `Basic ${basic}` } },
    form: { grant_type: 'authorization_code', code, redirect_uri: REDIRECT },
  });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const call = (method: string, path: string, json?: object) =>
    simulator.call(method, `/schwab${path}`, { headers, ...(json && { json }) });
  const [{ hashValue }] = (await call('GET', '/trader/v1/accounts/accountNumbers')).body;
  const account = `/trader/v1/accounts/${hashValue}`;
  const place = async (json: object) => {
    const { headers: answered, status, text } = await call('POST', `${account}/orders`, json);
    expect(status, text).toBe(201);
    return answered.get('location')?.split('/').at(-1) ?? '';
  };
  return { simulator, call, account, place };
}

const buy = (symbol: string, change: object = {}) => ({
  ...{ orderType: 'LIMIT', session: 'NORMAL', duration: 'DAY', price: '140.00', orderStrategyType: 'SINGLE' },
  orderLegCollection: [{ instruction: 'BUY', quantity: 40, instrument: { symbol, assetType: 'EQUITY' } }],
  ...change,
});
const DAY = 'fromEnteredTime=2026-03-03T00:00:00.000Z&toEnteredTime=2026-03-04T00:00:00.000Z';

describe('an order that ends at Schwab', () => {
  const end = (quantity: number) => ({
    ...{ activityType: 'EXECUTION', executionType: 'CANCELED', quantity, orderRemainingQuantity: 0 },
    executionLegs: [{ legId: 1, quantity, price: 0, time: expect.any(String) }],
  });

  // jwplatta/schwab_rb, spec/fixtures/orders_with_iron_condor.json: a CANCELED and a REPLACED order
  it('shows the end of what was not filled as an execution at 0', async () => {
    const { simulator, call, account, place } = await signedIn();
    await simulator.market('AAPL', '149.90', '150.00', { last: '149.95' });
    const ids = {
      cancelled: await place(buy('AAPL')),
      replaced: await place(buy('AAPL')),
      working: await place(buy('AAPL')),
    };
    await simulator.control('fills', { broker: 'schwab', orderId: ids.cancelled, quantity: '15', price: '139.5' });
    await call('DELETE', `${account}/orders/${ids.cancelled}`);
    await call('PUT', `${account}/orders/${ids.replaced}`, buy('AAPL', { price: '141.00' }));
    simulator.clock.advance(1_000);
    const order = async (id: string) => (await call('GET', `${account}/orders/${id}`)).body;
    expect(await order(ids.cancelled)).toMatchObject({
      ...{ status: 'CANCELED', filledQuantity: 15 },
      orderActivityCollection: [{ executionType: 'FILL', quantity: 15 }, end(25)],
    });
    expect(await order(ids.replaced)).toMatchObject({ status: 'REPLACED', orderActivityCollection: [end(40)] });
    expect(await order(ids.working)).not.toHaveProperty('orderActivityCollection');
  });
});

describe('shares with a class at Schwab', () => {
  it('are written with a slash, and unknown with a point', async () => {
    const { simulator, call, account, place } = await signedIn([
      { symbol: 'BRK.B', quantity: '5', averagePrice: '400' },
    ]);
    await simulator.market('BRK.B', '480.10', '480.20', { last: '480.15' });
    const quotes = (await call('GET', '/marketdata/v1/quotes?symbols=BRK%2FB,BRK.B')).body;
    expect(quotes).toMatchObject({ 'BRK/B': { symbol: 'BRK/B' }, errors: { invalidSymbols: ['BRK.B'] } });
    expect((await call('GET', '/marketdata/v1/BRK%2FB/quotes')).status).toBe(200);
    expect((await call('GET', '/marketdata/v1/pricehistory?symbol=BRK%2FB')).body).toMatchObject({ symbol: 'BRK/B' });
    expect((await call('GET', '/marketdata/v1/pricehistory?symbol=BRK.B')).status).toBe(404);
    const refused = await call('POST', `${account}/orders`, buy('BRK.B'));
    expect(refused).toMatchObject({ status: 400, body: { message: 'Invalid symbol' } });
    const orderId = await place(buy('BRK/B'));
    const shown = (await call('GET', `${account}/orders/${orderId}`)).body;
    expect(shown).toMatchObject({ orderLegCollection: [{ instrument: { symbol: 'BRK/B' } }] });
    const { positions } = (await call('GET', `${account}?fields=positions`)).body.securitiesAccount;
    expect(positions.map(({ instrument }: Json) => (instrument as Json).symbol)).toContain('BRK/B');
  });
});

describe('an account at Schwab', () => {
  it('lists orders that Arbion never sends, by time, status and id, and nothing can be done with them', async () => {
    const { call, account } = await signedIn();
    const list = async (query: string): Promise<Json[]> => (await call('GET', `${account}/orders?${query}`)).body;
    const orders = await list(DAY);
    const kinds = orders.map((order) => order.complexOrderStrategyType ?? order.orderStrategyType);
    expect(kinds).toEqual(expect.arrayContaining(['VERTICAL', 'OCO', 'NONE']));
    expect(orders.map(({ orderType }) => orderType)).toEqual(
      expect.arrayContaining(['TRAILING_STOP', 'MARKET_ON_CLOSE']),
    );
    expect(await list('fromEnteredTime=2026-03-01T00:00:00.000Z&toEnteredTime=2026-03-02T00:00:00.000Z')).toEqual([]);
    expect(await list(`${DAY}&status=CANCELED`)).toMatchObject([
      { orderActivityCollection: [{ executionType: 'CANCELED' }] },
    ]);
    const [order = {}] = orders;
    expect((await call('GET', `${account}/orders/${order.orderId}`)).body).toEqual(order);
    expect((await call('DELETE', `${account}/orders/${order.orderId}`)).status).toBe(400);
    expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(orders.length);
  });

  it('holds a money market fund and a bond, which count nowhere', async () => {
    const { simulator, call, account } = await signedIn();
    const { securitiesAccount } = (await call('GET', `${account}?fields=positions`)).body;
    const types = securitiesAccount.positions.map(({ instrument }: Json) => (instrument as Json).assetType);
    expect(types).toEqual(['CASH_EQUIVALENT', 'FIXED_INCOME', 'MUTUAL_FUND', 'CASH_EQUIVALENT']);
    expect(securitiesAccount.currentBalances).toMatchObject({ cashBalance: 100_000, equity: 100_000 });
    expect((await call('GET', account)).body.securitiesAccount).not.toHaveProperty('positions');
    expect(await simulator.ledger()).toMatchObject({ orders: [], positions: [] });
  });

  it('answers a path that it does not know in the form of its gateway', async () => {
    const { call } = await signedIn();
    for (const path of ['/trader/v1/nothing', '/marketdata/v1/chains/x/y', '/trader/v2/accounts', '/']) {
      const answer = await call('GET', path);
      expect(answer, path).toMatchObject({ status: 404, body: { errors: [{ status: 404, title: 'Not Found' }] } });
    }
  });
});

// The parameters of "Get all transactions information for a specific account" in Schwab's specification.
it('lists the trades as transactions, and refuses a list without dates or of an unknown type', async () => {
  const { simulator, call, account, place } = await signedIn([{ symbol: 'AAPL', quantity: '10', averagePrice: '200' }]);
  await simulator.market('AAPL', '212.30', '212.40');
  const sale = { instruction: 'SELL', quantity: 4, instrument: { symbol: 'AAPL', assetType: 'EQUITY' } };
  const orderId = await place(buy('AAPL', { price: '212.00', orderLegCollection: [sale] }));
  const list = async (query: string) => (await call('GET', `${account}/transactions?${query}`)).body;
  const span = 'startDate=2026-03-01T00:00:00.000Z&endDate=2026-03-04T00:00:00.000Z';
  const [trade, ...others] = await list(`${span}&types=TRADE,JOURNAL&symbol=AAPL`);
  expect([trade, others]).toMatchObject([{ orderId: Number(orderId), netAmount: 849.2, type: 'TRADE' }, []]);
  expect(trade.transferItems).toMatchObject([{ amount: -4, cost: 849.2, price: 212.3, positionEffect: 'CLOSING' }]);
  expect((await call('GET', `${account}/transactions/${trade.activityId}`)).body).toEqual(trade);
  expect(await list(`${span}&types=DIVIDEND_OR_INTEREST`)).toEqual([]);
  expect(await list('types=TRADE')).toMatchObject({ message: 'startDate is required' });
  expect(await list(`${span}&types=TRADES`)).toMatchObject({ message: "'TRADES' is not a valid value for types" });
  expect((await call('GET', `${account}/transactions/1`)).status).toBe(404);
});
