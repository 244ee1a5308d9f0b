import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Body, CLIENT, LOGIN, REDIRECT, TestSimulator } from './simulator-fixture.js';

const API = '/coinbase/api/v3/brokerage';
let simulator: TestSimulator;
let credentials: Record<string, string>;
let bearer: ((method: string, path: string) => string) | undefined;

beforeEach(async () => {
  simulator = await TestSimulator.start();
  ({ credentials } = await simulator.open('coinbase'));
  bearer = undefined;
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
});
afterEach(() => simulator.close());

/** A token as a CDP key signs it for one request. */
function token(method: string, path: string, changes: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'ES256', typ: 'JWT', kid: credentials.keyName, nonce: randomBytes(8).toString('hex') });
  const host = new URL(simulator.url).host;
  const claims = {
    sub: credentials.keyName,
    iss: 'cdp',
    nbf: now,
    exp: now + 120,
    uri: `${method} ${host}${path}`,
    ...changes,
  };
  const signed = `${head}.${part(claims)}`;
  const key = createPrivateKey(credentials.privateKey ?? '');
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function call(method: string, path: string, json?: unknown): Promise<Answer> {
  const [route = ''] = path.split('?');
  const authorization = `Bearer ${bearer?.(method, API + route) ?? token(method, API + route)}`;
  return await simulator.call(method, API + path, { headers: { authorization }, json });
}

let ids = 0;
async function place(configuration: object, more: object = {}): Promise<Answer> {
  ids++;
  const body = { client_order_id: `id-${ids}`, product_id: 'BTC-USD', side: 'BUY', order_configuration: configuration };
  return await call('POST', '/orders', { ...body, ...more });
}
const market = (more: object = { base_size: '0.01' }) => ({ market_market_ioc: more });
const limit = (price: string, size = '0.01') => ({
  limit_limit_gtc: { base_size: size, limit_price: price, post_only: false },
});
const stopLimit = (stop: string, price: string, size = '0.01') => ({
  stop_limit_stop_limit_gtc: {
    base_size: size,
    limit_price: price,
    stop_price: stop,
    stop_direction: 'STOP_DIRECTION_STOP_DOWN',
  },
});
const read = async (id: string) => (await call('GET', `/orders/historical/${id}`)).body.order;
const wallet = async (currency: string) =>
  (await call('GET', '/accounts')).body.accounts.find((account: Body) => account.currency === currency);

describe('API keys', () => {
  it('sign each request, for this host or the real one', async () => {
    const { pathname } = new URL(`${simulator.url}${API}/accounts`);
    bearer = (method) => token(method, pathname, { uri: `${method} api.coinbase.com/api/v3/brokerage/accounts` });
    expect((await call('GET', '/accounts')).status).toBe(200);
    expect((await call('GET', '/key_permissions')).status).toBe(401);
  });

  it.each([
    ['a life that is too long', { exp: Math.floor(Date.now() / 1000) + 600 }],
    ['an end that has passed', { exp: 1_700_000_100, nbf: 1_700_000_000 }],
    ['another request', { uri: 'POST api.coinbase.com/api/v3/brokerage/orders' }],
    ['a query in the address', { uri: 'GET api.coinbase.com/api/v3/brokerage/accounts?limit=1' }],
    ['another key', { sub: 'somebody' }],
  ])('are refused with %s', async (_what, changes) => {
    bearer = (method, path) => token(method, path, changes);
    const refused = await call('GET', '/accounts');
    expect([refused.status, refused.text]).toEqual([401, 'Unauthorized']);
  });

  it('are refused when the signature is not the key’s', async () => {
    bearer = (method, path) => `${token(method, path).slice(0, -4)}AAAA`;
    expect((await call('GET', '/accounts')).status).toBe(401);
  });
});

