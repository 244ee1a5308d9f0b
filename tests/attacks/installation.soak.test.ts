/**
 * Attacks from outside at a whole installation, as `npm start` makes it: by a page of another site in the browser of its
 * administrator, over bare sockets, and by a client of Temporal. The sample trade must be guarded after each.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { type Credentials, homePaths, readCredentials, readTemporalPlaces } from '../../src/platform/home.js';
import { withConnection } from '../../src/storage/roles.js';
import { sendRaw, statusOf } from '../api/raw-http.js';
import { chromiumPath } from '../support/chromium.js';

const home = mkdtempSync(join(tmpdir(), 'arbion-attacked-'));
const paths = homePaths({ ARBION_HOME: home });
let launcher: ChildProcess;
let credentials: Credentials;
let apiPort: number;
/** Where Temporal listens: whoever is on the machine finds out. */
let listens: Record<'grpc' | 'http' | 'ui', { host: string; port: number }>;
let temporal: Client;
let tradeId: string;

beforeAll(async () => {
  apiPort = await freePort();
  launcher = spawn(process.execPath, ['scripts/run.mjs', 'src/launcher/start.ts'], {
    env: { ...process.env, ARBION_HOME: home, PORT: String(apiPort) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  launcher.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await vi.waitFor(() => expect(output).toContain('stop resting at the broker'), { timeout: 120_000, interval: 200 });
  const [written, places] = [readCredentials(paths), readTemporalPlaces(paths)];
  if (!written || !places) throw new Error('the installation wrote down no places');
  credentials = written;
  const host = '127.0.0.1';
  listens = {
    grpc: { host, port: places.port },
    http: { host, port: places.httpPort },
    ui: { host: places.ui.address, port: places.ui.port },
  };
  const address = credentials.temporalAddress;
  temporal = new Client({ connection: await Connection.connect({ address }), identity: 'somebody@elsewhere' });
  tradeId = (await trades())[0]?.id ?? '';
}, 180_000);

afterAll(async () => {
  await temporal.connection.close();
  const ended = once(launcher, 'exit');
  launcher.kill('SIGINT');
  await ended;
  rmSync(realpathSync(paths.postgres), { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}, 60_000);

interface Shown {
  id: string;
  status: string;
  stopKind: string;
  openQuantity: string;
}

async function trades(): Promise<Shown[]> {
  const headers = { authorization: `Bearer ${credentials.token}` };
  const answer = await fetch(`http://127.0.0.1:${apiPort}/api/v1/trades`, { headers });
  return ((await answer.json()) as { items: Shown[] }).items;
}

async function audited(): Promise<string[]> {
  const actions: string[] = [];
  await withConnection(credentials.databaseUrl, async (database) => {
    const { rows } = await database.query<{ action: string }>('SELECT action FROM audit_events ORDER BY id');
    actions.push(...rows.map(({ action }) => action));
  });
  return actions;
}

const workflows = async () => (await temporal.workflow.count()).count;

/** One trade, as it was, with its stop; and no workflow more than it needs. */
let before: { trades: Shown[]; workflows: number } | undefined;
async function expectUntouched(): Promise<void> {
  const now = { trades: await trades(), workflows: await workflows() };
  before ??= now;
  expect(now.trades.map(({ id, status, stopKind, openQuantity }) => ({ id, status, stopKind, openQuantity }))).toEqual(
    before.trades.map(({ id, status, stopKind, openQuantity }) => ({ id, status, stopKind, openQuantity })),
  );
  expect(now.trades[0]).toMatchObject({ status: 'open', stopKind: 'broker' });
  expect(now.workflows).toBe(before.workflows);
}

describe('a page of another site in the browser of an administrator', () => {
  let theirs: Server;
  let browser: Browser;
  let visitor: BrowserContext;
  beforeAll(async () => {
    await expectUntouched();
    theirs = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>Hello</p>'));
    theirs.listen(0);
    await once(theirs, 'listening');
    browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
    visitor = await browser.newContext();
    await visitor.addInitScript({ path: fileURLToPath(new URL('../api/foreign-page.js', import.meta.url)) });
    const { email, password } = credentials;
    const answer = await fetch(`http://localhost:${apiPort}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `http://localhost:${apiPort}` },
      body: JSON.stringify({ email, password }),
    });
    const [name = '', value = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';')[0]?.split('=') ?? [];
    await visitor.addCookies([{ name, value, url: `http://localhost:${apiPort}`, httpOnly: true }]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    theirs.closeAllConnections();
    theirs.close();
  });
  afterEach(expectUntouched);

  const theirPage = () => `http://localhost:${(theirs.address() as AddressInfo).port}/`;
  const start = { workflowType: { name: 'trade' }, taskQueue: { name: 'trades' }, input: [{ trade: {}, ticket: {} }] };

  test('is signed in there, as the attack supposes', async () => {
    const page = await visitor.newPage();
    const answer = await page.goto(`http://localhost:${apiPort}/temporal/`);
    expect(answer?.status()).toBe(200);
    await page.close();
  });

  test.each(['form', 'fetch', 'beacon', 'image'])(
    'T66 T68 T69 starts, closes and ends nothing by a %s',
    async (kind) => {
      const page = await visitor.newPage();
      await page.goto(theirPage());
      const workflow = `/api/v1/namespaces/default/workflows/trade-${tradeId}`;
      const ofTemporal = [
        `/api/v1/namespaces/default/workflows/of-a-page-${kind}`,
        `${workflow}/terminate`,
        `${workflow}/cancel`,
      ];
      const ofArbion = [
        `/temporal${workflow}/cancel`,
        `/temporal${workflow}/signal/closeTrade`,
        `/api/v1/trades/${tradeId}/close`,
      ];
      const urls = [
        ...Object.values(listens).flatMap(({ host, port }) =>
          ofTemporal.flatMap((path) => [`http://${host}:${port}${path}`, `http://${host}:${port}/temporal${path}`]),
        ),
        ...ofArbion.map((path) => `http://localhost:${apiPort}${path}`),
      ];
      const details = {
        method: kind === 'image' ? 'GET' : 'POST',
        mode: 'no-cors',
        type: 'text/plain',
        enctype: 'text/plain',
      };
      await page.evaluate(`tryAll(${JSON.stringify({ urls, kind, details, body: JSON.stringify(start) })})`);
      await page.waitForTimeout(1_500);
      await page.close();
    },
  );

  test('T68 reads nothing of the console, neither directly nor in a frame', async () => {
    const page = await visitor.newPage();
    await page.goto(theirPage());
    const url = `http://localhost:${apiPort}/temporal/api/v1/namespaces/default/workflows`;
    const read = `fetch(${JSON.stringify(url)}, { credentials: 'include' }).then((r) => r.text()).catch(() => 'refused')`;
    expect(await page.evaluate(read)).toBe('refused');
    const framed = `new Promise((resolve) => {
      const frame = Object.assign(document.createElement('iframe'), { src: 'http://localhost:${apiPort}/temporal/' });
      frame.onload = () => { try { resolve(frame.contentWindow.document.title) } catch { resolve('refused') } };
      document.body.append(frame);
    })`;
    expect(await page.evaluate(framed)).toBe('refused');
    await page.close();
  });
});

describe('a bare socket', () => {
  afterEach(expectUntouched);
  const request = (host: string, path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;

  test('T58 T66 names this machine as a page does that had its name rebound', async () => {
    const terminate = `/api/v1/namespaces/default/workflows/trade-${tradeId}/terminate`;
    for (const [{ host, port }, path] of [
      [{ host: '127.0.0.1', port: apiPort }, `/api/v1/trades/${tradeId}/close`],
      [listens.http, terminate],
      [listens.ui, `/temporal${terminate}`],
    ] as const) {
      const answer = await sendRaw(port, request(`evil.example:${port}`, path), { host });
      expect(statusOf(answer), `${port} ${path}`).toBeGreaterThanOrEqual(400);
    }
  });

  test('B57 says anything to any port, and everything goes on', async () => {
    const said = [
      ...['', '\r\n\r\n', 'GET', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
      ...Array.from({ length: 20 }, () => randomBytes(512).toString('latin1')),
      `GET / HTTP/1.1\r\nHost: localhost:${apiPort}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    ];
    const places = [{ host: '127.0.0.1', port: apiPort }, ...Object.values(listens)];
    const say = ({ host, port }: (typeof places)[number]) =>
      said.map((bytes) => sendRaw(port, bytes, { host, timeoutMs: 2_000 }));
    await Promise.all(places.flatMap(say));
    expect((await fetch(`http://127.0.0.1:${apiPort}/health/ready`)).status).toBe(200);
  }, 60_000);
});

describe('a client of Temporal without our key', () => {
  const started = async (type: string, args: unknown[], taskQueue = 'trades') => {
    const workflowId = `of-somebody-${randomUUID()}`;
    const handle = await temporal.workflow.start(type, { taskQueue, workflowId, args });
    return handle.result().catch(() => 'failed');
  };

  test('T18 starts no trade with a ticket that was made up, and leaves a trace', async () => {
    const ticket = { tradeId: randomUUID(), userId: randomUUID(), issuedAt: Date.now(), signature: 'x' };
    await started('trade', [{ trade: { symbol: 'AAPL' }, ticket }]);
    expect(await trades()).toHaveLength(1);
    expect(await audited()).toContain('trade.start_refused');
  }, 60_000);

  test('T45 T79 has no guardian, and closes nothing', async () => {
    await started('guardian', [{ broker: 'paper', account: 'of somebody' }], 'guardian');
    await started('flatten', [{ by: randomUUID() }], 'guardian');
    expect((await trades())[0]).toMatchObject({ status: 'open', stopKind: 'broker' });
  }, 60_000);

  test('T29 moves no stop', async () => {
    const handle = temporal.workflow.getHandle(`trade-${tradeId}`);
    const args: [object] = [{ stopPrice: '0.01', update: 'adjustExits x' }];
    const moved = handle.executeUpdate('adjustExits', { args, updateId: 'x' });
    await expect(moved).rejects.toThrow();
    expect((await trades())[0]).toMatchObject({ status: 'open', stopKind: 'broker' });
  }, 60_000);

  test('T42 closes a trade, which is all it can do: with an audit row', async () => {
    await temporal.workflow.getHandle(`trade-${tradeId}`).signal('closeTrade', { by: 'the owner', reason: 'stop' });
    await vi.waitFor(async () => expect((await trades())[0]).toMatchObject({ openQuantity: '0' }), { timeout: 60_000 });
    const actions = await audited();
    expect(actions.filter((action) => action === 'trade.commanded_from_outside')).toHaveLength(1);
  }, 90_000);
});
