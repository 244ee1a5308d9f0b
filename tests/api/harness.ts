/** The whole API on real Postgres and the real paper broker, called by requests and judged by answers. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import { Secret, TOTP } from 'otpauth';
import { type Logger, pino } from 'pino';
import { expect } from 'vitest';
import { createApp } from '../../src/api/app.js';
import type { ApiDependencies, ApiSettings } from '../../src/api/dependencies.js';
import { apiDependencies } from '../../src/api/dependencies.js';
import type { AppEnv } from '../../src/api/http/context.js';
import { openApiDocument } from '../../src/api/http/openapi-document.js';
import { createUser } from '../../src/auth/accounts.js';
import type { Role, Scope } from '../../src/auth/caller.js';
import { createPasswords } from '../../src/auth/passwords.js';
import { createTokens } from '../../src/auth/tokens.js';
import type { PaperBroker } from '../../src/brokers/paper/paper-broker.js';
import type { UserId } from '../../src/domain/ids.js';
import { connectBrokers } from '../../src/live-brokers/live-brokers.js';
import { createFileOutbox } from '../../src/mail/mailer.js';
import type { BrokersSettings } from '../../src/platform/broker-settings.js';
import { createTemporalClient } from '../../src/temporal/connection.js';
import { payloadEncryption } from '../../src/temporal/payload-encryption.js';
import type { TestDatabase } from '../support/database.js';
import { dataConverter, TEST_RING } from '../support/encryption.js';
import { type PricePaths, steadyRows } from '../support/market-files.js';
import { paperMarket } from '../support/paper-market.js';
import { SESSION_SECRET } from '../support/trading.js';
import { documentedAnswers } from './documented-answers.js';

export const PUBLIC_URL = 'http://localhost:8000';
export const PASSWORD = 'correct horse battery staple';

const RING = [{ id: 'test', key: randomBytes(32) }];
const passwords = createPasswords();
/** Hashing takes its time by design; all test users share one hash. */
const passwordHash = passwords.hash(PASSWORD);

/** Where the mail of all tests of this process goes. */
const OUTBOX = join(tmpdir(), `arbion-outbox-${randomUUID()}`);

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** the body as an object; empty when it was none */
  json: Record<string, unknown>;
}

export interface Call {
  token?: string;
  cookie?: string;
  key?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** sent as it is */
  rawBody?: string | Uint8Array<ArrayBuffer> | ReadableStream;
}

export interface TestTrader {
  userId: UserId;
  email: string;
  token: string;
}

export interface TestApi {
  app: OpenAPIHono<AppEnv>;
  dependencies: ApiDependencies;
  database: TestDatabase;
  trader: TestTrader;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  addTrader(options?: { role?: Role; scopes?: readonly Scope[] }): Promise<TestTrader>;
  /** Logs in and answers the Cookie header. */
  logIn(trader: Pick<TestTrader, 'email'>): Promise<string>;
  /** The Cookie header of a new superadmin who has done what a new one must. */
  superadmin(): Promise<string>;
  /** The mail to an address, the oldest first, once all that is under way is sent. */
  mailTo(email: string): Promise<string[]>;
  /** How many rows a refused request may not have added to. */
  rowCounts(): Promise<Record<string, number>>;
}

const TRADING_SCOPES: readonly Scope[] = ['read', 'trade'];

const generousLimits = {
  loginPerMinute: 10_000,
  failuresPerAccount: 10_000,
  registerPerHour: 1000,
  anonymousPerHour: 10_000,
  anonymousPerDay: 10_000,
  userPerMinute: 10_000,
  webhookPerMinute: 10_000,
  failedSignalsPerMinute: 10_000,
};

/** Where nobody listens. */
const NO_TEMPORAL = { address: '127.0.0.1:1', namespace: 'none' };