describe('OAuth', () => {
  // RFC 7636 appendix B
  const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  const SCOPES = 'wallet:accounts:read,wallet:buys:create,wallet:orders:read,offline_access';

  const authorize = (changes: Record<string, string> = {}) => {
    const query = {
      response_type: 'code',
      client_id: CLIENT.clientId,
      redirect_uri: REDIRECT,
      state: '3f9d1c77a2b0',
      scope: SCOPES,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    };
    const address = `/coinbase/oauth2/auth?${new URLSearchParams({ ...query, ...changes })}`;
    return simulator.call('POST', address, { form: { ...LOGIN, decision: 'allow' } });
  };
  const codeOf = async (changes: Record<string, string> = {}) =>
    new URL((await authorize(changes)).headers.get('location') ?? '').searchParams.get('code') ?? '';
  const tokens = (form: Record<string, string>) =>
    simulator.call('POST', '/coinbase/oauth2/token', {
      form: { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, ...form },
    });
  const exchangeCode = (code: string, verifier = VERIFIER) =>
    tokens({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier });
  const refresh = (refreshToken: string) => tokens({ grant_type: 'refresh_token', refresh_token: refreshToken });

  it('asks for PKCE by S256, eight characters of state and the exact redirect', async () => {
    expect(createHash('sha256').update(VERIFIER).digest('base64url')).toBe(CHALLENGE);
    for (const changes of [
      { code_challenge_method: 'plain' },
      { state: 'short' },
      { redirect_uri: `${REDIRECT}/` },
      { client_id: 'who' },
    ]) {
      expect((await authorize(changes)).status).toBe(400);
    }
    expect((await exchangeCode(await codeOf(), 'x'.repeat(43))).body.error).toBe('invalid_grant');
  });

  it('rotates refresh tokens, and ends the family when one comes twice', async () => {
    const code = await codeOf();
    const { body: first } = await exchangeCode(code);
    expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: SCOPES });
    const { body: second } = await refresh(first.refresh_token);
    bearer = () => second.access_token;
    expect((await call('GET', '/accounts')).status).toBe(200);
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await call('GET', '/accounts')).status).toBe(401);
    expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
    const { refreshes } = await simulator.ledger();
    expect(refreshes.map(({ outcome }: Body) => outcome)).toEqual(['refreshed', 'refused', 'refused']);
  });

  it('lets access tokens live an hour, and gives no refresh token without offline_access', async () => {
    const { body } = await exchangeCode(await codeOf({ scope: 'wallet:accounts:read' }));
    expect(body.refresh_token).toBeUndefined();
    bearer = () => body.access_token;
    const refused = await place(market());
    expect([refused.status, refused.body]).toEqual([
      403,
      { error: 'PERMISSION_DENIED', error_details: 'Missing required scopes', message: 'Missing required scopes' },
    ]);
    simulator.clock.advance(3_600);
    expect((await call('GET', '/accounts')).status).toBe(401);
  });

  it('revokes a grant, and shows a form to a person', async () => {
    const { body } = await exchangeCode(await codeOf());
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect(
      (await simulator.call('POST', '/coinbase/oauth2/revoke', { headers, form: { token: body.access_token } })).status,
    ).toBe(200);
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    const page = await simulator.call(
      'GET',
      `/coinbase/oauth2/auth?client_id=${CLIENT.clientId}&code_challenge=${CHALLENGE}&code_challenge_method=S256`,
    );
    expect(page.text).toContain('name="username"');
  });
});

