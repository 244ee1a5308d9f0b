/** An operator reads histories in Temporal's own console, in a real browser: through the API, with our codec, signed in or not. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { freePort } from '../../src/launcher/ports.js';
import { type EmbeddedTemporal, startTemporal } from '../../src/launcher/temporal.js';
import { resolveTemporalCli } from '../../src/launcher/temporal-cli.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { openApi, PASSWORD } from '../api/harness.js';
import { temporaryDirectory } from '../simulator/exchange-fixture.js';
import { chromiumPath } from '../support/chromium.js';
import { dataConverter } from '../support/encryption.js';

const LIMITS = {
  loginPerMinute: 100,
  failuresPerAccount: 100,
  registerPerHour: 100,
  anonymousPerHour: 100,
  anonymousPerDay: 100,
  userPerMinute: 100,
  webhookPerMinute: 100,
  failedSignalsPerMinute: 100,
};

let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let temporal: EmbeddedTemporal;
let browser: Browser;
let publicUrl: string;
let connection: Connection;

beforeAll(async () => {
  const [port, temporalPort, uiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  publicUrl = `http://localhost:${port}`;
  const home = temporaryDirectory();
  temporal = await startTemporal({
    cli: await resolveTemporalCli(process.env, { home, report: () => {} }),
    port: temporalPort,
    ui: { address: '127.0.0.1', port: uiPort },
    logFile: join(home, 'temporal.log'),
  });
  api = await openApi({ publicUrl, temporalUiUrl: `http://127.0.0.1:${uiPort}` });
  server = createHttpServer(api.app, publicUrl);
  server.listen(port, 'localhost');
  await once(server, 'listening');
  connection = await Connection.connect({ address: temporal.address });
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
  await connection.close();
  server.closeAllConnections();
  server.close();
  await api.close();
  await temporal.process.stop({ graceMs: 5_000 });
});

/** A trade as far as a history shows it, which failed; with names that stand nowhere else. */
async function failedWorkflow(): Promise<{ url: string; workflowId: string }> {
  const client = new Client({ connection, dataConverter });
  const workflowId = `trade-${randomUUID()}`;
  const handle = await client.workflow.start('trade', {
    workflowId,
    taskQueue: workflowId,
    args: [{ symbol: 'INPUT-SHOWN' }],
    staticSummary: 'summary-shown',
  });
  const native = await NativeConnection.connect({ address: temporal.address });
  const worker = await Worker.create({
    connection: native,
    taskQueue: workflowId,
    dataConverter,
    workflowBundle: await workflowBundle(),
    activities: {
      admitTrade: () => Promise.reject(ApplicationFailure.nonRetryable('failure-shown')),
    },
  });
  await worker.runUntil(handle.result().catch(() => undefined));
  await native.close();
  const path = `/namespaces/default/workflows/${workflowId}/${handle.firstExecutionRunId}/history`;
  return { url: `${publicUrl}/temporal${path}`, workflowId };
}

/** The console is many files, which a busy machine takes its time to load. */
async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  return context;
}

async function signIn(page: Page): Promise<void> {
  const { email } = await api.addTrader({ role: 'admin' });
  await page.goto(`${publicUrl}/docs`);
  const logIn = { url: '/api/v1/auth/login', body: JSON.stringify({ email, password: PASSWORD }) };
  await page.evaluate(async ({ url: path, body }) => {
    await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }, logIn);
}

test('T20 T68 an administrator reads inputs and failures in the console, without any set-up, and nobody else does', async () => {
  const { url, workflowId } = await failedWorkflow();
  const context = await newContext();
  const page = await context.newPage();
  expect((await page.goto(url))?.status()).toBe(401);
  const refusals: string[] = [];
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/.test(message.text())) refusals.push(message.text());
  });
  await signIn(page);
  let requests = 0;
  page.on('request', () => {
    requests += 1;
  });
  await page.goto(url);
  for (const text of ['INPUT-SHOWN', 'summary-shown', 'failure-shown']) await page.getByText(text).first().waitFor();
  await page.goto(`${publicUrl}/temporal/namespaces/default/workflows`);
  await page.getByText(workflowId).first().waitFor();
  await page.goto(`${publicUrl}/temporal/render?content=**rendered-text**`);
  await page.getByText('rendered-text', { exact: true }).waitFor();
  expect(refusals).toEqual([]);
  // A user has 600 a minute.
  expect(requests).toBeLessThan(400);
  await context.close();
});

test('T70 a script that gets into the console is not run, and one that runs reaches nothing but the console', async () => {
  const { url, workflowId } = await failedWorkflow();
  const context = await newContext();
  await context.addInitScript({ path: fileURLToPath(new URL('script-in-console.js', import.meta.url)) });
  const page = await context.newPage();
  await signIn(page);
  await page.goto(url);
  await page.getByText('INPUT-SHOWN').first().waitFor();
  const results = (await page.evaluate(`tryConsole(${JSON.stringify(workflowId)})`)) as Record<string, unknown>;
  expect(results).toEqual({
    injected: 'nothing',
    tokens: 'blocked',
    switched: 'blocked',
    elsewhere: 'blocked',
    settings: 200,
    terminate: 403,
    start: 403,
  });
  // The page that shows texts runs them no more than the others do, under either of its names.
  const text = encodeURIComponent('shown-text <script>document.title = "injected"</script>');
  for (const path of ['/render', '/temporal/render']) {
    await page.goto(`${publicUrl}/temporal${path}?content=${text}`);
    await page.getByText('shown-text').first().waitFor();
    expect(await page.title(), path).not.toBe('injected');
  }
  await context.close();
});

test('a page of the console that nobody signed in for leaves the address what it needs to sign in', async () => {
  const small = await openApi({
    rateLimits: { ...LIMITS, anonymousPerHour: 5, anonymousPerDay: 5, userPerMinute: 20 },
  });
  const statuses = async (path: string, count: number) => {
    const answers = [];
    for (let call = 0; call < count; call++)
      answers.push((await small.call('POST', path, { body: { payloads: [] } })).status);
    return answers;
  };
  expect(await statuses('/codec/decode', 21)).toEqual([...Array<number>(20).fill(401), 429]);
  expect(await statuses('/trades', 6)).toEqual([...Array<number>(5).fill(401), 429]);
  await small.close();
});
