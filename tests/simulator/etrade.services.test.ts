import { describe, expect, it } from 'vitest';
import { createEtrade } from '../../src/simulator/etrade/etrade.js';
import { parseXml } from '../../src/simulator/etrade/xml.js';
import {
  type Parameter,
  percentEncode,
  type Secrets,
  signatureOf,
} from '../../src/simulator/oauth/oauth1-signature.js';
import { type BrokerServer, startBroker, TUESDAY_11 } from './broker-server.js';

type Json = Record<string, unknown>;
interface Token {
  token: string;
  secret: string;
}

let nonces = 0;

/** A request of our own making, signed as the wire contract says. `at` is the client's clock. */
function send(url: string, { token, method = 'GET', at = TUESDAY_11, body, extra = {}, headers = {} }: Sending = {}) {
  const oauth = {
    ...{ oauth_consumer_key: 'app', oauth_signature_method: 'HMAC-SHA1', oauth_version: '1.0' },
    ...{ oauth_nonce: `nonce${nonces++}`, oauth_timestamp: String(Math.floor(at / 1_000)) },
    ...(token && { oauth_token: token.token }),
    ...extra,
  };
  const parameters: Parameter[] = [...Object.entries(oauth), ...new URL(url).searchParams];
  const secrets: Secrets = { consumerSecret: 'app-secret', tokenSecret: token?.secret ?? '' };
  const signed = { ...oauth, oauth_signature: signatureOf({ method, url, parameters }, secrets) };
  const fields = Object.entries(signed).map(([name, value]) => `${name}="${percentEncode(value)}"`);
  const authorization = `OAuth realm="",${fields.join(',')}`;
  return fetch(url, { method, body: body ?? null, redirect: 'manual', headers: { authorization, ...headers } });
}

interface Sending {
  token?: Token;
  method?: string;
  at?: number;
  body?: string;
  extra?: Record<string, string>;
  headers?: Record<string, string>;
}

async function pairOf(answer: Response): Promise<Token> {
  const form = new URLSearchParams(await answer.text());
  return { token: form.get('oauth_token') ?? '', secret: form.get('oauth_token_secret') ?? '' };
}

const authorizePage = (url: string, token: string) => `${url}/e/t/etws/authorize?key=app&token=${token}`;

function consent(url: string, token: string, decision = 'allow') {
  const body = new URLSearchParams({ username: 'anna', password: 'secret', decision });
  return fetch(authorizePage(url, token), { method: 'POST', body, redirect: 'manual' });
}

async function login(url: string, at = TUESDAY_11): Promise<Token> {
  const request = await pairOf(await send(`${url}/oauth/request_token`, { extra: { oauth_callback: 'oob' }, at }));
  const page = await (await consent(url, request.token)).text();
  const verifier = /id="notice">([A-Z2-9]{5})</.exec(page)?.[1] ?? '';
  const extra = { oauth_verifier: verifier };
  return pairOf(await send(`${url}/oauth/access_token`, { token: request, method: 'POST', extra, at }));
}

interface Client {
  broker: BrokerServer;
  token: Token;
  accountUrl: string;
  read(path: string): Promise<{ status: number; body: Json | undefined }>;
  write(method: string, path: string, body: Json): Promise<{ status: number; body: Json | undefined }>;
  /** previews and places; the order's id */
  order(fields: Json, id?: string): Promise<number>;
}

