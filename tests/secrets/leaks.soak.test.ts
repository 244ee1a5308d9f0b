/** T12 T20: secrets go through a whole installation, its failures included, and are looked for in all that it leaves behind. */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TRADES_TASK_QUEUE, type UserId } from '../../src/domain/ids.js';
import { openGrant } from '../../src/oauth/grant.js';
import { createVault } from '../../src/vault/vault.js';
import { codeOf, sessionCookie } from '../api/harness.js';
import { confirmRegistration } from '../support/confirm-registration.js';
import { eventually } from '../support/eventually.js';
import { Installation } from './installation.js';
import { spelledOut } from './spelled-out.js';

/** The bytes of a terminal's commands are refused by clients and servers alike. */
const USER_AGENT = 'x"}{"msg":"forged"';

let arbion: Installation;
const secrets = new Map<string, string>();
let cookie: string;
let connectionId: string;

/** Notes a secret to look for, and answers it. */
function secret(name: string, value: unknown): string {
  if (typeof value !== 'string' || value.length < 12) throw new Error(`${name} is no secret to look for`);
  secrets.set(name, value);
  return value;
}

beforeAll(async () => {
  arbion = await Installation.open();
  for (const [name, value] of Object.entries(arbion.secrets)) secret(name, value);
  await signUp();
  await connect();
  await trade();
}, 240_000);
afterAll(() => arbion.close());

/** An account with everything that one can sign in with, by way of mistakes. */
async function signUp(): Promise<void> {
  const email = `${randomUUID()}@example.test`;
  const password = secret('password', randomBytes(18).toString('base64url'));
  const next = secret('next password', randomBytes(18).toString('base64url'));
  const headers = { 'user-agent': USER_AGENT };
  await arbion.call('POST', '/auth/register', { body: { email, password } });
  await eventually(async () => (await tokensIn('confirm-email')).length > 0, 'the mail that asks to confirm');
  secret('registration token', (await tokensIn('confirm-email'))[0]);
  await confirmRegistration((...call) => arbion.call(...call), await plainMails());
  await arbion.call('POST', '/auth/login', {
    body: { email: `${email}\n\u001b[31m{"msg":"forged"}`, password },
    headers,
  });
  await arbion.call('POST', '/auth/login', { body: `{"email":"${email}","password":"${password}"` });
  await arbion.call('POST', '/auth/login', { body: { email, password: [password] }, headers });
  const first = await arbion.call('POST', '/auth/login', { body: { email, password }, headers });
  secret('first cookie', sessionCookie(first.headers).split('=')[1]);
  await arbion.call('POST', '/auth/password-reset', { body: { email } });
  await eventually(async () => (await tokensIn('reset-password')).length > 0, 'the mail with the link');
  const reset = secret('reset token', (await tokensIn('reset-password'))[0]);
  await arbion.call('POST', '/auth/password-reset/confirm', { body: { token: reset, newPassword: next } });
  const second = await arbion.call('POST', '/auth/login', { body: { email, password: next } });
  const begun = await arbion.call('POST', '/auth/totp', { cookie: sessionCookie(second.headers), handsOver: true });
  const totp = secret('TOTP secret', begun.json.secret);
  const confirm = { cookie: sessionCookie(second.headers), body: { code: codeOf(totp) }, handsOver: true };
  const confirmed = await arbion.call('POST', '/auth/totp/confirm', confirm);
  for (const [index, code] of (confirmed.json.recoveryCodes as string[]).entries())
    secret(`recovery code ${index}`, code);
  cookie = sessionCookie(confirmed.headers);
  secret('cookie', cookie.split('=')[1]);
  const body = { name: 'a program', scopes: ['read', 'trade'] };
  const token = secret(
    'API token',
    (await arbion.call('POST', '/tokens', { cookie, body, handsOver: true })).json.token,
  );
  await arbion.call('GET', `/trades/${token}`, { token });
  await arbion.call('GET', `/trades?token=${token}`, { token });
}

async function plainMails(): Promise<string[]> {
  return (await arbion.mails()).map((mail) => mail.replaceAll(/=\r?\n/g, ''));
}