describe('orders', () => {
  it('answer success inside of 200, and are read for what became of them', async () => {
    const { status, body } = await place(limit('68010.00'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      failure_reason: 'UNKNOWN_FAILURE_REASON',
      success_response: { side: 'BUY' },
      order_configuration: limit('68010.00'),
    });
    expect(await read(body.order_id)).toMatchObject({
      status: 'FILLED',
      completion_percentage: '100',
      filled_size: '0.01',
      average_filled_price: '68010',
      filled_value: '680.1',
      total_fees: '2.7204',
      total_value_after_fees: '682.8204',
      order_type: 'LIMIT',
      time_in_force: 'GOOD_UNTIL_CANCELLED',
      number_of_fills: '1',
      trigger_status: 'INVALID_ORDER_TYPE',
    });
    expect((await wallet('BTC')).available_balance.value).toBe('0.01');
  });

  it('that repeat a client id answer the first one’s id and the second one’s fields', async () => {
    const first = await place(limit('60000'), { client_order_id: 'same' });
    const second = await place(market(), { client_order_id: 'same', side: 'SELL' });
    expect(second.body).toMatchObject({
      success: true,
      order_id: first.body.order_id,
      success_response: { side: 'SELL' },
      order_configuration: market(),
    });
    expect((await simulator.ledger()).orders).toHaveLength(1);
    await simulator.fault('duplicate_unlisted', 'place_entry');
    const third = await place(limit('60000'), { client_order_id: 'same' });
    expect(third.body.error_response.error).toBe('DUPLICATE_CLIENT_ORDER_ID');
  });

  it('spend money, in parts and no further than there is', async () => {
    await simulator.market('BTC-USD', '68000', '68010', { askSize: '0.004' });
    const { body } = await place(market({ quote_size: '680.10' }));
    expect(await read(body.order_id)).toMatchObject({
      status: 'CANCELLED',
      filled_size: '0.004',
      size_in_quote: true,
      completion_percentage: '40',
    });
    const { fills } = (await call('GET', `/orders/historical/fills?order_ids=${body.order_id}`)).body;
    expect(fills).toMatchObject([
      { size: '0.004', price: '68010', trade_type: 'FILL', commission: '1.08816', order_id: body.order_id },
    ]);
  });

  it.each([
    [limit('100', '2000'), {}, 'INSUFFICIENT_FUND', 'PREVIEW_INSUFFICIENT_FUND'],
    [market(), { side: 'SELL' }, 'INSUFFICIENT_FUND', 'PREVIEW_INSUFFICIENT_FUND'],
    [market({ quote_size: '10' }), { side: 'SELL' }, 'UNSUPPORTED_ORDER_CONFIGURATION', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [limit('100', '0.000000001'), {}, 'INVALID_SIZE_PRECISION', 'PREVIEW_INVALID_SIZE_PRECISION'],
    [limit('100.001'), {}, 'INVALID_PRICE_PRECISION', 'PREVIEW_INVALID_PRICE_PRECISION'],
    [limit('100', '0.001'), {}, 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL'],
    [market(), { product_id: 'NO-USD' }, 'INVALID_PRODUCT_ID', 'PREVIEW_INVALID_PRODUCT_ID'],
    [
      { limit_limit_gtc: { base_size: '0.01', limit_price: '69000', post_only: true } },
      {},
      'INVALID_LIMIT_PRICE_POST_ONLY',
      'UNKNOWN_PREVIEW_FAILURE_REASON',
    ],
    [
      { trigger_bracket_gtc: { base_size: '0.01', limit_price: '70000', stop_trigger_price: '60000' } },
      {},
      'BRACKET_ORDER_NOT_SUPPORTED',
      'UNKNOWN_PREVIEW_FAILURE_REASON',
    ],
  ])('are refused inside of 200: %j', async (configuration, more, error, preview) => {
    const { status, body } = await place(configuration, more);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: false,
      order_id: '',
      error_response: { error, preview_failure_reason: preview },
      order_configuration: configuration,
    });
  });

  it('are refused with 400 when they are malformed', async () => {
    expect((await place(limit('1'), { max_floor: '1' })).body.message).toContain('unknown field "max_floor"');
    expect((await place({})).body.error).toBe('INVALID_ARGUMENT');
    expect((await place(limit('x'))).status).toBe(400);
    expect((await place(limit('60000'), { client_order_id: '' })).status).toBe(400);
  });

  it('are cancelled one by one, with a result for each', async () => {
    const { body } = await place(limit('60000'));
    const cancel = async (...orderIds: string[]) =>
      (await call('POST', '/orders/batch_cancel', { order_ids: orderIds })).body.results;
    expect(await cancel(body.order_id, 'nobody')).toEqual([
      { success: true, failure_reason: 'UNKNOWN_CANCEL_FAILURE_REASON', order_id: body.order_id },
      { success: false, failure_reason: 'UNKNOWN_CANCEL_ORDER', order_id: 'nobody' },
    ]);
    expect((await read(body.order_id)).status).toBe('CANCELLED');
    expect((await cancel(body.order_id))[0].success).toBe(false);
  });

  it('are edited under their id', async () => {
    const { body } = await place(limit('60000'));
    const edit = async (json: object) => (await call('POST', '/orders/edit', json)).body;
    expect(await edit({ order_id: body.order_id, price: '61000.00', size: '0.02' })).toEqual({
      success: true,
      errors: [],
    });
    expect(await read(body.order_id)).toMatchObject({
      status: 'OPEN',
      order_configuration: { limit_limit_gtc: { base_size: '0.02', limit_price: '61000' } },
    });
    expect(await edit({ order_id: 'nobody', price: '1', size: '1' })).toMatchObject({
      errors: [{ edit_failure_reason: 'ORDER_NOT_FOUND' }],
    });
    await simulator.market('BTC-USD', '60000', '60010');
    expect(await edit({ order_id: body.order_id, price: '1', size: '1' })).toMatchObject({
      success: false,
      errors: [{ edit_failure_reason: 'ORDER_ALREADY_FILLED' }],
    });
  });

  it('are listed by pages, status and time', async () => {
    for (const price of ['60000', '60001', '60002']) await place(limit(price));
    await place(market());
    const page = (await call('GET', '/orders/historical/batch?order_status=OPEN&product_ids=BTC-USD&limit=2')).body;
    expect([page.orders.length, page.has_next, page.cursor]).toEqual([2, true, '2']);
    const next = `/orders/historical/batch?order_status=OPEN&product_ids=BTC-USD&limit=2&cursor=${page.cursor}`;
    const rest = (await call('GET', next)).body;
    expect([rest.orders.length, rest.has_next]).toEqual([1, false]);
    expect((await call('GET', '/orders/historical/batch?order_status=OPEN&order_status=FILLED')).status).toBe(400);
    expect((await call('GET', '/orders/historical/batch?start_date=2026-03-04T00:00:00Z')).body.orders).toEqual([]);
    expect((await call('GET', '/orders/historical/unknown')).body.error).toBe('NOT_FOUND');
  });

  it('are previewed without being placed', async () => {
    const body = { product_id: 'BTC-USD', side: 'BUY', order_configuration: limit('60000') };
    expect((await call('POST', '/orders/preview', body)).body).toMatchObject({ order_total: '602.4', errs: [] });
    const dear = { ...body, order_configuration: limit('60000', '20') };
    expect((await call('POST', '/orders/preview', dear)).body.errs).toEqual(['PREVIEW_INSUFFICIENT_FUND']);
    expect((await simulator.ledger()).orders).toEqual([]);
  });
});

