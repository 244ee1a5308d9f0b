/** An operator reads histories in Temporal's own console, in a real browser: our codec over HTTP, signed in or not. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { type Browser, chromium, type Page } from 'playwright-core';
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
let consoleUrl: string;
let connection: Connection;

beforeAll(async () => {
  const [port, temporalPort, uiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  publicUrl = `http://localhost:${port}`;
  consoleUrl = `http://localhost:${uiPort}`;
  const home = temporaryDirectory();
  temporal = await startTemporal({
    cli: await resolveTemporalCli(process.env, { home, report: () => {} }),
    port: temporalPort,
    uiPort,
    codecEndpoint: `${publicUrl}/codec`,
    logFile: join(home, 'temporal.log'),
  });
  api = await openApi({ publicUrl, temporalUiUrl: consoleUrl });
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
async function failedWorkflow(): Promise<string> {
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
  return `${consoleUrl}/namespaces/default/workflows/${workflowId}/${handle.firstExecutionRunId}/history`;
}

const SECRET = /INPUT-SHOWN|summary-shown|failure-shown/;

/** Shows the page as soon as it has the input, as what it is without a key. */
async function expectUnreadable(page: Page): Promise<void> {
  await page.getByText('encryption-key-id').first().waitFor();
  expect(await page.locator('body').innerText()).not.toMatch(SECRET);
}

/** As docs/operating.md says; the dialog hides its radio buttons under their labels. */
async function useCodec(page: Page): Promise<void> {
  await page
    .getByLabel(/^Codec Server/)
    .first()
    .click();
  const apply = page.getByTestId('confirm-data-encoder-button');
  await apply.waitFor();
  await page.getByTestId('use-local-endpoint-input').dispatchEvent('click');
  await page.locator('#pass-access-credentials').dispatchEvent('click');
  await page
    .getByPlaceholder(/endpoint|http/i)
    .or(page.getByLabel(/endpoint/i))
    .last()
    .fill(`${publicUrl}/codec`);
  await apply.dispatchEvent('click');
}

test('T20 an administrator reads inputs and failures in the console, and nobody else does', async () => {
  const url = await failedWorkflow();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await expectUnreadable(page);
  await useCodec(page);
  await page.reload();
  await expectUnreadable(page);

  const { email } = await api.addTrader({ role: 'admin' });
  await page.goto(`${publicUrl}/docs`);
  const logIn = { url: '/api/v1/auth/login', body: JSON.stringify({ email, password: PASSWORD }) };
  await page.evaluate(async ({ url: path, body }) => {
    await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }, logIn);
  await page.goto(url);
  for (const text of ['INPUT-SHOWN', 'summary-shown', 'failure-shown']) await page.getByText(text).first().waitFor();
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
