/** People connecting brokers in a browser: our API over HTTP, the brokers' own pages, one cookie jar each. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { freePort } from '../../src/launcher/ports.js';
import { openApi, PASSWORD, type TestTrader } from '../api/harness.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { CLIENT, LOGIN, TestSimulator } from '../simulator/simulator-fixture.js';
import { chromiumPath } from '../support/chromium.js';
import { eventually } from '../support/eventually.js';
import { settingsAt } from './fixture.js';

const BROKERS: LiveBroker[] = ['schwab', 'coinbase', 'etrade'];
/** Of our pages the one that loads quickest: what is tried here is the same from any. */
const LIGHT_PAGE = '/reset-password';

let simulator: TestSimulator;
let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let browser: Browser;
let publicUrl: string;

beforeAll(async () => {
  const port = await freePort();
  publicUrl = `http://localhost:${port}`;
  simulator = await TestSimulator.start(temporaryDirectory(), new ManualClock(Date.now()));
  for (const broker of BROKERS) {
    const redirectUris = [`${publicUrl}/api/v1/oauth/${broker}/callback`];
    await simulator.open(broker, { clients: [{ ...CLIENT, redirectUris }] });
  }
  api = await openApi({ publicUrl }, settingsAt(simulator.url));
  server = createHttpServer(api.app, publicUrl);
  server.listen(port, 'localhost');
  await once(server, 'listening');
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await api.close();
  await simulator.close();
});

/** A browser of somebody's own, in which they are logged in. */
async function browserOf({ email }: TestTrader): Promise<BrowserContext> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${publicUrl}${LIGHT_PAGE}`);
  const body = { email, password: PASSWORD };
  expect(await callFrom(context, 'POST', '/auth/login', body)).toMatchObject({ status: 200 });
  return context;
}

/** A call that one of our own pages makes. */
async function callFrom(context: BrowserContext, method: string, path: string, body?: object) {
  const [page] = context.pages();
  if (!page) throw new Error('the browser shows no page');
  await page.goto(`${publicUrl}${LIGHT_PAGE}`);
  return page.evaluate(
    async ({ url, init }) => {
      const answer = await fetch(url, init);
      const json = (await answer.json()) as Record<string, unknown>;
      return { status: answer.status, json };
    },
    {
      url: `/api/v1${path}`,
      init: {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      },
    },
  );
}

/** Fills in the broker's page; answers the address that the browser was sent to, and what it shows there. */
async function consent(
  context: BrowserContext,
  broker: LiveBroker,
  decision: 'Allow' | 'Deny',
  beforehand = async () => {},
) {
  const begun = await callFrom(context, 'POST', `/brokers/${broker}/connect`);
  const [page] = context.pages();
  if (!page) throw new Error('the browser shows no page');
  await page.goto(String(begun.json.authorizationUrl));
  await page.getByLabel('User name').fill(LOGIN.username);
  await page.getByLabel('Password').fill(LOGIN.password);
  await beforehand();
  await page.getByRole('button', { name: decision }).click();
  await page.waitForLoadState();
  return { url: page.url(), text: await page.locator('body').innerText() };
}

const states = async (context: BrowserContext) => {
  const { json } = await callFrom(context, 'GET', '/brokers');
  const items = json.items as { broker: string; state: string }[];
  return Object.fromEntries(items.map(({ broker, state }) => [broker, state]));
};

test('a person connects Schwab, Coinbase and E*TRADE on their own pages', async () => {
  const context = await browserOf(await api.addTrader());
  for (const broker of BROKERS) {
    const { url, text } = await consent(context, broker, 'Allow');
    expect(url).toMatch(new RegExp(`^${publicUrl}/api/v1/oauth/${broker}/callback\\?`));
    expect(text).toMatch(new RegExp(`^Connected: ${broker}\\s+\\S.*\\s+You can close this page\\.$`));
  }
  expect(await states(context)).toMatchObject({ schwab: 'active', coinbase: 'active', etrade: 'active' });
  await context.close();
});

test('a person who says no is not connected', async () => {
  const context = await browserOf(await api.addTrader());
  const { text } = await consent(context, 'coinbase', 'Deny');
  expect(text).toMatch(/^Not connected\s+The broker did not give access\./);
  expect(await states(context)).toMatchObject({ coinbase: 'disconnected' });
  await context.close();
});

test('a person sets a new password on the page behind the link of the mail', async () => {
  const { email } = await api.addTrader();
  await api.call('POST', '/auth/password-reset', { body: { email } });
  const mails = () => api.mailTo(email);
  await eventually(async () => (await mails()).length > 0, 'the mail');
  const link = (await mails()).flatMap((mail) => /http\S+\/reset-password#\S+/.exec(mail)?.[0] ?? [])[0] ?? '';
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  expect(page.url()).not.toContain('#');
  const attempt = async (password: string) => {
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('Repeat password').fill(password);
    await page.getByRole('button', { name: 'Set password' }).click();
  };
  await attempt('password password password');
  await page.getByText('guess').or(page.getByText('leaked')).waitFor();
  const password = 'violet harbour counts nine geese';
  await attempt(password);
  await page.getByText('Your password is changed').waitFor();
  expect((await api.call('POST', '/auth/login', { body: { email, password } })).status).toBe(200);
  await context.close();
});

test('T53 a person confirms the address on the page behind the link of the mail', async () => {
  const email = `${randomUUID()}@example.test`;
  const password = 'violet harbour counts nine geese';
  await api.call('POST', '/auth/register', { body: { email, password } });
  const mail = (await api.mailTo(email)).join('');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(/http\S+\/confirm-email#\S+/.exec(mail)?.[0] ?? '');
  expect(page.url()).not.toContain('#');
  // Opening the link is not enough: programs that look at mails for their owner open links as well.
  expect((await api.call('POST', '/auth/login', { body: { email, password } })).status).toBe(401);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Your account is created').waitFor();
  expect((await api.call('POST', '/auth/login', { body: { email, password } })).status).toBe(200);
  await context.close();
});

describe.each(BROKERS)('an answer of %s', (broker) => {
  test("T21 brought into another person's browser connects nobody", async () => {
    const [ann, bob] = [await browserOf(await api.addTrader()), await browserOf(await api.addTrader())];
    // Ann hands the address to Bob, unused: her own browser has lost its session when it gets there.
    const { url, text } = await consent(ann, broker, 'Allow', () => ann.clearCookies());
    expect(text).toContain('this browser is not logged in');
    const page = bob.pages()[0];
    const answer = await page?.goto(url);
    expect(answer?.status()).toBe(400);
    expect(await states(bob)).toMatchObject({ [broker]: 'disconnected' });
    await ann.close();
    await bob.close();
  });

  test('works once, however often the page is loaded again', async () => {
    const context = await browserOf(await api.addTrader());
    const { url } = await consent(context, broker, 'Allow');
    const answer = await context.pages()[0]?.goto(url);
    expect(answer?.status()).toBe(400);
    expect(await states(context)).toMatchObject({ [broker]: 'active' });
    await context.close();
  });
});
