/** Temporal's console through the API: who sees it, what it hears of them, and what it cannot do. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { apiOn, NOON, PRICES, PUBLIC_URL, type TestApi } from '../api/harness.js';
import { openTrading, type Trading } from '../support/trading.js';

const CONSOLE_COOKIE = 'of-the-console=1; Path=/';

let trading: Trading;
let api: TestApi;
let cookie: string;
let administrator: string;
/** What reached the console, with the body. */
const heard: { request: IncomingMessage; body: string }[] = [];
const behind = createServer(async (request, answer) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  heard.push({ request, body: Buffer.concat(chunks).toString() });
  const isSettings = request.url === '/temporal/api/v1/settings';
  const isMoved = request.url === '/temporal/moved';
  answer.writeHead(isMoved ? 302 : 200, {
    'content-type': isSettings ? 'application/json' : 'text/html',
    'set-cookie': CONSOLE_COOKIE,
    'access-control-allow-origin': '*',
    'content-security-policy': 'default-src *',
    ...(isMoved && { location: 'https://evil.example/' }),
  });
  const text = decodeURIComponent(/content=(.*)/.exec(request.url ?? '')?.[1] ?? '');
  answer.end(isSettings ? '{"Version":"1","Codec":{"Endpoint":""}}' : text || '<script>own()</script>');
});

beforeAll(async () => {
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const temporalUiUrl = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
  trading = await openTrading({ prices: PRICES });
  await trading.goTo(NOON);
  const settings = { temporalUiUrl, temporal: { namespace: trading.namespace } };
  api = await apiOn({ database: trading.database, paper: trading.broker, temporal: trading.client, settings });
  const trader = await api.addTrader({ role: 'admin' });
  administrator = trader.userId;
  cookie = await api.logIn(trader);
});
afterAll(async () => {
  behind.close();
  await trading.close();
});
afterEach(() => {
  heard.length = 0;
});

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  url?: string;
}

function send(path: string, { method = 'GET', headers = {}, body, url = PUBLIC_URL }: Sent = {}): Promise<Response> {
  const ours = method === 'GET' ? {} : { origin: PUBLIC_URL, 'content-type': 'application/json' };
  const sent = { method, headers: { ...ours, ...headers } };
  return Promise.resolve(api.app.request(`${url}/temporal${path}`, { ...sent, ...(body !== undefined && { body }) }));
}

const workflow = (id: string, rest: string) => `/api/v1/namespaces/${trading.namespace}/workflows/${id}${rest}`;