async function tokensIn(page: string): Promise<string[]> {
  return (await plainMails()).flatMap((mail) => new RegExp(`/${page}#([\\w-]{43})`).exec(mail)?.[1] ?? []);
}

/** Logins at two brokers, of which some fail, and a credential that is refreshed. */
async function connect(): Promise<void> {
  const { simulator, url } = arbion;
  const login = { username: randomUUID(), password: secret("the broker's password", randomUUID()) };
  const redirectUris = [`${url}/api/v1/oauth/coinbase/callback`];
  const client = { clientId: 'arbion', clientSecret: arbion.secrets.coinbaseClientSecret, redirectUris };
  await simulator.open('coinbase', { login, clients: [client] });
  await simulator.fault('http_500', 'token');
  await logIn(login);
  const connected = await logIn(login);
  expect(connected.status, JSON.stringify(connected.json)).toBe(200);
  const row = await arbion.database.prisma.brokerLogin.findFirstOrThrow({ where: { broker: 'coinbase' } });
  connectionId = row.id;

  const { credentials } = await simulator.open('alpaca', { login });
  const wrong = { keyId: 'PKWRONG', secret: secret('wrong key', randomBytes(24).toString('base64url')) };
  await arbion.call('PUT', '/brokers/alpaca/credentials', { cookie, body: wrong });
  const keys = { keyId: String(credentials.keyId), secret: secret('API key', credentials.secretKey) };
  const taken = await arbion.call('PUT', '/brokers/alpaca/credentials', { cookie, body: keys });
  expect(taken.status, JSON.stringify(taken.json)).toBe(200);
}

async function logIn(login: { username: string; password: string }) {
  const { json } = await arbion.call('POST', '/brokers/coinbase/connect', { cookie, handsOver: true });
  const body = new URLSearchParams({ ...login, decision: 'allow' });
  const answer = await fetch(String(json.authorizationUrl), { method: 'POST', redirect: 'manual', body });
  const query = new URL(answer.headers.get('location') ?? '').searchParams;
  secret(`code ${secrets.size}`, query.get('code'));
  secret(`state ${secrets.size}`, query.get('state'));
  return arbion.call('GET', `/oauth/coinbase/callback?${query}`, { cookie });
}

/** A trade whose calls fail in every way, so that errors have something to say. */
async function trade(): Promise<void> {
  const { simulator } = arbion;
  await noteGrant('before');
  await simulator.market('BTC-USD', '59990', '60010');
  await simulator.fault('http_500', 'place_stop');
  await simulator.fault('unauthorized', 'list_orders', { count: 2 });
  await simulator.fault('malformed', 'get_order', { count: 1 });
  const body = {
    ...{ broker: 'coinbase', assetClass: 'crypto', symbol: 'BTC-USD', side: 'buy', quantity: '0.01' },
    ...{ orderType: 'market', timeInForce: 'gtc', stopLoss: { percent: '5' } },
  };
  const started = await arbion.call('POST', '/trades', { cookie, body, headers: { 'idempotency-key': randomUUID() } });
  expect(started.status, JSON.stringify(started.json)).toBeLessThan(300);
  const read = () => arbion.call('GET', `/trades/${started.json.id}`, { cookie });
  await eventually(async () => (await read()).json.stopKind === 'broker', 'a stop rests at the broker', 90_000);
  await arbion.call('PATCH', `/trades/${started.json.id}`, { cookie, body: { stopPrice: '99999999' } });
  await arbion.call('POST', '/trades', {
    cookie,
    body: { ...body, symbol: 'BTC\n{"msg":"forged"}\u001b[31m' },
    headers: { 'idempotency-key': randomUUID(), 'user-agent': USER_AGENT },
  });
  await arbion.call('POST', `/trades/${started.json.id}/close`, { cookie });
  await eventually(async () => (await read()).json.status === 'closed', 'the trade is closed', 90_000);
  await noteGrant('after');
}

