import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { redirectOf, settingsAt } from '../broker-logins/fixture.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { CLIENT, LOGIN, TestSimulator } from '../simulator/simulator-fixture.js';
import { type Answer, expectProblem, openApi, type TestTrader } from './harness.js';

const OAUTH: LiveBroker[] = ['schwab', 'coinbase', 'etrade', 'alpaca'];

let simulator: TestSimulator;
let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  simulator = await TestSimulator.start(temporaryDirectory(), new ManualClock(Date.now()));
  api = await openApi({}, settingsAt(simulator.url));
});
afterAll(async () => {
  await api.close();
  await simulator.close();
});

/** A trader with an account at the broker, in a browser of their own. */
async function visitor(broker: LiveBroker, redirectUris = [redirectOf(broker)]) {
  const login = { ...LOGIN, username: randomUUID() };
  await simulator.open(broker, { login, clients: [{ ...CLIENT, redirectUris }] });
  const trader = await api.addTrader();
  return { trader, broker, login, cookie: await api.logIn(trader) };
}
type Visitor = Awaited<ReturnType<typeof visitor>>;

async function authorizationUrl({ broker, cookie }: Pick<Visitor, 'broker' | 'cookie'>): Promise<string> {
  const answer = await api.call('POST', `/brokers/${broker}/connect`, { cookie });
  expect(answer.status, answer.text).toBe(200);
  return String(answer.json.authorizationUrl);
}

/** Fills in the broker's page and answers where it sends the browser, or what it shows. */
async function consent({ login }: Visitor, url: string, decision = 'allow'): Promise<URLSearchParams | string> {
  const body = new URLSearchParams({ ...login, decision });
  const answer = await fetch(url, { method: 'POST', redirect: 'manual', body });
  const location = answer.headers.get('location');
  return location === null ? answer.text() : new URL(location).searchParams;
}