describe('T68 the console', () => {
  test('is shown to administrators who are signed in, and to nobody else', async () => {
    const roles = ['standard', 'admin'] as const;
    const [user, admin] = await Promise.all(roles.map(async (role) => api.logIn(await api.addTrader({ role }))));
    const superadmin = await api.superadmin();
    const token = (await api.addTrader({ role: 'admin', scopes: ['admin', 'read', 'trade'] })).token;
    const paths = ['/', '/_app/version.json', '/api/v1/settings', workflow('trade-1', '/history'), '/render?content=x'];
    const status = async (path: string, headers: Record<string, string>) => (await send(path, { headers })).status;
    for (const path of paths) {
      expect(await status(path, {}), path).toBe(401);
      expect(await status(path, { cookie: 'arbion_session=made-up' }), path).toBe(401);
      expect(await status(path, { cookie: user ?? '' }), path).toBe(403);
      expect(await status(path, { authorization: `Bearer ${token}` }), path).toBe(403);
    }
    expect(heard).toEqual([]);
    for (const path of paths) {
      expect(await status(path, { cookie: admin ?? '' }), path).toBe(200);
      expect(await status(path, { cookie: superadmin }), path).toBe(200);
    }
  });

  test('is shown at our own address, to its own pages and to links', async () => {
    const status = async (sent: Sent) => (await send('/', { ...sent, headers: { cookie, ...sent.headers } })).status;
    for (const url of ['http://evil.example:8000', 'http://localhost:8001', 'http://127.0.0.1:8000']) {
      expect(await status({ url }), url).toBe(400);
    }
    for (const origin of ['https://evil.example', 'http://localhost:8001', 'null']) {
      expect(await status({ headers: { origin } }), origin).toBe(403);
    }
    const from = (site: string, mode: string, dest: string) => ({
      headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest },
    });
    for (const site of ['cross-site', 'same-site']) {
      expect(await status(from(site, 'no-cors', 'script'))).toBe(403);
      expect(await status(from(site, 'cors', 'empty'))).toBe(403);
      expect(await status(from(site, 'navigate', 'iframe'))).toBe(403);
      expect(await status(from(site, 'navigate', 'document'))).toBe(200);
    }
    expect(await status(from('same-origin', 'cors', 'empty'))).toBe(200);
    expect(await status(from('none', 'navigate', 'document'))).toBe(200);
  });

  test('hears nothing of who asks, and sets nothing in their browser', async () => {
    const headers = {
      cookie,
      'x-http-method-override': 'DELETE',
      'x-forwarded-host': 'evil.example',
      referer: PUBLIC_URL,
    };
    const answer = await send('/', { headers });
    await send(workflow('trade-1', '/query/tradeState'), { method: 'POST', headers, body: '{"query":{}}' });
    const names = heard.flatMap(({ request }) => Object.keys(request.headers));
    for (const name of ['authorization', 'x-http-method-override', 'x-forwarded-host', 'x-forwarded-for', 'referer']) {
      expect(names).not.toContain(name);
    }
    for (const { request } of heard) expect(request.headers.cookie).toMatch(/^_csrf=[0-9a-f]{32}$/);
    expect(heard.map(({ body }) => body)).toContain('{"query":{}}');
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((await send('/moved', { headers: { cookie } })).headers.get('location')).toBeNull();
  });

  test('has a policy of ours: its own scripts, its own calls, no frame around it', async () => {
    const { headers } = await send('/', { headers: { cookie } });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`script-src ${PUBLIC_URL}/temporal/_app/ 'sha256-`);
    expect(policy).toContain(`connect-src ${PUBLIC_URL}/temporal/ ${PUBLIC_URL}/codec/;`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|default-src \*/);
    for (const name of ['x-content-type-options', 'referrer-policy', 'x-frame-options', 'cross-origin-opener-policy']) {
      expect(headers.has(name), name).toBe(true);
    }
    const rendered = (await send('/render?content=x', { headers: { cookie } })).headers.get('content-security-policy');
    expect(rendered).not.toContain('script-src');
    expect(rendered).toContain("default-src 'none'");
    expect(heard.at(-1)?.request.url).toBe('/temporal/temporal/render?content=x');
  });

  test('has payloads decrypted by our codec, and does not offer what is refused', async () => {
    const answer = await send('/api/v1/settings', { headers: { cookie } });
    expect(await answer.json()).toMatchObject({
      Version: '1',
      Codec: { Endpoint: `${PUBLIC_URL}/codec` },
      WorkflowTerminateDisabled: true,
      WorkflowResetDisabled: true,
    });
  });
});

test('T70 a text that an address carries is run by no page of the console', async () => {
  const hash = (script: string) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  const text = encodeURIComponent('<script>theirs()</script>');
  for (const path of ['/render', '/temporal/render', '/', '/namespaces']) {
    const { headers } = await send(`${path}?content=${text}`, { headers: { cookie } });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy, path).not.toContain(hash('theirs()'));
    expect(policy.includes(hash('own()')), path).toBe(path !== '/render');
  }
});