/** Signed in, and AAPL quoted at 212.30 to 212.40. */
async function signedIn(options = {}): Promise<Client> {
  const wall = () => TUESDAY_11;
  const broker = await startBroker((simulator) => createEtrade(simulator, { wall }), [], options);
  await broker.setPrices('AAPL', { bid: '212.30', ask: '212.40', last: '212.35' });
  const token = await login(broker.url);
  const accounts = (await (await send(`${broker.url}/v1/accounts/list.json`, { token })).json()) as AccountList;
  const [account] = accounts.AccountListResponse.Accounts.Account;
  const accountUrl = `${broker.url}/v1/accounts/${account.accountIdKey}`;
  const write = async (method: string, path: string, body?: Json) => {
    const text =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await send(accountUrl + path, { token, method, ...text });
    const received = await answer.text();
    return { status: answer.status, body: received === '' ? undefined : (JSON.parse(received) as Json) };
  };
  const order = async (fields: Json, id = `C${nonces}`) => {
    const preview = await write('POST', '/orders/preview.json', previewOf(fields, id));
    const place = placeOf(fields, id, previewIdOf(preview.body));
    const placed = await write('POST', '/orders/place.json', place);
    expect(placed.status, JSON.stringify(placed.body)).toBe(200);
    return (placed.body as unknown as PlaceAnswer).PlaceOrderResponse.OrderIds[0].orderId;
  };
  return { ...{ broker, token, accountUrl }, read: (path) => write('GET', path), write, order };
}

interface AccountList {
  AccountListResponse: { Accounts: { Account: [{ accountId: string; accountIdKey: string }] } };
}
interface PlaceAnswer {
  PlaceOrderResponse: { OrderIds: [{ orderId: number }] };
}

function previewIdOf(body: Json | undefined): number {
  const { PreviewOrderResponse } = body as { PreviewOrderResponse: { PreviewIds: [{ previewId: number }] } };
  return PreviewOrderResponse.PreviewIds[0].previewId;
}

const limitBuy = (limitPrice: string, quantity = '40') => ({
  ...{ allOrNone: 'false', priceType: 'LIMIT', orderTerm: 'GOOD_FOR_DAY', marketSession: 'REGULAR', limitPrice },
  ...instrument('BUY', quantity),
});
const stopSell = (stopPrice: string, quantity: string, symbol = 'AAPL') => ({
  ...{ allOrNone: 'false', priceType: 'STOP', orderTerm: 'GOOD_UNTIL_CANCEL', marketSession: 'REGULAR', stopPrice },
  ...instrument('SELL', quantity, symbol),
});
function instrument(orderAction: string, quantity: string, symbol = 'AAPL') {
  const Product = { securityType: 'EQ', symbol };
  return { Instrument: [{ Product, orderAction, quantityType: 'QUANTITY', quantity }] };
}

const previewOf = (order: Json, clientOrderId: string) => ({
  PreviewOrderRequest: { orderType: 'EQ', clientOrderId, Order: [order] },
});
const placeOf = (order: Json, clientOrderId: string, previewId: number) => ({
  PlaceOrderRequest: { orderType: 'EQ', clientOrderId, PreviewIds: [{ previewId }], Order: [order] },
});

/** The detail and the instrument of the only order in an answer. */
function detailOf(body: Json | undefined): { id: unknown; detail: Json; line: Json } {
  const { Order } = (body as { OrdersResponse: { Order: [{ orderId: number; OrderDetail: [Json] }] } }).OrdersResponse;
  const [detail] = Order[0].OrderDetail;
  return { id: Order[0].orderId, detail, line: (detail as { Instrument: [Json] }).Instrument[0] };
}

