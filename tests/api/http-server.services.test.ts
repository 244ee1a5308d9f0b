/** What arrives as bytes: framing, targets and limits, before there is a request that a framework could understand. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { openApi, PASSWORD, PUBLIC_URL, tradeBody } from './harness.js';
import { exchange, sendRaw, statusOf } from './raw-http.js';

let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let port: number;
beforeAll(async () => {
  api = await openApi();
  server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
});

/** A complete request that asks for the connection's end. */
function send(requestLine: string, ...headers: string[]): Promise<string | undefined> {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : ['Host: localhost:8000'];
  return sendRaw(port, `${[requestLine, ...host, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
}
const auth = () => `Authorization: Bearer ${api.trader.token}`;

function expectRefused(answer: string | undefined, status: number, slug: string): void {
  expect(statusOf(answer)).toBe(status);
  expect(answer).toContain(`"type":"urn:arbion:problem:${slug}"`);
  expect(answer?.toLowerCase()).toContain('content-type: application/problem+json');
}

test('a plain request is served', async () => {
  expect(statusOf(await send('GET /api/v1/trades HTTP/1.1', auth()))).toBe(200);
});

test('T44 the head of a stream is answered at once and ends, and counts as no stream', async () => {
  const trader = await api.addTrader();
  const bearer = `Authorization: Bearer ${trader.token}`;
  for (let count = 0; count < 6; count++) {
    const head = await send('HEAD /api/v1/stream HTTP/1.1', bearer);
    expect(statusOf(head)).toBe(200);
    expect(head).toMatch(/^content-type: text\/event-stream\r$/im);
    expect(head).toMatch(/\r\n\r\n$/);
  }
  // The connection is kept, so that the answer to a second request shows that the first one has ended.
  const get = `GET /api/v1/risk HTTP/1.1\r\nHost: localhost:8000\r\n${bearer}\r\nConnection: close\r\n\r\n`;
  const both = await sendRaw(port, `HEAD /api/v1/stream HTTP/1.1\r\nHost: localhost:8000\r\n${bearer}\r\n\r\n${get}`);
  expect(both?.match(/^HTTP\/1\.1 200/gm)).toHaveLength(2);
});

test.each(['TRACE', 'FOO', 'PROPFIND'])('B40 the method %s', async (method) => {
  expect([400, 405]).toContain(statusOf(await send(`${method} / HTTP/1.1`)));
});
test('a method that nothing offers is answered like those that others offer', async () => {
  const traced = await send('TRACE /api/v1/trades/x HTTP/1.1');
  expectRefused(traced, 405, 'method-not-allowed');
  expect(traced).toMatch(/^allow: GET, HEAD, PATCH\r$/im);
  expectRefused(await send('TRACE /nowhere HTTP/1.1'), 404, 'not-found');
});
test('B40 CONNECT', async () => {
  expect(statusOf(await send('CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443'))).toBe(405);
});
test('B40 T33 a sender of CONNECT that breaks off its connection', async () => {
  const client = connect(port, '127.0.0.1', () => {
    client.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  });
  client.on('data', () => client.resetAndDestroy());
  // An error that nobody listens for would end the process; here it would fail the run.
  await new Promise<void>((closed) => {
    server.once('connect', (_request, socket) => socket.once('close', () => closed()));
  });
  expect(statusOf(await send('GET /health/live HTTP/1.1'))).toBe(200);
});

test('B42 T33 17 KiB of headers', async () => {
  expect(statusOf(await send('GET / HTTP/1.1', `X-Long: ${'x'.repeat(17 * 1024)}`))).toBe(431);
});

test('B43 a URL of 20 KiB, and of 10', async () => {
  expect([414, 431]).toContain(statusOf(await send(`GET /${'x'.repeat(20 * 1024)} HTTP/1.1`)));
  expectRefused(await send(`GET /${'x'.repeat(10 * 1024)} HTTP/1.1`), 414, 'uri-too-long');
});

test('B44 two lengths of one body', async () => {
  const bytes = `POST /api/v1/trades HTTP/1.1\r\nHost: localhost:8000\r\n${auth()}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(statusOf(await sendRaw(port, bytes))).toBe(400);
});