describe('T69 through the console', () => {
  /** What the console of this server can send, and what it cannot. */
  const WRITES = [
    ['POST', '/terminate'],
    ['POST', '/reset'],
    ['POST', '/pause'],
    ['POST', '/update/adjustExits'],
    ['POST', '/signal/priceEvent'],
    ['POST', '/signal/closeTrade/with-start/trade'],
    ['POST', ''],
    ['DELETE', ''],
    ['PUT', '/cancel'],
    ['PATCH', ''],
  ] as const;
  const ELSEWHERE = [
    ['POST', '/schedules/any'],
    ['POST', '/batch-operations/any'],
    ['POST', '/activities/complete-by-id'],
    ['POST', '/activities/fail-by-id'],
    ['POST', '/search-attributes'],
    ['DELETE', '/schedules/any'],
  ] as const;

  const open = async (): Promise<TradeView> => {
    const trade = await trading.start();
    return trading.until(trade, ({ stopKind }) => stopKind === 'broker');
  };
  const post = (path: string, headers: Record<string, string> = { cookie }) =>
    send(path, { method: 'POST', headers, body: '{"reason":"stop","identity":"me","input":{"payloads":[]}}' });

  test('nothing is terminated, reset, started or changed', async () => {
    const trade = await open();
    for (const [method, rest] of WRITES) {
      const answer = await send(workflow(trade.workflowId, rest), { method, headers: { cookie }, body: '{}' });
      expect(answer.status, `${method} ${rest}`).toBe(403);
    }
    for (const [method, rest] of ELSEWHERE) {
      const path = `/api/v1/namespaces/${trading.namespace}${rest}`;
      expect((await send(path, { method, headers: { cookie }, body: '{}' })).status, `${method} ${rest}`).toBe(403);
    }
    expect(heard).toEqual([]);
    expect(await trading.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker' });
    await trading.trades.close(trade.id, {});
    await trading.until(trade, ({ status }) => status === 'closed');
  });

  test('a trade is cancelled and closed the way of the API, by name, and whatever is sent along', async () => {
    for (const rest of ['/cancel', '/signal/cancelTrade', '/signal/closeTrade']) {
      const trade = await open();
      const answer = await post(workflow(trade.workflowId, rest));
      expect([answer.status, await answer.json()]).toEqual([200, {}]);
      await trading.until(trade, ({ status }) => status === 'closed');
      const [row] = await trading.database.prisma.auditEvent.findMany({ where: { subject: trade.id } });
      const action = rest === '/signal/closeTrade' ? 'trade_close_requested' : 'trade_cancel_requested';
      expect(row).toMatchObject({ actor: administrator, action, detail: { through: "Temporal's console" } });
    }
    expect(heard).toEqual([]);
  });

  test('nothing else is cancelled, nor for anybody else', async () => {
    const trade = await open();
    const guardian = `guardian-${trading.account}`;
    const unknown = `trade-${trade.id.slice(0, -1)}${trade.id.endsWith('0') ? '1' : '0'}`;
    for (const id of [guardian, unknown, 'trade-', `${trade.workflowId}x`, trade.workflowId.toUpperCase()]) {
      expect((await post(workflow(id, '/cancel'))).status, id).toBe(404);
    }
    const cancel = workflow(trade.workflowId, '/cancel');
    expect((await post(cancel.replace(trading.namespace, 'another'))).status).toBe(404);
    const user = await api.logIn(await api.addTrader());
    for (const headers of [{}, { cookie: user }, { cookie, origin: 'https://evil.example' }]) {
      expect([401, 403]).toContain((await post(cancel, headers as Record<string, string>)).status);
    }
    expect(await trading.look(trade)).toMatchObject({ status: 'open' });
    await trading.trades.close(trade.id, {});
    await trading.until(trade, ({ status }) => status === 'closed');
  });
});

test('without a console there is none, and one that is away is reported', async () => {
  const settings = { temporal: { namespace: trading.namespace } };
  const parts = { database: trading.database, paper: trading.broker, temporal: trading.client };
  const statusOf = async (other: TestApi) =>
    (await other.app.request(`${PUBLIC_URL}/temporal/`, { headers: { cookie } })).status;
  expect(await statusOf(await apiOn({ ...parts, settings }))).toBe(404);
  expect(
    await statusOf(await apiOn({ ...parts, settings: { ...settings, temporalUiUrl: 'http://127.0.0.1:1' } })),
  ).toBe(503);
});