describe('signing in at E*TRADE', () => {
  it('shows a form, and then a verifier to type over', async () => {
    const { broker } = await signedIn();
    const request = await pairOf(await send(`${broker.url}/oauth/request_token`, { extra: { oauth_callback: 'oob' } }));
    const page = await fetch(authorizePage(broker.url, request.token));
    expect(await page.text()).toContain('name="username"');
    const answer = await consent(broker.url, encodeURIComponent(request.token));
    expect(await answer.text()).toMatch(/id="notice">[A-Z2-9]{5}</);
  });

  it('sends the verifier to a registered callback', async () => {
    const callback = 'https://127.0.0.1:8443/etrade/callback';
    const broker = await startBroker((simulator) => createEtrade(simulator, { wall: () => TUESDAY_11 }), [callback]);
    const request = await pairOf(await send(`${broker.url}/oauth/request_token`, { extra: { oauth_callback: 'oob' } }));
    const location = new URL((await consent(broker.url, request.token)).headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(callback);
    expect(location.searchParams.get('oauth_token')).toBe(request.token);
    expect(location.searchParams.get('oauth_verifier')).toMatch(/^[A-Z2-9]{5}$/);
  });

  it('ends when the user declines', async () => {
    const { broker } = await signedIn();
    const request = await pairOf(await send(`${broker.url}/oauth/request_token`, { extra: { oauth_callback: 'oob' } }));
    await consent(broker.url, request.token, 'deny');
    expect((await fetch(authorizePage(broker.url, request.token))).status).toBe(400);
  });

  it('takes OAuth parameters in the query too', async () => {
    const { broker } = await signedIn();
    const url = `${broker.url}/oauth/request_token`;
    const oauth = {
      ...{ oauth_consumer_key: 'app', oauth_nonce: `nonce${nonces++}`, oauth_signature_method: 'HMAC-SHA1' },
      ...{ oauth_timestamp: String(TUESDAY_11 / 1_000), oauth_callback: 'oob', format: 'json' },
    };
    const message = { method: 'GET', url, parameters: Object.entries(oauth) };
    const oauth_signature = signatureOf(message, { consumerSecret: 'app-secret', tokenSecret: '' });
    const answer = await fetch(`${url}?${new URLSearchParams({ ...oauth, oauth_signature })}`);
    expect(await answer.text()).toMatch(
      /^oauth_token=[^&]*%2F[^&]*&oauth_token_secret=.*&oauth_callback_confirmed=true$/,
    );
  });

  it('renews a token that sleeps, by a text, and revokes it', async () => {
    const { broker, token } = await signedIn();
    const read = async () => (await send(`${broker.url}/v1/accounts/list.json`, { token })).status;
    await broker.passSeconds(2 * 3_600);
    expect(await read()).toBe(401);
    const renewed = await send(`${broker.url}/oauth/renew_access_token`, { token });
    expect(await renewed.text()).toBe('Access Token has been renewed');
    expect(await read()).toBe(200);
    expect(broker.exchange.records.refreshes).toMatchObject([
      { broker: 'etrade', account: broker.account, outcome: 'refreshed' },
    ]);
    expect((await send(`${broker.url}/oauth/revoke_access_token`, { token })).status).toBe(200);
    expect(await read()).toBe(401);
  });

  it('lasts until midnight in New York', async () => {
    const { broker, token } = await signedIn();
    for (let hour = 11; hour < 24; hour++) {
      expect((await send(`${broker.url}/v1/accounts/list.json`, { token })).status).toBe(200);
      await broker.passSeconds(3_600);
    }
    const answer = await send(`${broker.url}/v1/accounts/list.json`, { token });
    expect(await answer.json()).toEqual({ Error: { code: 401, message: 'oauth_problem=token_expired' } });
    expect((await send(`${broker.url}/oauth/renew_access_token`, { token })).status).toBe(401);
  });

  it('says what is wrong with a request, in the format of the answer', async () => {
    const { broker, token } = await signedIn();
    const late = await send(`${broker.url}/v1/accounts/list`, { token, at: TUESDAY_11 - 301_000 });
    expect(late.status).toBe(401);
    expect(parseXml(await late.text())).toEqual({ Error: { code: '401', message: 'oauth_problem=timestamp_refused' } });
    const forged = await send(`${broker.url}/v1/accounts/list.json`, { token: { ...token, secret: 'guess' } });
    expect(await forged.json()).toMatchObject({ Error: { message: 'oauth_problem=signature_invalid' } });
  });
});

describe('accounts at E*TRADE', () => {
  it('are known by a key, with balance and portfolio', async () => {
    const { broker, read } = await signedIn();
    expect((await read('/balance.json?instType=BROKERAGE&realTimeNAV=true')).body).toMatchObject({
      BalanceResponse: {
        ...{ accountId: broker.account, Computed: { cashBuyingPower: 25_000, marginBuyingPower: 25_000 } },
      },
    });
    const { body } = await read('/portfolio.json');
    expect(body).toMatchObject({
      PortfolioResponse: {
        AccountPortfolio: [
          {
            totalPages: 1,
            Position: [{ quantity: 10, positionType: 'LONG', pricePaid: 400, Product: { symbol: 'MSFT' } }],
          },
        ],
      },
    });
    expect((await read('/portfolio.json?pageNumber=2')).status).toBe(204);
  });

  it('are refused under another key', async () => {
    const { broker, token } = await signedIn();
    const answer = await send(`${broker.url}/v1/accounts/${broker.account}/balance.json`, { token });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 400,
      body: { Error: { code: 102 } },
    });
  });
});