export const PRICES: PricePaths = {
  'equity/AAPL': steadyRows('2013-10-08T13:30', 60, { bid: '149.99', ask: '150.01', last: '150' }),
  'crypto/BTC-USD': steadyRows('2013-10-08T13:30', 60, { bid: '6999.5', ask: '7000.5', last: '7000' }),
};
export const NOON = '2013-10-08T14:00';

/** An API of its own market, without Temporal. */
export async function openApi(
  settings: Partial<ApiSettings> = {},
  brokers: BrokersSettings = {},
  logger?: Logger,
): Promise<TestApi & { goTo(minute: string): Promise<void>; close(): Promise<void> }> {
  const market = await paperMarket(PRICES);
  await market.goTo(NOON);
  const temporal = createTemporalClient(NO_TEMPORAL, dataConverter);
  const parts = { database: market.database, paper: market.broker, temporal, settings, brokers };
  const api = await apiOn({ ...parts, ...(logger && { logger }) });
  return {
    ...api,
    goTo: market.goTo,
    close: async () => {
      await api.dependencies.background.finished();
      await rm(OUTBOX, { recursive: true, force: true });
      await temporal.connection.close();
      await market.close();
    },
  };
}

/** An API over parts that a test has opened already. */
export async function apiOn(parts: {
  database: TestDatabase;
  paper: PaperBroker;
  temporal: Client;
  settings?: Partial<ApiSettings>;
  /** besides the paper broker */
  brokers?: BrokersSettings;
  logger?: Logger;
}): Promise<TestApi> {
  const { database, paper, temporal, settings, brokers = {} } = parts;
  const { prisma } = database;
  const dependencies = apiDependencies({
    prisma,
    temporal,
    paper,
    live: connectBrokers({ prisma, locks: database.pool, encryptionKeys: RING, settings: brokers }),
    passwords,
    mailer: createFileOutbox(OUTBOX, 'arbion@example.test'),
    sessionSecret: SESSION_SECRET,
    payloadCodec: payloadEncryption(TEST_RING),
    settings: {
      publicUrl: PUBLIC_URL,
      temporal: { namespace: 'default' },
      rateLimits: generousLimits,
      trustedHops: 0,
      ...settings,
    },
    logger: parts.logger ?? pino({ level: process.env.TEST_LOG ?? 'silent' }),
  });
  const app = createApp(dependencies);
  const undocumentedIn = documentedAnswers(openApiDocument(app, PUBLIC_URL));
  const call = async (method: string, path: string, request: Call = {}) => {
    const answer = await callApp(app, method, path, request);
    const { status, headers, text } = answer;
    const contentType = headers.get('content-type')?.split(';')[0] ?? '';
    // Whatever a test is about: nothing may be answered that the document does not describe.
    expect(undocumentedIn({ method, path: pathOf(path), status, contentType, text })).toBeUndefined();
    return answer;
  };

  const addTrader: TestApi['addTrader'] = async ({ role = 'standard', scopes = TRADING_SCOPES } = {}) => {
    const email = `${randomUUID()}@example.test`;
    const userId = await createUser(prisma, { email, passwordHash: await passwordHash, role });
    if (userId === undefined) throw new Error('the address was taken');
    const { token } = await createTokens(prisma).create(userId, { name: 'test', scopes });
    return { userId, email, token };
  };

  const logIn: TestApi['logIn'] = async ({ email }) => {
    const { headers, status } = await call('POST', '/auth/login', { body: { email, password: PASSWORD } });
    expect(status).toBe(200);
    return sessionCookie(headers);
  };

  return {
    app,
    dependencies,
    database,
    call,
    addTrader,
    trader: await addTrader(),
    logIn,
    superadmin: async () => {
      const root = await addTrader({ role: 'superadmin' });
      const cookie = await logIn(root);
      return (await setUpTotp(call, cookie)).cookie;
    },
    mailTo: async (email) => {
      await dependencies.background.finished();
      const files = await readdir(OUTBOX).catch(() => []);
      const texts = await Promise.all(files.sort().map((file) => readFile(join(OUTBOX, file), 'utf8')));
      return texts.filter((text) => text.includes(`To: ${email}`)).map(plainText);
    },
    rowCounts: async () => ({
      trades: await prisma.trade.count(),
      events: await prisma.tradeEvent.count(),
      keys: await prisma.idempotencyKey.count(),
      users: await prisma.user.count(),
      tokens: await prisma.apiToken.count(),
      limits: await prisma.riskLimits.count(),
      switches: await prisma.killSwitch.count(),
      connections: await prisma.brokerLogin.count(),
      brokerAccounts: await prisma.brokerAccount.count(),
    }),
  };
}

