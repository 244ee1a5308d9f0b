import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSchwab } from '../../src/simulator/schwab/schwab.js';
import { type BrokerServer, startBroker, TUESDAY_11 } from './broker-server.js';

const redirectUri = 'https://127.0.0.1:8443/schwab/callback';
const basic = `Basic ${Buffer.from('app:app-secret').toString('base64')}`;
const ALL_DAY = 'fromEnteredTime=2026-03-03T00:00:00.000Z&toEnteredTime=2026-03-04T00:00:00.000Z';

type Json = Record<string, unknown>;

const authorizeUrl = (url: string, change: Record<string, string> = {}) =>
  `${url}/v1/oauth/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, state: 'state/1', ...change })}`;

function consent(url: string, change: Record<string, string> = {}, query: Record<string, string> = {}) {
  const body = new URLSearchParams({ username: 'anna', password: 'secret', decision: 'allow', ...change });
  return fetch(authorizeUrl(url, query), { method: 'POST', body, redirect: 'manual' });
}

function token(url: string, form: Record<string, string>, headers: Record<string, string> = { authorization: basic }) {
  return fetch(`${url}/v1/oauth/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
}

async function codeOf(url: string, query: Record<string, string> = {}): Promise<string> {
  const answer = await consent(url, {}, query);
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

async function tokensOf(url: string): Promise<Json> {
  const code = await codeOf(url);
  const answer = await token(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Json;
}

interface Client {
  broker: BrokerServer;
  hash: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; headers: Headers }>;
  /** below the account's orders */
  place(body: unknown): Promise<string>;
  order(id: string): Promise<Json>;
}

/** Signed in, and AAPL quoted at 212.30 to 212.40. */
async function signedIn(options = {}): Promise<Client> {
  const broker = await startBroker(createSchwab, [redirectUri], options);
  await broker.setPrices('AAPL', { bid: '212.30', ask: '212.40', last: '212.35' });
  const { access_token } = await tokensOf(broker.url);
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(broker.url + path, { method, headers, body: text, redirect: 'manual' });
    const received = await answer.text();
    return { status: answer.status, body: received === '' ? undefined : JSON.parse(received), headers: answer.headers };
  };
  const [{ hashValue: hash }] = (await call('GET', '/trader/v1/accounts/accountNumbers')).body as [
    { hashValue: string },
  ];
  const place = async (body: unknown) => {
    const placed = await call('POST', `/trader/v1/accounts/${hash}/orders`, body);
    expect({ status: placed.status, body: placed.body }).toEqual({ status: 201, body: undefined });
    return placed.headers.get('location')?.split('/').at(-1) ?? '';
  };
  const order = async (id: string) => (await call('GET', `/trader/v1/accounts/${hash}/orders/${id}`)).body as Json;
  return { broker, hash, call, place, order };
}

const leg = (instruction: string, symbol: string, quantity: number, assetType = 'EQUITY') => ({
  orderLegCollection: [{ instruction, quantity, instrument: { symbol, assetType } }],
});
const single = { session: 'NORMAL', duration: 'DAY', orderStrategyType: 'SINGLE' };
const limitBuy = (price: string, quantity = 40) => ({
  ...single,
  orderType: 'LIMIT',
  price,
  ...leg('BUY', 'AAPL', quantity),
});
const stopSell = (stopPrice: string, quantity: number, symbol = 'AAPL') => ({
  ...{ ...single, orderType: 'STOP', duration: 'GOOD_TILL_CANCEL', stopPrice, ...leg('SELL', symbol, quantity) },
});

describe('signing in at Schwab', () => {
  it('shows a form, and sends a code that ends in @ back to the exact address', async () => {
    const { url } = await startBroker(createSchwab, [redirectUri]);
    const page = await fetch(authorizeUrl(url));
    expect(await page.text()).toContain('name="username"');
    const answer = await consent(url);
    const location = answer.headers.get('location') ?? '';
    expect(answer.status).toBe(302);
    expect(location.startsWith(`${redirectUri}?code=C0.`)).toBe(true);
    expect(location).toContain('%40&session=');
    expect(new URL(location).searchParams.get('state')).toBe('state/1');
  });

  it('reports a no, a wrong password and a wrong redirect address', async () => {
    const { url } = await startBroker(createSchwab, [redirectUri]);
    const denied = await consent(url, { decision: 'deny' });
    expect(new URL(denied.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied');
    expect((await consent(url, { password: 'guess' })).status).toBe(401);
    expect((await consent(url, {}, { redirect_uri: `${redirectUri}/` })).status).toBe(400);
  });

  it('gives tokens for Basic alone, tolerates a client id in the body, and no secret there', async () => {
    const { url } = await startBroker(createSchwab, [redirectUri]);
    const form = async () => ({ grant_type: 'authorization_code', code: await codeOf(url), redirect_uri: redirectUri });
    expect((await token(url, { ...(await form()), client_id: 'app', client_secret: 'app-secret' }, {})).status).toBe(
      401,
    );
    const wrong = `Basic ${Buffer.from('app:guess').toString('base64')}`;
    expect((await token(url, await form(), { authorization: wrong })).status).toBe(401);
    const answer = await token(url, { ...(await form()), client_id: 'app' });
    expect(await answer.json()).toMatchObject({ expires_in: 1800, token_type: 'Bearer', scope: 'api' });
  });

  it('verifies PKCE where the client began it', async () => {
    const { url } = await startBroker(createSchwab, [redirectUri]);
    const verifier = 'v'.repeat(43);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const exchange = async (code_verifier: string) => {
      const code = await codeOf(url, { code_challenge: challenge, code_challenge_method: 'S256' });
      return token(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier });
    };
    expect((await exchange('w'.repeat(43))).status).toBe(400);
    expect((await exchange(verifier)).status).toBe(200);
  });

  it('ends an access token after 30 minutes and a refresh token seven days after the login', async () => {
    const broker = await startBroker(createSchwab, [redirectUri]);
    const { access_token, refresh_token } = await tokensOf(broker.url);
    const read = async (bearer: unknown) => {
      const headers = { authorization: `Bearer ${bearer}` };
      return (await fetch(`${broker.url}/trader/v1/accounts`, { headers })).status;
    };
    expect(await read(access_token)).toBe(200);
    await broker.passSeconds(1_800);
    expect(await read(access_token)).toBe(401);
    const refresh = () => token(broker.url, { grant_type: 'refresh_token', refresh_token: String(refresh_token) });
    const refreshed = (await (await refresh()).json()) as Json;
    expect(refreshed.refresh_token).toBe(refresh_token);
    expect(await read(refreshed.access_token)).toBe(200);
    await broker.passSeconds(7 * 86_400);
    const dead = await refresh();
    expect({ status: dead.status, body: await dead.json() }).toMatchObject({
      status: 400,
      body: { error: 'unsupported_token_type' },
    });
    const outcomes = broker.exchange.records.refreshes.map(({ outcome, account }) => ({ outcome, account }));
    expect(outcomes).toEqual([
      { outcome: 'refreshed', account: broker.account },
      { outcome: 'refused', account: broker.account },
    ]);
  });
});

describe('accounts at Schwab', () => {
  it('are known by a hash, with positions when they are asked for', async () => {
    const { broker, hash, call } = await signedIn();
    expect(hash).toMatch(/^[0-9A-F]{64}$/);
    expect((await call('GET', `/trader/v1/accounts/${broker.account}`)).status).toBe(404);
    const { body } = await call('GET', `/trader/v1/accounts/${hash}?fields=positions`);
    expect(body).toMatchObject({
      securitiesAccount: {
        ...{
          type: 'MARGIN',
          accountNumber: broker.account,
          currentBalances: { cashBalance: 25_000, buyingPower: 25_000 },
        },
        positions: [{ longQuantity: 10, shortQuantity: 0, averagePrice: 400, instrument: { symbol: 'MSFT' } }],
      },
    });
    const plain = await call('GET', '/trader/v1/accounts');
    expect(JSON.stringify(plain.body)).not.toContain('positions');
    expect((await call('GET', '/trader/v1/accounts?fields=positions,orders')).status).toBe(400);
  });

  it('need a bearer, and carry a trace id', async () => {
    const { broker, call } = await signedIn();
    const answer = await fetch(`${broker.url}/trader/v1/accounts`);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 401,
      body: { errors: [{ status: 401 }] },
    });
    const { headers } = await call('GET', '/trader/v1/userPreference');
    expect(headers.get('schwab-client-correlid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('orders at Schwab', () => {
  it('are acknowledged, work, are filled in part, and then wholly', async () => {
    const { broker, place, order } = await signedIn();
    const id = await place(limitBuy('212.00'));
    expect(await order(id)).toMatchObject({
      status: 'PENDING_ACKNOWLEDGEMENT',
      orderId: Number(id),
      quantity: 40,
      price: 212,
    });
    await broker.passSeconds(2);
    expect(await order(id)).toMatchObject({ status: 'WORKING', filledQuantity: 0, cancelable: true });
    await broker.setPrices('AAPL', { bid: '211.80', ask: '211.90', askSize: '15' });
    expect(await order(id)).toMatchObject({
      ...{ status: 'WORKING', filledQuantity: 15, remainingQuantity: 25, accountNumber: Number(broker.account) },
      orderActivityCollection: [
        {
          ...{ activityType: 'EXECUTION', executionType: 'FILL', quantity: 15, orderRemainingQuantity: 25 },
          executionLegs: [{ legId: 1, quantity: 15, price: 211.9, time: '2026-03-03T16:00:02+0000' }],
        },
      ],
    });
    await broker.setPrices('AAPL', { bid: '211.70', ask: '211.80' });
    expect(await order(id)).toMatchObject({
      status: 'FILLED',
      filledQuantity: 40,
      remainingQuantity: 0,
      cancelable: false,
    });
  });

  it('are two when the same body is sent twice', async () => {
    const { hash, call, place } = await signedIn();
    const ids = [await place(limitBuy('200')), await place(limitBuy('200', 20)), await place(limitBuy('200', 20))];
    expect(new Set(ids).size).toBe(3);
    const { body } = await call('GET', `/trader/v1/accounts/${hash}/orders?${ALL_DAY}`);
    expect((body as Json[]).map(({ orderId }) => String(orderId))).toEqual(ids.toReversed());
  });

  it('have their id in a Location at the real host, or none, or a wrong one', async () => {
    const { broker, hash, call } = await signedIn();
    const locationOf = async () =>
      (await call('POST', `/trader/v1/accounts/${hash}/orders`, limitBuy('1', 1))).headers.get('location');
    const base = `https://api.schwabapi.com/trader/v1/accounts/${hash}/orders/`;
    const first = await locationOf();
    expect(first?.startsWith(base)).toBe(true);
    broker.fault({ operation: 'place_entry', kind: 'location_missing' });
    expect(await locationOf()).toBeNull();
    broker.fault({ operation: 'place_entry', kind: 'location_wrong' });
    const [placed] = broker.exchange.orders(broker.account).slice(-1);
    const wrong = await locationOf();
    expect(wrong).toBe(base + placed?.orderId);
  });

  it('rest as stops until the market reaches them, and reserve the shares', async () => {
    const { broker, hash, call, place, order } = await signedIn();
    await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
    const id = await place(stopSell('398.40', 10, 'MSFT'));
    await broker.passSeconds(2);
    expect(await order(id)).toMatchObject({
      status: 'AWAITING_STOP_CONDITION',
      stopPrice: 398.4,
      stopType: 'STANDARD',
      cancelTime: '2026-08-30T16:00:00+0000',
    });
    const sell = { ...single, orderType: 'MARKET', ...leg('SELL', 'MSFT', 10) };
    const refused = await call('POST', `/trader/v1/accounts/${hash}/orders`, sell);
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('oversold/overbought') } });
    await broker.setPrices('MSFT', { bid: '398', ask: '398.10', last: '398' });
    expect(await order(id)).toMatchObject({ status: 'FILLED', filledQuantity: 10 });
  });

  it('are refused with a stop on the wrong side, without the money, and for an unknown symbol', async () => {
    const { broker, hash, call } = await signedIn();
    await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
    const refusal = async (body: unknown) => (await call('POST', `/trader/v1/accounts/${hash}/orders`, body)).body;
    expect(await refusal(stopSell('411', 10, 'MSFT'))).toMatchObject({
      message: expect.stringContaining('below the bid'),
    });
    expect(await refusal(limitBuy('212', 1_000))).toMatchObject({ message: expect.stringContaining('buying power') });
    expect(await refusal({ ...limitBuy('2'), ...leg('BUY', 'ZZZZZ', 1) })).toMatchObject({ message: 'Invalid symbol' });
    expect(await refusal({ ...limitBuy('2'), clientOrderId: 'x' })).toHaveProperty('message');
    broker.fault({ operation: 'place_entry', kind: 'reject' });
    expect(await refusal(limitBuy('2', 1))).toMatchObject({ message: 'No trades are currently allowed' });
  });

  it('may be taken and rejected later', async () => {
    const { broker, place, order } = await signedIn();
    broker.fault({ operation: 'place_entry', kind: 'late_reject' });
    const id = await place(limitBuy('200'));
    expect(await order(id)).toMatchObject({ status: 'PENDING_ACKNOWLEDGEMENT' });
    await broker.passSeconds(5);
    expect(await order(id)).toMatchObject({ status: 'REJECTED', statusDescription: expect.any(String) });
  });

  it('are cancelled once', async () => {
    const { hash, call, place, order } = await signedIn();
    const id = await place(limitBuy('200'));
    const cancel = () => call('DELETE', `/trader/v1/accounts/${hash}/orders/${id}`);
    expect(await cancel()).toMatchObject({ status: 200, body: undefined });
    expect(await order(id)).toMatchObject({ status: 'CANCELED', closeTime: expect.any(String) });
    expect((await cancel()).status).toBe(400);
    expect((await call('DELETE', `/trader/v1/accounts/${hash}/orders/1`)).status).toBe(404);
  });

  it('may still be filled after a cancel was taken', async () => {
    const { broker, hash, call, place, order } = await signedIn();
    const id = await place(limitBuy('212.00'));
    await broker.passSeconds(2);
    broker.fault({ operation: 'cancel', kind: 'fill_after_cancel_ack' });
    await call('DELETE', `/trader/v1/accounts/${hash}/orders/${id}`);
    expect(await order(id)).toMatchObject({ status: 'PENDING_CANCEL', cancelable: false });
    await broker.passSeconds(2);
    expect(await order(id)).toMatchObject({ status: 'FILLED' });
  });

  it('are replaced under a new id', async () => {
    const { hash, call, place, order } = await signedIn();
    const id = await place(limitBuy('200'));
    const replaced = await call('PUT', `/trader/v1/accounts/${hash}/orders/${id}`, limitBuy('201'));
    const newId = replaced.headers.get('location')?.split('/').at(-1) ?? '';
    expect(replaced.status).toBe(201);
    expect(await order(id)).toMatchObject({
      status: 'REPLACED',
      replacingOrderCollection: [{ orderId: Number(newId) }],
    });
    expect(await order(newId)).toMatchObject({ price: 201, quantity: 40 });
    expect((await call('PUT', `/trader/v1/accounts/${hash}/orders/${id}`, limitBuy('202'))).status).toBe(400);
  });

  it('are listed by time, status and number', async () => {
    const { hash, call, place } = await signedIn();
    await place(limitBuy('200', 1));
    const list = (query: string) => call('GET', `/trader/v1/accounts/${hash}/orders?${query}`);
    expect((await list('fromEnteredTime=2026-03-03T00:00:00.000Z')).status).toBe(400);
    const refused = await list('fromEnteredTime=2026-03-03T14:31:07.123456%2B00Z&toEnteredTime=2026-03-04T00:00:00Z');
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('is not a valid value for fromEnteredTime') },
    });
    expect(
      (await list('fromEnteredTime=2026-03-03T16:00:00.0000000Z&toEnteredTime=2026-03-03T16:00:00Z')).body,
    ).toHaveLength(1);
    expect((await list('fromEnteredTime=2026-03-03T16:00:01Z&toEnteredTime=2026-03-03T17:00:00Z')).body).toEqual([]);
    expect((await list(`${ALL_DAY}&status=FILLED`)).body).toEqual([]);
    expect((await list(`${ALL_DAY}&status=PENDING_ACKNOWLEDGEMENT&maxResults=1`)).body).toHaveLength(1);
    expect((await list(`${ALL_DAY}&status=LOST`)).status).toBe(400);
    expect((await call('GET', `/trader/v1/orders?${ALL_DAY}`)).body).toHaveLength(1);
    const longAgo = 'fromEnteredTime=2026-01-01T00:00:00Z&toEnteredTime=2026-03-04T00:00:00Z';
    expect((await list(longAgo)).status).toBe(200);
    expect((await call('GET', `/trader/v1/orders?${longAgo}`)).status).toBe(400);
  });

  it('can hide from the list for a while although they are there', async () => {
    const { broker, hash, call, place } = await signedIn();
    broker.fault({ operation: 'place_entry', kind: 'duplicate_unlisted', seconds: 30 });
    await place(limitBuy('200'));
    const count = async () =>
      ((await call('GET', `/trader/v1/accounts/${hash}/orders?${ALL_DAY}`)).body as Json[]).length;
    expect(await count()).toBe(0);
    await broker.passSeconds(31);
    expect(await count()).toBe(1);
  });

  it('are taken although the answer is lost', async () => {
    const { broker, hash, call } = await signedIn();
    broker.fault({ operation: 'place_entry', kind: 'http_500_after' });
    expect((await call('POST', `/trader/v1/accounts/${hash}/orders`, limitBuy('200'))).status).toBe(500);
    expect((await call('GET', `/trader/v1/accounts/${hash}/orders?${ALL_DAY}`)).body).toHaveLength(1);
  });

  it('are throttled at 120 writes a minute', async () => {
    const { broker, hash, call } = await signedIn({ keepsRateLimits: true });
    const write = () => call('DELETE', `/trader/v1/accounts/${hash}/orders/1`);
    for (let n = 0; n < 120; n++) expect((await write()).status).toBe(404);
    expect((await write()).status).toBe(429);
    await broker.passSeconds(60);
    expect((await write()).status).toBe(404);
  });
});