async function query(visitor: Visitor): Promise<URLSearchParams> {
  const answer = await consent(visitor, await authorizationUrl(visitor));
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

function callback(broker: LiveBroker, cookie: string, query: URLSearchParams): Promise<Answer> {
  return api.call('GET', `/oauth/${broker}/callback?${query}`, { cookie });
}

const stateOf = async ({ cookie, broker }: Visitor) => {
  const { json } = await api.call('GET', '/brokers', { cookie });
  return (json.items as { broker: string; state: string }[]).find((item) => item.broker === broker);
};

test('the brokers that are set up are offered, and those alone', async () => {
  const offered = async (call: typeof api.call, token: string) =>
    ((await call('GET', '/brokers', { token })).json.items as { broker: string }[]).map(({ broker }) => broker);
  expect(await offered(api.call, api.trader.token)).toEqual(['paper', ...OAUTH]);
  const bare = await openApi();
  expect(await offered(bare.call, bare.trader.token)).toEqual(['paper']);
  const cookie = await bare.logIn(bare.trader);
  expectProblem(
    await bare.call('POST', '/brokers/schwab/connect', { cookie }),
    409,
    'invalid-state',
    'BROKER_NOT_OFFERED',
  );
  await bare.close();
});

describe('a browser at the callback', () => {
  const pageAt = (broker: LiveBroker, search: URLSearchParams, cookie?: string) => {
    const headers = { accept: 'text/html,*/*;q=0.8', ...(cookie && { cookie }) };
    return api.app.request(`/api/v1/oauth/${broker}/callback?${search}`, { headers });
  };

  test('sees a page that says what came of it', async () => {
    const ann = await visitor('schwab');
    const answer = await query(ann);
    const done = await pageAt('schwab', answer, ann.cookie);
    expect([done.status, done.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    expect(done.headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(await done.text()).toMatch(/<h1>Connected: schwab<\/h1>.*You can close this page/s);
    const document: unknown = await (await api.app.request('/openapi.json')).json();
    for (const status of ['200', '400', '401']) {
      const answer = ['paths', '/api/v1/oauth/{broker}/callback', 'get', 'responses', status];
      expect(document).toHaveProperty([...answer, 'content', 'text/html']);
    }
    const again = await pageAt('schwab', answer, ann.cookie);
    expect([again.status, await again.text()]).toEqual([400, expect.stringMatching(/<h1>Not connected<\/h1>/)]);
  });

  test('without a session is asked to give its address to the command line', async () => {
    const page = await pageAt('schwab', new URLSearchParams({ code: '<script>', state: 'x' }));
    const text = await page.text();
    expect([page.status, text]).toEqual([401, expect.stringMatching(/Copy the address of this page/)]);
    expect(text).not.toMatch(/<script/);
  });
});

describe.each(OAUTH)('a login at %s', (broker) => {
  test('connects, and can be given up', async () => {
    const ann = await visitor(broker);
    const answer = await callback(broker, ann.cookie, await query(ann));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ broker, state: 'active', accounts: [{ id: expect.any(String) }] });
    expect(await stateOf(ann)).toEqual(answer.json);
    expect(answer.text).not.toMatch(/token|secret/i);
    // T51: whoever connects a broker to somebody's account does not do so unnoticed.
    const mail = (await api.mailTo(ann.trader.email)).at(-1) ?? '';
    for (const text of [/broker login was added/, `Broker: ${broker}`, /If this was not you, /])
      expect(mail).toMatch(text);
    const { prisma } = api.database;
    expect(await prisma.oAuthAttempt.count({ where: { userId: ann.trader.userId } })).toBe(0);
    expect((await api.call('DELETE', `/brokers/${broker}`, { cookie: ann.cookie })).status).toBe(204);
    expect(await stateOf(ann)).toMatchObject({ state: 'disconnected', accounts: [] });
    const row = await prisma.brokerLogin.findFirstOrThrow({ where: { userId: ann.trader.userId } });
    expect(row.sealed).toBeNull();
    const actions = await prisma.auditEvent.findMany({ where: { subject: row.id }, orderBy: { id: 'asc' } });
    expect(actions.map(({ action }) => action)).toEqual(['broker_connected', 'broker_disconnected']);
  });

  test('B71 B73 T21 T22 T23 is finished once, by who began it, in that session, in time', async () => {
    const [ann, bob] = [await visitor(broker), await visitor(broker)];
    const answer = await query(ann);
    const before = await api.rowCounts();
    const refused = async (attempt: Promise<Answer>) => expectProblem(await attempt, 400, 'malformed-request');
    // Another user, and the same user in another browser.
    await refused(callback(broker, bob.cookie, answer));
    await refused(callback(broker, await api.logIn(ann.trader), answer));
    // Another broker's address.
    await refused(callback(broker === 'schwab' ? 'coinbase' : 'schwab', ann.cookie, answer));
    await refused(callback(broker, ann.cookie, new URLSearchParams()));
    const invented = new URLSearchParams(answer);
    invented.set(broker === 'etrade' ? 'oauth_token' : 'state', 'an-invented-one');
    await refused(callback(broker, ann.cookie, invented));
    const twice = new URLSearchParams([...answer, ...answer]);
    await refused(callback(broker, ann.cookie, twice));
    const long = new URLSearchParams(answer);
    long.set(broker === 'etrade' ? 'oauth_verifier' : 'code', 'x'.repeat(8_192));
    await refused(callback(broker, ann.cookie, long));
    expectProblem(await api.call('GET', `/oauth/${broker}/callback?${answer}`), 401, 'unauthenticated');
    expect(await api.rowCounts()).toEqual(before);

    const old = await query(bob);
    await api.database.prisma.oAuthAttempt.updateMany({
      where: { userId: bob.trader.userId },
      data: { expiresAt: new Date() },
    });
    await refused(callback(broker, bob.cookie, old));
    expect(await api.rowCounts()).toEqual(before);

    expect((await callback(broker, ann.cookie, answer)).status).toBe(200);
    await refused(callback(broker, ann.cookie, answer));
  });

  test('asks for the least, with a challenge and a state of its own each time', async () => {
    const { cookie } = await visitor(broker);
    const urls = [await authorizationUrl({ broker, cookie }), await authorizationUrl({ broker, cookie })];
    const queries = urls.map((url) => Object.fromEntries(new URL(url).searchParams));
    if (broker === 'etrade') return expect(queries[0]?.token).not.toBe(queries[1]?.token);
    expect(queries[0]).toMatchObject({
      response_type: 'code',
      redirect_uri: redirectOf(broker),
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      state: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
    for (const name of ['state', 'code_challenge']) expect(queries[0]?.[name]).not.toBe(queries[1]?.[name]);
    expect(queries[0]?.scope).toBe(
      {
        schwab: undefined,
        coinbase: 'wallet:user:read,wallet:accounts:read,wallet:buys:create,wallet:orders:read,offline_access',
        alpaca: 'trading data',
      }[broker],
    );
  });

  test('needs the password given just now', async () => {
    const ann = await visitor(broker);
    await api.database.prisma.session.updateMany({
      where: { userId: ann.trader.userId },
      data: { reauthenticatedAt: new Date(Date.now() - 301_000) },
    });
    const { cookie, trader } = ann;
    expectProblem(await api.call('POST', `/brokers/${broker}/connect`, { cookie }), 403, 'reauth-required');
    expectProblem(await api.call('DELETE', `/brokers/${broker}`, { cookie }), 403, 'reauth-required');
    expectProblem(await api.call('POST', `/brokers/${broker}/connect`, { token: trader.token }), 403, 'forbidden');
  });

  test.each(['html_200', 'redirect_307', 'malformed', 'http_500'])(
    'B74 a token endpoint that answers with %s stores nothing',
    async (fault) => {
      const ann = await visitor(broker);
      const answer = await query(ann);
      const before = await api.rowCounts();
      await simulator.fault(fault, 'token');
      expectProblem(await callback(broker, ann.cookie, answer), 502, 'broker-error');
      expect(await api.rowCounts()).toEqual(before);
      expectProblem(await callback(broker, ann.cookie, answer), 400, 'malformed-request');
    },
  );
});

test.each<LiveBroker>(['schwab', 'coinbase', 'alpaca'])('B72 a no at %s ends the attempt', async (broker) => {
  const ann = await visitor(broker);
  const answer = await consent(ann, await authorizationUrl(ann), 'deny');
  if (typeof answer === 'string') throw new Error(answer);
  answer.set('error', '<b>access_denied</b>');
  const refused = await callback(broker, ann.cookie, answer);
  expectProblem(refused, 400, 'malformed-request');
  expect(refused.text).not.toContain('<b>');
  expect(await api.database.prisma.oAuthAttempt.count({ where: { userId: ann.trader.userId } })).toBe(0);
});

describe('E*TRADE without a registered callback', () => {
  const verifierOn = (page: string) => /<p id="notice">([^<]+)<\/p>/.exec(page)?.[1] ?? '';
  const type = (cookie: string, verifier: string) =>
    api.call('POST', '/brokers/etrade/verifier', { cookie, body: { verifier } });

  test('takes the verifier that its page shows', async () => {
    const ann = await visitor('etrade', ['oob']);
    const page = String(await consent(ann, await authorizationUrl(ann)));
    const answer = await type(ann.cookie, verifierOn(page));
    expect(answer.json, answer.text).toMatchObject({ broker: 'etrade', state: 'active' });
    expectProblem(await type(ann.cookie, verifierOn(page)), 400, 'malformed-request');
  });

  test('B75 is not finished by a callback without a verifier', async () => {
    const ann = await visitor('etrade');
    const answer = await query(ann);
    answer.delete('oauth_verifier');
    expectProblem(await callback('etrade', ann.cookie, answer), 400, 'malformed-request');
    expect((await stateOf(ann))?.state).not.toBe('active');
  });

  test("B75 takes no other verifier, and none in another's session", async () => {
    const [ann, bob] = [await visitor('etrade', ['oob']), await visitor('etrade', ['oob'])];
    const page = String(await consent(ann, await authorizationUrl(ann)));
    expectProblem(await type(bob.cookie, verifierOn(page)), 400, 'malformed-request');
    expectProblem(await type(ann.cookie, 'WRONG'), 502, 'broker-error', 'verifier_invalid');
    expectProblem(await type(ann.cookie, verifierOn(page)), 400, 'malformed-request');
  });
});

describe('keys', () => {
  const put = (broker: string, cookie: string, body: object) =>
    api.call('PUT', `/brokers/${broker}/credentials`, { cookie, body });

  test('connect Alpaca without a login', async () => {
    const ann = await visitor('alpaca');
    const { credentials } = await simulator.open('alpaca', { login: { ...LOGIN, username: randomUUID() } });
    const { keyId, secretKey } = credentials;
    const answer = await put('alpaca', ann.cookie, { keyId, secret: secretKey });
    expect(answer.json, answer.text).toMatchObject({ broker: 'alpaca', state: 'active' });
    expect(answer.text).not.toContain(secretKey);
    expect((await api.call('DELETE', '/brokers/alpaca', { cookie: ann.cookie })).status).toBe(204);
  });

  test('that the broker does not take are not kept', async () => {
    const { cookie } = await visitor('alpaca');
    const before = await api.rowCounts();
    expectProblem(await put('alpaca', cookie, { keyId: 'PK', secret: 'wrong' }), 502, 'broker-error', 'unauthorized');
    expectProblem(await put('schwab', cookie, { keyId: 'a', secret: 'b' }), 409, 'invalid-state', 'NO_KEYS');
    expectProblem(await put('alpaca', cookie, { keyId: '', secret: 'b' }), 422, 'validation-failed');
    expect(await api.rowCounts()).toEqual(before);
  });
});

describe('a Coinbase key', () => {
  const pem = (kind: string) => `-----BEGIN ${kind}-----\nbm8ga2V5\n-----END ${kind}-----\n`;
  const ofAnotherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;

  test.each([
    ['a PEM of nonsense', pem('EC PRIVATE KEY')],
    ['a PEM that lost its line ends', pem('PRIVATE KEY').replaceAll('\n', '')],
    ['another curve', ofAnotherCurve.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['no base64 of a key', 'c2hvcnQ='],
  ])('that is %s is refused by its field, and nothing is kept', async (_, secret) => {
    const { cookie } = await visitor('coinbase');
    const before = await api.rowCounts();
    const answer = await api.call('PUT', '/brokers/coinbase/credentials', { cookie, body: { keyId: 'k', secret } });
    expectProblem(answer, 422, 'validation-failed');
    expect(answer.json).toMatchObject({ errors: [{ field: '/secret' }] });
    expect(answer.text).not.toContain('bm8ga2V5');
    expect(await api.rowCounts()).toEqual(before);
  });

  test('that can sign is taken, and shows the account', async () => {
    const { cookie } = await visitor('coinbase');
    const { credentials } = await simulator.open('coinbase', { login: { ...LOGIN, username: randomUUID() } });
    const body = { keyId: credentials.keyName, secret: credentials.privateKey };
    const answer = await api.call('PUT', '/brokers/coinbase/credentials', { cookie, body });
    expect(answer.json, answer.text).toMatchObject({ broker: 'coinbase', state: 'active' });
  });
});

describe('a trade at a broker', () => {
  const body = {
    ...{ symbol: 'AAPL', assetClass: 'equity', side: 'buy', quantity: '1', orderType: 'market' },
    stopLoss: { percent: '5' },
  };
  const order = (trader: TestTrader, more: object) =>
    api.call('POST', '/trades', { token: trader.token, key: randomUUID(), body: { ...body, ...more } });

  test("B19 B21 needs a connection that works, and an account of one's own", async () => {
    const [ann, bob] = [await visitor('schwab'), await visitor('schwab')];
    const { trader } = ann;
    const before = await api.database.prisma.trade.count();
    expectProblem(await order(trader, { broker: 'schwab' }), 409, 'invalid-state', 'BROKER_NOT_CONNECTED');
    const { json } = await callback('schwab', bob.cookie, await query(bob));
    const [foreign] = json.accounts as { id: string }[];
    await callback('schwab', ann.cookie, await query(ann));
    expectProblem(await order(trader, { broker: 'schwab', account: foreign?.id }), 404, 'not-found');
    await api.database.prisma.brokerLogin.updateMany({
      where: { userId: trader.userId },
      data: { state: 'reauth_required' },
    });
    expectProblem(await order(trader, { broker: 'schwab' }), 409, 'invalid-state', 'REAUTH');
    expect(await api.database.prisma.trade.count()).toBe(before);
  });

  test('takes the only account by itself, and holds the connection while it is open', async () => {
    const ann = await visitor('schwab');
    await simulator.market('AAPL', '149.99', '150.01');
    const { json } = await callback('schwab', ann.cookie, await query(ann));
    const [own] = json.accounts as { id: string }[];
    const accepted = await order(ann.trader, { broker: 'schwab' });
    expect(accepted.json, accepted.text).toMatchObject({ broker: 'schwab', account: own?.id });
    const kept = await api.call('DELETE', '/brokers/schwab', { cookie: ann.cookie });
    expectProblem(kept, 409, 'invalid-state', 'OPEN_TRADES');
    expect(await stateOf(ann)).toMatchObject({ state: 'active' });
  });
});