describe('stop-limits', () => {
  beforeEach(async () => {
    await place(market());
  });

  it('hold the coins, trigger at the last trade, and rest when the price jumps past the limit', async () => {
    const { body } = await place(stopLimit('65000', '63700'), { side: 'SELL' });
    expect(await read(body.order_id)).toMatchObject({
      status: 'OPEN',
      trigger_status: 'STOP_PENDING',
      order_type: 'STOP_LIMIT',
    });
    expect(await wallet('BTC')).toMatchObject({ available_balance: { value: '0' }, hold: { value: '0.01' } });
    expect((await place(market(), { side: 'SELL' })).body.error_response.error).toBe('INSUFFICIENT_FUND');
    await simulator.market('BTC-USD', '60000', '60010', { last: '60000' });
    expect(await read(body.order_id)).toMatchObject({
      status: 'OPEN',
      trigger_status: 'STOP_TRIGGERED',
      filled_size: '0',
    });
    await simulator.market('BTC-USD', '63700', '63710');
    expect(await read(body.order_id)).toMatchObject({ status: 'FILLED' });
  });

  it('are refused on the wrong side of the market, of their limit, or for the other side', async () => {
    const refusal = async (configuration: object, more: object = { side: 'SELL' }) =>
      (await place(configuration, more)).body.error_response;
    expect(await refusal(stopLimit('69000', '68000'))).toMatchObject({
      preview_failure_reason: 'PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE',
    });
    expect(await refusal(stopLimit('65000', '66000'))).toMatchObject({
      preview_failure_reason: 'PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE',
    });
    expect(await refusal(stopLimit('65000', '63700'), { side: 'BUY' })).toMatchObject({
      error: 'UNSUPPORTED_ORDER_CONFIGURATION',
    });
  });
});

describe('prices', () => {
  it('come in Coinbase’s forms, with and without a key', async () => {
    const books = (await call('GET', '/best_bid_ask?product_ids=BTC-USD&product_ids=NO-USD')).body.pricebooks;
    expect(books).toMatchObject([{ product_id: 'BTC-USD', bids: [{ price: '68000' }], asks: [{ price: '68010' }] }]);
    expect((await call('GET', '/products/BTC-USD?get_tradability_status=False')).body).toMatchObject({
      price: '68005',
      trading_disabled: false,
    });
    expect((await simulator.call('GET', `${API}/market/products/BTC-USD/ticker?limit=1`)).body).toMatchObject({
      best_bid: '68000',
      trades: [{ price: '68005' }],
    });
    const start = simulator.clock.now() / 1000 - 3600;
    const { candles } = (
      await call('GET', `/products/BTC-USD/candles?start=${start}&end=${start + 3600}&granularity=FIVE_MINUTE`)
    ).body;
    expect(candles).toHaveLength(12);
    expect(Number(candles[0].start)).toBeGreaterThan(Number(candles[1].start));
    expect((await simulator.call('GET', `${API}/time`)).body.epochSeconds).toBe(String(simulator.clock.now() / 1000));
  });
});