/** The tokens that the broker gave, as only the vault knows them. */
async function noteGrant(when: string): Promise<void> {
  const row = await arbion.database.prisma.brokerLogin.findUniqueOrThrow({ where: { id: connectionId } });
  const vault = createVault([{ id: 'k1', key: Buffer.from(arbion.secrets.encryptionKey, 'base64') }]);
  const owner = { id: row.id, userId: row.userId as UserId, broker: 'coinbase' } as const;
  const grant = openGrant(vault, owner, row.sealed ?? new Uint8Array());
  for (const [name, value] of Object.entries(grant)) {
    if (typeof value === 'string' && value.length > 20) secret(`${name} ${when}`, value);
  }
}

/** Where which secret stands, in any spelling. */
function leaks(sinks: Record<string, unknown>): string[] {
  return Object.entries(sinks).flatMap(([sink, content]) => {
    const text = spelledOut(content);
    const found = [...secrets].filter(([, value]) => spellings(value).some((spelling) => text.includes(spelling)));
    return found.map(([name]) => `${name} in ${sink}`);
  });
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const raw = Buffer.from(value, 'base64').toString('latin1');
  return [
    ...[value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), bytes.toString('hex')],
    // What is random may also appear as the bytes that it spells.
    ...(raw.length >= 24 ? [raw] : []),
  ];
}

/** Else nobody had anything to say. */
async function expectFailuresHappened(): Promise<void> {
  const { body } = await arbion.simulator.call('GET', '/control/faults');
  expect(body.items).toHaveLength(4);
  for (const fault of body.items) expect(fault.hits, fault.operation).toBeGreaterThan(0);
  const { refreshes } = await arbion.simulator.ledger();
  // A second one when the second refusal meets another call, with the credential that the first one brought.
  expect(refreshes.length).toBeGreaterThan(0);
  for (const { outcome } of refreshes) expect(outcome).toBe('refreshed');
}

test('T12 T20 no secret stands in logs, histories, the database, answers, metrics or process arguments', async () => {
  const sinks = await arbion.sinks();
  expect([...secrets.keys()]).toEqual(
    expect.arrayContaining(['password', 'cookie', 'API token', 'TOTP secret', 'API key', 'reset token']),
  );
  expect(secrets.size).toBeGreaterThan(25);
  await expectFailuresHappened();
  expect((sinks.histories as unknown[]).length).toBeGreaterThan(2);
  expect(sinks.logs).toContain('answered');
  expect(leaks(sinks)).toEqual([]);
});

/** A task that no worker can do, of which Temporal's native library complains. */
async function failTask(): Promise<void> {
  const workflowId = randomUUID();
  const handle = await arbion.client.workflow.start('no-such-workflow', { workflowId, taskQueue: TRADES_TASK_QUEUE });
  await eventually(async () => (await arbion.logs()).includes('no-such-workflow'), 'a failed task is logged');
  await handle.terminate();
}

test('T35 every line of the logs is JSON, whatever was in headers, addresses and symbols', async () => {
  await failTask();
  const lines = (await arbion.logs()).split('\n').filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) {
    expect(() => JSON.parse(line), line).not.toThrow();
    expect(JSON.parse(line).msg, line).not.toBe('forged');
  }
});

test('T12 T20 the same search finds what does leak, in each of these places', async () => {
  const canary = secret('canary', randomBytes(24).toString('base64url'));
  const { prisma } = arbion.database;
  await prisma.alert.create({ data: { severity: 3, code: 'x', message: `it was ${canary}`, key: randomUUID() } });
  await arbion.client.workflow.start('nobody', {
    taskQueue: 'nobody',
    workflowId: randomUUID(),
    args: [{ nested: [canary] }],
  });
  await arbion.redis.set('x', `y${canary}`);
  const talkative = spawn('sleep', ['60'], { argv0: canary, stdio: 'ignore' });
  arbion.answers.push(`{"detail":"${Buffer.from(`Basic x:${canary}`).toString('base64')}"}`);
  const sinks = { ...(await arbion.sinks()), logs: `{"msg":"failed","url":"/x?key=${encodeURIComponent(canary)}"}` };
  talkative.kill();
  expect(leaks(sinks)).toEqual(
    ['logs', 'histories', 'database', 'answers', 'process arguments', 'redis'].map((sink) => `canary in ${sink}`),
  );
});