describe('linked orders at Schwab', () => {
  const exits = (quantity: number) => ({
    orderStrategyType: 'OCO',
    childOrderStrategies: [
      { ...single, orderType: 'LIMIT', duration: 'GOOD_TILL_CANCEL', price: '220', ...leg('SELL', 'AAPL', quantity) },
      stopSell('205', quantity),
    ],
  });

  it('sleep until the entry is filled, and one exit ends the other', async () => {
    const { broker, hash, call, place, order } = await signedIn();
    const bracket = { ...limitBuy('212.00', 5), orderStrategyType: 'TRIGGER', childOrderStrategies: [exits(5)] };
    const id = await place(bracket);
    const statuses = async () => {
      const { childOrderStrategies } = (await order(id)) as {
        childOrderStrategies: [{ childOrderStrategies: Json[] }];
      };
      return childOrderStrategies[0].childOrderStrategies.map(({ status }) => status);
    };
    expect(await statuses()).toEqual(['AWAITING_PARENT_ORDER', 'AWAITING_PARENT_ORDER']);
    await broker.setPrices('AAPL', { bid: '211', ask: '211.10', last: '211' });
    await broker.passSeconds(2);
    expect(await statuses()).toEqual(['WORKING', 'AWAITING_STOP_CONDITION']);
    await broker.setPrices('AAPL', { bid: '204', ask: '204.10', last: '204' });
    expect(await statuses()).toEqual(['CANCELED', 'FILLED']);
    const { body } = await call('GET', `/trader/v1/accounts/${hash}/orders?${ALL_DAY}`);
    expect(body).toHaveLength(1);
  });

  it('may be a pair alone, which is cancelled as one', async () => {
    const { broker, hash, call, place, order } = await signedIn();
    await place(limitBuy('213', 5));
    const id = await place(exits(5));
    await broker.passSeconds(2);
    const legs = async () =>
      ((await order(id)) as { childOrderStrategies: Json[] }).childOrderStrategies.map(({ status }) => status);
    expect(await order(id)).toMatchObject({ orderStrategyType: 'OCO', status: 'WORKING' });
    expect(await legs()).toEqual(['WORKING', 'AWAITING_STOP_CONDITION']);
    expect((await call('DELETE', `/trader/v1/accounts/${hash}/orders/${id}`)).status).toBe(200);
    expect(await legs()).toEqual(['CANCELED', 'CANCELED']);
    expect(await order(id)).toMatchObject({ status: 'CANCELED' });
  });
});