describe('orders at E*TRADE', () => {
  it('are previewed, placed, filled in part and then wholly', async () => {
    const { broker, read, write, order } = await signedIn();
    expect((await read('/orders.json')).status).toBe(204);
    const preview = await write('POST', '/orders/preview.json', previewOf(limitBuy('212.00'), 'P1'));
    expect(preview.body).toMatchObject({
      PreviewOrderResponse: { totalOrderValue: 8480, Order: [{ limitPrice: 212 }] },
    });
    expect(broker.exchange.orders(broker.account)).toEqual([]);
    const id = await order(limitBuy('212.00'));
    expect(detailOf((await read(`/orders/${id}.json`)).body)).toMatchObject({
      id,
      detail: { status: 'OPEN' },
      line: { filledQuantity: 0 },
    });
    await broker.setPrices('AAPL', { bid: '211.80', ask: '211.90', askSize: '15' });
    const partial = detailOf((await read('/orders.json?status=INDIVIDUAL_FILLS')).body);
    expect(partial).toMatchObject({
      detail: { status: 'OPEN' },
      line: { filledQuantity: 15, averageExecutionPrice: 211.9, orderedQuantity: 40 },
    });
    await broker.setPrices('AAPL', { bid: '211.70', ask: '211.80' });
    expect(detailOf((await read('/orders.json')).body)).toMatchObject({
      detail: { status: 'EXECUTED' },
      line: { filledQuantity: 40 },
    });
  });

  it('never show the client order id, and refuse it a second time', async () => {
    const { read, write } = await signedIn();
    const preview = await write('POST', '/orders/preview.json', previewOf(limitBuy('200'), 'SECRET1'));
    const place = placeOf(limitBuy('200'), 'SECRET1', previewIdOf(preview.body));
    const first = await write('POST', '/orders/place.json', place);
    const second = await write('POST', '/orders/place.json', place);
    expect(second).toMatchObject({ status: 400, body: { Error: { code: 10_002 } } });
    const again = await write('POST', '/orders/preview.json', previewOf(limitBuy('200'), 'SECRET1'));
    const third = await write(
      'POST',
      '/orders/place.json',
      placeOf(limitBuy('200'), 'SECRET1', previewIdOf(again.body)),
    );
    expect(third).toMatchObject({ status: 400, body: { Error: { code: 10_002 } } });
    const listed = await read('/orders.json');
    expect(JSON.stringify([preview, first, second, listed])).not.toContain('SECRET1');
  });

  it('make one order of two places at the same time', async () => {
    const { broker, write } = await signedIn();
    const preview = await write('POST', '/orders/preview.json', previewOf(limitBuy('200'), 'TWICE'));
    const place = placeOf(limitBuy('200'), 'TWICE', previewIdOf(preview.body));
    const answers = await Promise.all([1, 2, 3].map(() => write('POST', '/orders/place.json', place)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(broker.exchange.orders(broker.account)).toHaveLength(1);
  });

  it('need their preview: once, unchanged, and within three minutes', async () => {
    const { broker, write } = await signedIn();
    const previewed = async (id: string) =>
      previewIdOf((await write('POST', '/orders/preview.json', previewOf(limitBuy('200'), id))).body);
    const codeOf = async (body: Json) =>
      ((await write('POST', '/orders/place.json', body)).body as { Error: { code: number } }).Error.code;
    const id = await previewed('N1');
    expect(await codeOf(placeOf(limitBuy('200'), 'N1', 5))).toBe(900);
    expect(
      await codeOf({ PlaceOrderRequest: { orderType: 'EQ', clientOrderId: 'N1', Order: [limitBuy('200')] } }),
    ).toBe(101);
    expect(await codeOf(placeOf(limitBuy('201'), 'N1', id))).toBe(101);
    expect(await codeOf(placeOf(limitBuy('200'), 'N2', id))).toBe(101);
    await broker.passSeconds(180);
    expect(await codeOf(placeOf(limitBuy('200'), 'N1', id))).toBe(101);
  });

  it('are refused at the preview without the money, over the holding, and through the market', async () => {
    const { broker, write } = await signedIn();
    await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
    const preview = (fields: Json) => write('POST', '/orders/preview.json', previewOf(fields, 'R1'));
    const refusal = (code: number, message: RegExp) => ({
      status: 400,
      body: { Error: { code, message: expect.stringMatching(message) } },
    });
    expect(await preview(limitBuy('212', '1000'))).toMatchObject(refusal(1021, /insufficient funds/));
    expect(await preview(stopSell('400', '11', 'MSFT'))).toMatchObject(refusal(1037, /not enough shares/));
    expect(await preview(stopSell('411', '10', 'MSFT'))).toMatchObject(refusal(103, /stop price has to be below/));
    const unknown = { ...limitBuy('5'), ...instrument('BUY', '1', 'ZZZZZ') };
    expect(await preview(unknown)).toMatchObject(refusal(103, /symbol you entered is invalid/));
    expect((await preview(stopSell('400', '10', 'MSFT'))).status).toBe(200);
  });

  it('rest as stops until the last trade reaches them', async () => {
    const { broker, read, order } = await signedIn();
    await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
    const id = await order(stopSell('398.40', '10', 'MSFT'));
    expect(detailOf((await read(`/orders/${id}.json`)).body)).toMatchObject({
      detail: { status: 'OPEN', priceType: 'STOP', stopPrice: 398.4, limitPrice: 0, orderTerm: 'GOOD_UNTIL_CANCEL' },
    });
    await broker.setPrices('MSFT', { bid: '398', ask: '398.10', last: '398' });
    expect(detailOf((await read(`/orders/${id}.json`)).body).detail).toMatchObject({ status: 'EXECUTED' });
  });

  it('are cancelled, or too late for it', async () => {
    const { broker, read, write, order } = await signedIn();
    const id = await order(limitBuy('200'));
    const cancel = () => write('PUT', '/orders/cancel.json', { CancelOrderRequest: { orderId: id } });
    expect((await cancel()).body).toMatchObject({
      CancelOrderResponse: { orderId: id, Messages: { Message: [{ code: 5011 }] } },
    });
    expect(detailOf((await read('/orders.json?status=CANCELLED')).body).id).toBe(id);
    expect(await cancel()).toMatchObject({ status: 400, body: { Error: { code: 5001 } } });
    const next = await order(limitBuy('212.00'));
    broker.fault({ operation: 'cancel', kind: 'fill_after_cancel_ack' });
    await write('PUT', '/orders/cancel.json', { CancelOrderRequest: { orderId: next } });
    expect(detailOf((await read(`/orders/${next}.json`)).body).detail).toMatchObject({ status: 'CANCEL_REQUESTED' });
    await broker.passSeconds(2);
    expect(detailOf((await read(`/orders/${next}.json`)).body).detail).toMatchObject({ status: 'EXECUTED' });
  });

  it('are changed under a new id', async () => {
    const { read, write, order } = await signedIn();
    const id = await order(limitBuy('200'));
    const preview = await write('PUT', `/orders/${id}/change/preview.json`, previewOf(limitBuy('201'), 'CH1'));
    const place = placeOf(limitBuy('201'), 'CH1', previewIdOf(preview.body));
    const changed = await write('PUT', `/orders/${id}/change/place.json`, place);
    const newId = (changed.body as unknown as PlaceAnswer).PlaceOrderResponse.OrderIds[0].orderId;
    expect(detailOf((await read(`/orders/${id}.json`)).body).detail).toMatchObject({
      status: 'CANCELLED',
      replacedByOrderId: newId,
    });
    expect(detailOf((await read(`/orders/${newId}.json`)).body).detail).toMatchObject({
      limitPrice: 201,
      replacesOrderId: id,
    });
  });

  it('can be changed as stops, although the old one still holds the shares', async () => {
    const { broker, read, write, order } = await signedIn();
    await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
    const id = await order(stopSell('398.40', '10', 'MSFT'));
    const raised = previewOf(stopSell('400', '10', 'MSFT'), 'CH2');
    expect((await write('POST', '/orders/preview.json', raised)).status).toBe(400);
    const preview = await write('PUT', `/orders/${id}/change/preview.json`, raised);
    const place = placeOf(stopSell('400', '10', 'MSFT'), 'CH2', previewIdOf(preview.body));
    expect((await write('PUT', `/orders/${id}/change/place.json`, place)).status).toBe(200);
    expect(detailOf((await read('/orders.json?status=OPEN')).body).detail).toMatchObject({ stopPrice: 400 });
  });

  it('are listed by day, symbol and page', async () => {
    const { read, order } = await signedIn();
    const ids = [await order(limitBuy('200')), await order(limitBuy('199', '10')), await order(limitBuy('198', '10'))];
    const list = async (query: string) =>
      (await read(`/orders.json?${query}`)) as {
        status: number;
        body: { OrdersResponse: { marker?: string; Order: { orderId: number }[] } };
      };
    const first = await list('count=2&marketSession=REGULAR');
    expect(first.body.OrdersResponse.Order.map(({ orderId }) => orderId)).toEqual(ids.slice(1).toReversed());
    const second = await list(`count=2&marker=${first.body.OrdersResponse.marker}`);
    expect(second.body.OrdersResponse).toMatchObject({ Order: [{ orderId: ids[0] }] });
    expect(second.body.OrdersResponse.marker).toBeUndefined();
    expect((await list('fromDate=03032026&toDate=03032026&symbol=AAPL,MSFT')).body.OrdersResponse.Order).toHaveLength(
      3,
    );
    expect((await list('fromDate=03042026&toDate=03052026')).status).toBe(204);
    expect((await list('symbol=MSFT')).status).toBe(204);
    for (const query of ['count=101', 'status=LOST', 'fromDate=03032026', 'fromDate=2026-03-03&toDate=03032026']) {
      expect((await list(query)).status).toBe(400);
    }
  });

  it('are taken although the answer is lost, and hide from the list for a while', async () => {
    const { broker, read, write } = await signedIn();
    const preview = await write('POST', '/orders/preview.json', previewOf(limitBuy('200'), 'L1'));
    broker.fault({ operation: 'place_entry', kind: 'http_500_after' });
    const place = placeOf(limitBuy('200'), 'L1', previewIdOf(preview.body));
    expect((await write('POST', '/orders/place.json', place)).status).toBe(500);
    broker.fault({ operation: 'list_orders', kind: 'stale_read', seconds: 10 });
    expect((await read('/orders.json')).status).toBe(204);
    expect((await read('/orders.json')).status).toBe(200);
  });

  it('speak XML as well', async () => {
    const { accountUrl, token } = await signedIn();
    const order = `<allOrNone>False</allOrNone><priceType>LIMIT</priceType><orderTerm>GOOD_FOR_DAY</orderTerm><marketSession>REGULAR</marketSession><stopPrice></stopPrice><limitPrice>200</limitPrice><Instrument><Product><securityType>EQ</securityType><symbol>AAPL</symbol></Product><orderAction>BUY</orderAction><quantityType>QUANTITY</quantityType><quantity>1</quantity></Instrument>`;
    const body = `<PreviewOrderRequest><orderType>EQ</orderType><clientOrderId>X1</clientOrderId><Order>${order}</Order></PreviewOrderRequest>`;
    const headers = { 'content-type': 'application/xml' };
    const preview = await send(`${accountUrl}/orders/preview`, { token, method: 'POST', body, headers });
    expect(preview.headers.get('content-type')).toContain('application/xml');
    expect(parseXml(await preview.text())).toMatchObject({
      PreviewOrderResponse: { PreviewIds: { previewId: expect.stringMatching(/^\d+$/) } },
    });
    const refused = await send(`${accountUrl}/orders/place`, { token, method: 'POST', body, headers });
    expect(parseXml(await refused.text())).toMatchObject({
      Error: { code: expect.any(String), message: expect.any(String) },
    });
  });
});

describe('what people have at E*TRADE', () => {
  it('is in every list, and in no balance', async () => {
    const { read, broker } = await signedIn({ hasUnrelated: true });
    const list = (await read('/orders.json?status=OPEN')).body as { OrdersResponse: { Order: Json[] } };
    expect(list.OrdersResponse.Order.map(({ orderType }) => orderType)).toEqual([
      'SPREADS',
      'ONE_CANCELS_ALL',
      'EQ',
      'MF',
    ]);
    expect((await read('/orders.json?status=OPEN&symbol=AAPL')).status).toBe(204);
    expect((await read('/orders/101.json')).body).toMatchObject({ OrdersResponse: { Order: [{ orderId: 101 }] } });
    const held = (await read('/portfolio.json')).body;
    const types = ['EQ', 'BOND', 'MF', 'OPTN'].map((securityType) => ({ Product: { securityType } }));
    expect(held).toMatchObject({ PortfolioResponse: { AccountPortfolio: [{ Position: types }] } });
    expect(broker.exchange.orders(broker.account, {})).toEqual([]);
  });

  it('is not there when it is not wanted', async () => {
    const { read } = await signedIn();
    expect((await read('/orders.json')).status).toBe(204);
  });

  it('and an unknown path is answered in E*TRADE’s form', async () => {
    const { broker } = await signedIn();
    const answer = await fetch(`${broker.url}/v1/nothing.json`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { Error: { code: 100 } }]);
  });
});

describe('quotes at E*TRADE', () => {
  it('come in batches, with unknown symbols beside them', async () => {
    const { broker, token } = await signedIn();
    const quote = async (path: string) => (await send(`${broker.url}/v1/market/quote/${path}`, { token })).json();
    expect(await quote('AAPL,ZZZZZ.json?detailflag=all')).toMatchObject({
      QuoteResponse: {
        QuoteData: [
          {
            ...{
              dateTime: '11:00:00 EST 03-03-2026',
              dateTimeUTC: TUESDAY_11 / 1_000,
              quoteStatus: 'REALTIME',
              ahFlag: 'false',
            },
            ...{ All: { bid: 212.3, ask: 212.4, lastTrade: 212.35 }, Product: { symbol: 'AAPL', securityType: 'EQ' } },
          },
        ],
        Messages: { Message: [{ description: 'ZZZZZ is an invalid symbol', code: 1002 }] },
      },
    });
    broker.fault({ operation: 'quote', kind: 'quote_stale' });
    expect(await quote('AAPL.json')).toMatchObject({ QuoteResponse: { QuoteData: [{ quoteStatus: 'DELAYED' }] } });
  });

  it('are limited to 25 symbols, or 50 with the flag', async () => {
    const { broker, token } = await signedIn();
    const names = Array.from({ length: 26 }, () => 'AAPL').join(',');
    const ask = async (path: string) => (await send(`${broker.url}/v1/market/quote/${path}`, { token })).status;
    expect(await ask(`${names}.json`)).toBe(400);
    expect(await ask(`${names}.json?overrideSymbolCount=true`)).toBe(200);
    expect(await ask(`${names},${names}.json?overrideSymbolCount=true`)).toBe(400);
  });

  it('are throttled by an HTML page with status 400', async () => {
    const { broker, token } = await signedIn({ keepsRateLimits: true });
    const ask = () => send(`${broker.url}/v1/market/quote/AAPL.json`, { token });
    for (let n = 0; n < 4; n++) expect((await ask()).status).toBe(200);
    const answer = await ask();
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status: 400,
      type: 'text/html',
    });
    await broker.passSeconds(1);
    expect((await ask()).status).toBe(200);
  });
});