async function callApp(app: OpenAPIHono<AppEnv>, method: string, path: string, call: Call): Promise<Answer> {
  const headers = new Headers(call.headers);
  if (call.token !== undefined) headers.set('authorization', `Bearer ${call.token}`);
  if (call.cookie !== undefined) {
    headers.set('cookie', call.cookie);
    if (!headers.has('origin') && !headers.has('sec-fetch-site')) headers.set('origin', PUBLIC_URL);
  }
  if (call.key !== undefined) headers.set('idempotency-key', call.key);
  if (call.body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  const body = call.rawBody ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const streams = body instanceof ReadableStream ? { duplex: 'half' as const } : {};
  const response = await app.request(`${PUBLIC_URL}${pathOf(path)}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
    ...streams,
  });
  const text = await textOf(response);
  return { status: response.status, headers: response.headers, text, json: objectIn(text) };
}

/** A stream has no end: it is left at once. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'text/event-stream') return response.text();
  await response.body?.cancel();
  return '';
}

/** The Cookie header that the browser sends from now on. */
export function sessionCookie(headers: Headers): string {
  const set = headers.getSetCookie().find((cookie) => /^(?:__Host-)?arbion_session=/.test(cookie));
  return set?.split(';')[0] ?? '';
}

/** Sets an authenticator up; `cookie` is of the session that goes on. */
export async function setUpTotp(
  call: TestApi['call'],
  cookie: string,
): Promise<{ cookie: string; secret: string; recoveryCodes: string[] }> {
  const begun = await call('POST', '/auth/totp', { cookie });
  const secret = String(begun.json.secret);
  const confirmed = await call('POST', '/auth/totp/confirm', { cookie, body: { code: codeOf(secret) } });
  expect(confirmed.status).toBe(200);
  const recoveryCodes = confirmed.json.recoveryCodes as string[];
  return { cookie: sessionCookie(confirmed.headers), secret, recoveryCodes };
}

/** What an authenticator shows at a time. */
export function codeOf(secret: string, timestamp = Date.now()): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** Long lines come in pieces. */
function plainText(mail: string): string {
  return mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
}

/** Paths of calls are those of the API, but for the few outside of it. */
function pathOf(path: string): string {
  return /^\/(?:health|docs|openapi\.json|codec|temporal)/.test(path) ? path : `/api/v1${path}`;
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Asserts that an answer is the problem that it should be, complete and without anything of the inside. */
export function expectProblem(answer: Answer, status: number, slug: string, code?: string): void {
  const shown = {
    status: answer.status,
    type: answer.json.type,
    code: answer.json.code,
    detail: answer.json.detail,
  };
  expect(shown).toMatchObject({ status, type: `urn:arbion:problem:${slug}`, ...(code !== undefined && { code }) });
  expect(answer.json.status).toBe(status);
  expect(answer.json.instance).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.text).not.toMatch(/prisma|postgres|hono|zod|node_modules|\n\s+at /i);
}

/** A body of POST /trades that is right at the harness's market. */
export function tradeBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    broker: 'paper',
    symbol: 'AAPL',
    assetClass: 'equity',
    side: 'buy',
    quantity: '2',
    orderType: 'market',
    timeInForce: 'day',
    stopLoss: { percent: '5' },
    ...changes,
  };
}
