/** T7: a visitor who is logged in opens the pages of somebody else, and these try what a page can to use the session. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { freePort } from '../../src/launcher/ports.js';
import { chromiumPath } from '../support/chromium.js';
import { openApi, PASSWORD } from './harness.js';

interface Answered {
  method: string;
  path: string;
  status: number;
}

let api: Awaited<ReturnType<typeof openApi>>;
let ours: Server;
let theirs: Server;
let browser: Browser;
let visitor: BrowserContext;
let publicUrl: string;
let theirPort: number;
let answered: Answered[] = [];

beforeAll(async () => {
  const port = await freePort();
  publicUrl = `http://localhost:${port}`;
  const log = new Writable({
    write: (line: Buffer, _encoding, done) => {
      const entry = JSON.parse(line.toString()) as Answered & { msg: string };
      if (entry.msg === 'request answered') answered.push(entry);
      done();
    },
  });
  api = await openApi({ publicUrl }, {}, pino({ level: 'info' }, log));
  ours = createHttpServer(api.app, publicUrl);
  ours.listen(port, 'localhost');
  await once(ours, 'listening');
  theirs = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>Hello</p>'));
  theirs.listen(0);
  await once(theirs, 'listening');
  theirPort = (theirs.address() as AddressInfo).port;
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  visitor = await browser.newContext();
  await visitor.addInitScript({ path: fileURLToPath(new URL('foreign-page.js', import.meta.url)) });
  const { headers } = await api.call('POST', '/auth/login', { body: { email: api.trader.email, password: PASSWORD } });
  const [name = '', value = ''] = (headers.getSetCookie()[0] ?? '').split(';')[0]?.split('=') ?? [];
  // Without SameSite: it must not be what the guard relies on.
  await visitor.addCookies([{ name, value, url: publicUrl, httpOnly: true }]);
});
afterAll(async () => {
  await browser.close();
  for (const server of [ours, theirs]) {
    server.closeAllConnections();
    server.close();
  }
  await api.close();
});
/** What a page tries, and how. */
type Attempt = [what: string, kind: 'form' | 'fetch' | 'xhr' | 'beacon' | 'image', details: Record<string, string>];

const JSON_TYPE = 'application/json';
const ATTEMPTS: Attempt[] = [
  ['a form', 'form', { method: 'post', enctype: 'application/x-www-form-urlencoded' }],
  ['a form with parts', 'form', { method: 'post', enctype: 'multipart/form-data' }],
  ['a form as text', 'form', { method: 'post', enctype: 'text/plain' }],
  ['a form that asks', 'form', { method: 'get', enctype: 'application/x-www-form-urlencoded' }],
  ['POST without a type', 'fetch', { method: 'POST', mode: 'no-cors' }],
  ['POST of text', 'fetch', { method: 'POST', mode: 'no-cors', type: 'text/plain' }],
  ['POST of a form', 'fetch', { method: 'POST', mode: 'no-cors', type: 'application/x-www-form-urlencoded' }],
  ['POST of parts', 'fetch', { method: 'POST', mode: 'no-cors', type: 'multipart/form-data; boundary=x' }],
  ['POST of JSON, unread', 'fetch', { method: 'POST', mode: 'no-cors', type: JSON_TYPE }],
  ['POST of text, read', 'fetch', { method: 'POST', mode: 'cors', type: 'text/plain' }],
  ['POST of JSON', 'fetch', { method: 'POST', mode: 'cors', type: JSON_TYPE }],
  ['PUT of JSON', 'fetch', { method: 'PUT', mode: 'cors', type: JSON_TYPE }],
  ['PATCH of JSON', 'fetch', { method: 'PATCH', mode: 'cors', type: JSON_TYPE }],
  ['DELETE', 'fetch', { method: 'DELETE', mode: 'cors' }],
  ['POST without a referrer', 'fetch', { method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer' }],
  ['an older request', 'xhr', { method: 'POST', type: 'text/plain' }],
  ['an older request of JSON', 'xhr', { method: 'POST', type: JSON_TYPE }],
  ['a beacon', 'beacon', { type: 'text/plain' }],
  ['a beacon of JSON', 'beacon', { type: JSON_TYPE }],
  ['an image', 'image', {}],
];

/** Needs no body, so nothing but the guard stands before it; the others need one that a page can write. */
const TARGETS = ['/auth/logout', '/auth/sessions', '/trades', '/risk/kill-switch', '/risk/limits'];

/** Tries all targets from a page, and waits until each was heard of: the request itself, or the question before it. */
async function attempt(page: Page, [, kind, details]: Attempt): Promise<void> {
  answered = [];
  const urls = TARGETS.map((path) => `${publicUrl}/api/v1${path}`);
  await page.evaluate(`tryAll(${JSON.stringify({ urls, kind, details, body: '{"engaged":true}' })})`);
  await expect.poll(() => answered.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(TARGETS.length);
}

describe.each([
  ['another site', () => `http://127.0.0.1:${theirPort}/`],
  ['another origin of our site', () => `http://localhost:${theirPort}/`],
])('T7 B57 a page of %s', (_, pageUrl) => {
  let page: Page;
  beforeAll(async () => {
    page = await visitor.newPage();
    await page.goto(pageUrl());
  });
  afterAll(() => page.close());

  test.each(ATTEMPTS)('gets nowhere with %s', async (...details) => {
    const before = await api.rowCounts();
    await attempt(page, details);
    const unsafe = answered.filter(({ method }) => !['GET', 'OPTIONS'].includes(method));
    // 405 has no handler either.
    expect(unsafe.filter(({ status }) => ![403, 405].includes(status))).toEqual([]);
    expect(await api.rowCounts()).toEqual(before);
    expect(await api.database.prisma.session.count()).toBe(1);
  });
});

test('T7 the same requests of our own pages are heard', async () => {
  const page = await visitor.newPage();
  await page.goto(`${publicUrl}/docs`);
  await attempt(page, ['POST of JSON', 'fetch', { method: 'POST', mode: 'cors', type: JSON_TYPE }]);
  expect(answered).toContainEqual(expect.objectContaining({ path: '/api/v1/auth/logout', status: 204 }));
  expect(await api.database.prisma.session.count()).toBe(0);
});