describe('B45 T34 hosts', () => {
  test('none', async () => {
    expectRefused(await sendRaw(port, 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'), 400, 'bad-header');
  });
  test.each(['a/b', 'a b', 'user@host', 'a?b', ''])('%j', async (host) => {
    expect(statusOf(await send('GET /health/live HTTP/1.1', `Host: ${host}`))).toBe(400);
  });
  test.each(['[::]:99999', 'localhost.8000'])('one that can stand in no URL: %s', async (host) => {
    expectRefused(await send('GET /api/v1/trades HTTP/1.1', `Host: ${host}`), 400, 'bad-header');
  });
  test('two', async () => {
    const answer = await send('GET /health/live HTTP/1.1', 'Host: localhost:8000', 'Host: evil.example');
    expectRefused(answer, 400, 'bad-header');
  });
});

describe('T58 a name that was made to point here', () => {
  test.each(['evil.example', 'evil.example:8000', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.7:8000'])(
    'is not ours: %s',
    async (host) => {
      expectRefused(await send('GET /health/live HTTP/1.1', `Host: ${host}`), 400, 'bad-header');
      expectRefused(await send('GET /api/v1/trades HTTP/1.1', `Host: ${host}`, auth()), 400, 'bad-header');
    },
  );
  test.each(['localhost:8000', 'LOCALHOST:8000', '127.0.0.1', '127.0.0.1:8443', '[::1]:8000'])(
    'unlike this machine’s own: %s',
    async (host) => {
      expect(statusOf(await send('GET /health/live HTTP/1.1', `Host: ${host}`))).toBe(200);
    },
  );
  test('nor is a name of this machine’s network, unless we are public by it', async () => {
    const elsewhere = createHttpServer(api.app, 'https://arbion.example');
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const at = (elsewhere.address() as AddressInfo).port;
    const ask = (host: string) =>
      sendRaw(at, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(statusOf(await ask('Arbion.example'))).toBe(200);
    for (const host of ['arbion.example:8000', 'www.arbion.example']) {
      const answer = await ask(host);
      expectRefused(answer, 400, 'bad-header');
      expect(answer).toMatch(/^strict-transport-security: max-age/im);
    }
    elsewhere.close();
  });
});

describe('T59 the headers that protect a browser', () => {
  const whole = (line: string, ...headers: string[]) =>
    `${[line, 'Host: localhost:8000', ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`;
  test.each([
    [200, whole('GET /health/live HTTP/1.1')],
    [200, whole('GET /docs HTTP/1.1')],
    [401, whole('GET /api/v1/trades HTTP/1.1')],
    [404, whole('GET /nowhere HTTP/1.1')],
    [400, whole('GET /health/live HTTP/1.1', 'Host: evil.example')],
    [405, whole('TRACE /api/v1/trades/x HTTP/1.1')],
    [405, 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'],
    [414, whole(`GET /${'x'.repeat(10 * 1024)} HTTP/1.1`)],
    [417, whole('GET /health/live HTTP/1.1', 'Expect: the unexpected')],
    [431, whole('GET / HTTP/1.1', `X-Long: ${'x'.repeat(17 * 1024)}`)],
    [400, 'GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n'],
    [400, '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'],
    [413, `${whole('POST /api/v1/auth/login HTTP/1.1', 'Transfer-Encoding: chunked')}1;${'x'.repeat(17 * 1024)}\r\n`],
    [408, 'GET /he'],
  ])('are part of each answer, whoever makes it: %d', async (status, bytes) => {
    const answer = await sendRaw(port, bytes, { timeoutMs: 20_000 });
    expect(statusOf(answer)).toBe(status);
    expect(answer).toMatch(/^content-security-policy: default-src 'none'; /im);
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im);
    expect(answer).toMatch(/^x-frame-options: DENY\r$/im);
    expect(answer).toMatch(/^cross-origin-resource-policy: same-origin\r$/im);
    expect(answer).toMatch(/^referrer-policy: no-referrer\r$/im);
    if (!bytes.startsWith('GET /docs')) expect(answer).toMatch(/^cache-control: no-store\r$/im);
  });
});

test('B45 T59 a refusal says where it ends, also to a request whose version has no chunks', async () => {
  const answers = await exchange(port, 'PRI *!HTTP/2.0\r\n\r\nSM\r\n\r\n', 2_000);
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ type: 'urn:arbion:problem:bad-header' });
});

test('B46 T34 an absolute target', async () => {
  expectRefused(await send('GET http://evil.example/health/live HTTP/1.1'), 400, 'malformed-request');
  expect(statusOf(await send(`GET ${PUBLIC_URL}/health/live HTTP/1.1`))).toBe(200);
});

test.each([
  '//api/v1/trades',
  '/api/%2e%2e/api/v1/trades',
  '/api/../api/v1/trades',
  '/api/v1/trades/',
  '/api/v1%2ftrades',
  '/api\\v1\\trades',
  '/API/V1/TRADES',
])('B47 T34 %s', async (path) => {
  expectRefused(await send(`GET ${path} HTTP/1.1`, auth()), 404, 'not-found');
});

test.each(['%00', '%E0%A4%A', '%zz'])('B32 /trades/%s, as bytes', async (id) => {
  expectRefused(await send(`GET /api/v1/trades/${id} HTTP/1.1`, auth()), 400, 'malformed-request');
});

test('B48 T33 a body, or headers, that never end', async () => {
  const slow = (bytes: string) => sendRaw(port, bytes, { timeoutMs: 20_000 });
  const head = `POST /api/v1/trades HTTP/1.1\r\nHost: localhost:8000\r\n${auth()}\r\n`;
  const startedAt = Date.now();
  const answers = await Promise.all([
    slow(`${head}Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a`),
    slow(head),
    slow('GET /he'),
  ]);
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  for (const answer of answers) expect([undefined, 400, 408]).toContain(statusOf(answer));
});

test('T65 log-ins whose bodies never end keep nobody else from logging in', async () => {
  const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/json';
  const slow = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'));
  for (const socket of slow) socket.on('error', () => {}).write(`${head}\r\nContent-Length: 100\r\n\r\n{"email`);
  try {
    await pause(500);
    const body = JSON.stringify({ email: api.trader.email, password: PASSWORD });
    const logIn = `${head}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    expect(statusOf(await sendRaw(port, logIn, { timeoutMs: 5_000 }))).toBe(200);
  } finally {
    for (const socket of slow) socket.destroy();
  }
});

test('B52 two Authorization headers', async () => {
  expectRefused(await send('GET /api/v1/trades HTTP/1.1', auth(), 'Authorization: Bearer x'), 401, 'unauthenticated');
});

test('B23 two keys, and one with a line break', async () => {
  const body = JSON.stringify(tradeBody());
  const headers = [auth(), 'Content-Type: application/json', `Content-Length: ${body.length}`];
  const post = (...keys: string[]) =>
    sendRaw(
      port,
      `${['POST /api/v1/trades HTTP/1.1', 'Host: localhost:8000', ...headers, ...keys, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`,
    );
  expectRefused(await post('Idempotency-Key: one', 'Idempotency-Key: two'), 400, 'bad-header');
  expect(statusOf(await post('Idempotency-Key: one\n two'))).toBe(400);
  expect(await api.database.prisma.trade.count()).toBe(0);
});