describe('previews at Schwab', () => {
  it('show the value, and in `rejects` what would be refused, without placing anything', async () => {
    const { broker, hash, call } = await signedIn();
    const preview = async (body: unknown) =>
      (await call('POST', `/trader/v1/accounts/${hash}/previewOrder`, body)).body;
    expect(await preview(limitBuy('212.35'))).toMatchObject({
      orderStrategy: { status: 'ACCEPTED', orderBalance: { orderValue: 8494, projectedBuyingPower: 16_506 } },
      orderValidationResult: { rejects: [] },
    });
    expect(await preview(limitBuy('212.35', 1_000))).toMatchObject({
      orderValidationResult: { rejects: [{ validationRuleName: 'Account_Sys_0005', originalSeverity: 'REJECT' }] },
    });
    expect(broker.exchange.orders(broker.account)).toEqual([]);
  });
});

describe('market data at Schwab', () => {
  it('lists unknown symbols beside the quotes, and an option by its padded symbol', async () => {
    const { broker, call } = await signedIn();
    await broker.setPrices('AAPL260618C00210000', { bid: '6.40', ask: '6.50' });
    const { body } = await call(
      'GET',
      '/marketdata/v1/quotes?symbols=AAPL,ZZZZZ,AAPL%20%20260618C00210000&fields=quote,reference',
    );
    expect(body).toMatchObject({
      AAPL: {
        assetMainType: 'EQUITY',
        realtime: true,
        quote: { bidPrice: 212.3, askPrice: 212.4, lastPrice: 212.35, quoteTime: TUESDAY_11 },
      },
      'AAPL  260618C00210000': {
        assetMainType: 'OPTION',
        reference: { contractType: 'C', strikePrice: 210, multiplier: 100 },
      },
      errors: { invalidSymbols: ['ZZZZZ'] },
    });
    expect(await call('GET', '/marketdata/v1/AAPL/quotes')).toMatchObject({ status: 200, body: { AAPL: {} } });
    expect(await call('GET', '/marketdata/v1/ZZZZZ/quotes')).toMatchObject({
      status: 404,
      body: { errors: [{ status: '404' }] },
    });
  });

  it('can be stale or lack a side', async () => {
    const { broker, call } = await signedIn();
    const quote = async () =>
      ((await call('GET', '/marketdata/v1/AAPL/quotes')).body as { AAPL: { quote: Json } }).AAPL.quote;
    broker.fault({ operation: 'quote', kind: 'quote_stale', seconds: 60 });
    expect(await quote()).toMatchObject({ quoteTime: TUESDAY_11 - 60_000 });
    broker.fault({ operation: 'quote', kind: 'quote_missing_field' });
    expect(await quote()).not.toHaveProperty('bidPrice');
  });

  it('has candles of the widths that are asked for', async () => {
    const { call } = await signedIn();
    const history = (query: string) => call('GET', `/marketdata/v1/pricehistory?symbol=AAPL&${query}`);
    const [startDate, endDate] = [TUESDAY_11 - 600_000, TUESDAY_11];
    const { body } = await history(
      `periodType=day&frequencyType=minute&frequency=5&startDate=${startDate}&endDate=${endDate}`,
    );
    expect(body).toMatchObject({
      ...{ symbol: 'AAPL', empty: false },
      candles: [{ datetime: startDate, open: 212.35, close: 212.35 }, { datetime: startDate + 300_000 }],
    });
    for (const query of ['periodType=week', 'frequency=7', 'frequencyType=daily', 'period=6', 'startDate=today']) {
      expect((await history(query)).status).toBe(400);
    }
    expect((await call('GET', '/marketdata/v1/pricehistory?symbol=ZZZZZ')).status).toBe(404);
  });

  it('knows the hours of a day, and that a Sunday has none', async () => {
    const { call } = await signedIn();
    const hours = async (query: string) => (await call('GET', `/marketdata/v1/markets${query}`)).body;
    expect(await hours('?markets=equity,option&date=2026-03-03')).toMatchObject({
      equity: {
        EQ: {
          isOpen: true,
          sessionHours: {
            preMarket: [{ start: '2026-03-03T07:00:00-05:00', end: '2026-03-03T09:30:00-05:00' }],
            regularMarket: [{ start: '2026-03-03T09:30:00-05:00', end: '2026-03-03T16:00:00-05:00' }],
            postMarket: [{ start: '2026-03-03T16:00:00-05:00', end: '2026-03-03T20:00:00-05:00' }],
          },
        },
      },
      option: { EQO: { isOpen: true } },
    });
    expect(await hours('/equity?date=2026-07-06')).toMatchObject({
      equity: { EQ: { sessionHours: { regularMarket: [{ start: '2026-07-06T09:30:00-04:00' }] } } },
    });
    const sunday = await hours('/equity?date=2026-03-01');
    expect(sunday).toMatchObject({ equity: { EQ: { isOpen: false } } });
    expect(JSON.stringify(sunday)).not.toContain('sessionHours');
  });
});
