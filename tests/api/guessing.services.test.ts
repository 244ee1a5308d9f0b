/** Guessing passwords, and finding out who has an account. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import type { RateLimits } from '../../src/platform/rate-limit-settings.js';
import { type Answer, codeOf, expectProblem, openApi, PASSWORD, PUBLIC_URL, setUpTotp } from './harness.js';
import { comparePairs } from './pairs.js';

const MANY = 100_000;
const GENEROUS: RateLimits = {
  loginPerMinute: MANY,
  failuresPerAccount: MANY,
  registerPerHour: MANY,
  anonymousPerHour: MANY,
  anonymousPerDay: MANY,
  userPerMinute: MANY,
  webhookPerMinute: MANY,
  failedSignalsPerMinute: MANY,
};

let api: Awaited<ReturnType<typeof openApi>>;
afterEach(() => api.close());
const open = async (changes: Partial<RateLimits> = {}, trustedHops = 0) => {
  api = await openApi({ rateLimits: { ...GENEROUS, ...changes }, trustedHops });
};

const logIn = (email: string, password: string, headers: Record<string, string> = {}) =>
  api.call('POST', '/auth/login', { body: { email, password }, headers });

describe('T1 many addresses guess at one account', () => {
  const attack = async (email: string): Promise<Answer[]> => {
    const from = (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}` });
    return Promise.all(Array.from({ length: 150 }, (_, index) => logIn(email, 'a wrong guess', from(index % 30))));
  };

  test('few guesses are judged, and a browser that was there before still gets in', async () => {
    await open({ loginPerMinute: 10, failuresPerAccount: 100 }, 1);
    const { email } = api.trader;
    const before = await logIn(email, PASSWORD);
    const device = before.headers.getSetCookie().find((cookie) => cookie.startsWith('arbion_device='));
    const answers = await attack(email);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(140);

    const elsewhere = await logIn(email, PASSWORD, { 'x-forwarded-for': '198.51.100.1' });
    expectProblem(elsewhere, 429, 'rate-limited');
    expect(Number(elsewhere.headers.get('retry-after'))).toBeGreaterThan(0);
    const known = { cookie: device?.split(';')[0] ?? '', origin: PUBLIC_URL, 'x-forwarded-for': '198.51.100.1' };
    expect((await logIn(email, PASSWORD, known)).status).toBe(200);
  });

  test('it shows nothing about whether there is an account', async () => {
    await open({ failuresPerAccount: 100 }, 1);
    const answers = await attack('nobody@example.test');
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  });

  test("another account's browser is no browser that was there before, and neither is a made-up one", async () => {
    await open({ failuresPerAccount: 3 });
    const other = await api.addTrader();
    const set = (await logIn(other.email, PASSWORD)).headers.getSetCookie();
    const foreign = set.find((cookie) => cookie.startsWith('arbion_device='))?.split(';')[0] ?? '';
    for (let guess = 0; guess < 3; guess++) await logIn(api.trader.email, 'wrong');
    for (const cookie of [foreign, `arbion_device=${randomUUID()}.${'0'.repeat(64)}`, 'arbion_device=%E0%A4%A']) {
      expectProblem(await logIn(api.trader.email, PASSWORD, { cookie, origin: PUBLIC_URL }), 429, 'rate-limited');
    }
  });

  test('a right password forgets the wrong ones', async () => {
    await open({ failuresPerAccount: 3 });
    for (let round = 0; round < 3; round++) {
      for (let guess = 0; guess < 2; guess++) expect((await logIn(api.trader.email, 'wrong')).status).toBe(401);
      expect((await logIn(api.trader.email, PASSWORD)).status).toBe(200);
    }
  });

  test('a stolen session has as few guesses at the password', async () => {
    await open({ failuresPerAccount: 3 });
    const cookie = await api.logIn(api.trader);
    const guess = (password: string) => api.call('POST', '/auth/reauthenticate', { cookie, body: { password } });
    for (let attempt = 0; attempt < 3; attempt++) expectProblem(await guess('wrong'), 403, 'reauth-required');
    expectProblem(await guess(PASSWORD), 429, 'rate-limited');
  });
});

describe('T52 guesses that take their time', () => {
  /** As long as the longest wait. */
  const anHourLater = async () => {
    await api.database.pool.query("UPDATE rate_windows SET expires_at = now() - interval '1 s'");
    await api.database.pool.query("UPDATE sign_in_failures SET wait_until = now() - interval '1 s'");
  };
  const guessEachHour = async (email: string, count: number): Promise<number> => {
    let judged = 0;
    for (let guess = 0; guess < count; guess++) {
      if ((await logIn(email, 'a wrong guess')).status === 401) judged += 1;
      await anHourLater();
    }
    return judged;
  };

  test('are 100 in a row at most: only a success forgets them, or a link by mail', async () => {
    await open({ failuresPerAccount: 100 });
    const { email } = api.trader;
    const device = (await logIn(email, PASSWORD)).headers.getSetCookie().find((set) => /^arbion_device=/.test(set));
    const known = { cookie: device?.split(';')[0] ?? '', origin: PUBLIC_URL };
    expect(await guessEachHour(email, 99)).toBe(99);
    expect((await logIn(email, PASSWORD)).status).toBe(200);
    expect(await guessEachHour(email, 120)).toBe(100);

    const refused = await logIn(email, PASSWORD);
    expectProblem(refused, 429, 'rate-limited');
    expect(refused.json.whatToDo).toContain('new password');
    expect((await logIn(email, PASSWORD, known)).status).toBe(200);
    expectProblem(await logIn(email, PASSWORD), 429, 'rate-limited');

    await api.call('POST', '/auth/password-reset', { body: { email } });
    const token = /\/reset-password#([\w-]{43})/.exec((await api.mailTo(email)).at(-1) ?? '')?.[1];
    const newPassword = 'a quite different sentence';
    await api.call('POST', '/auth/password-reset/confirm', { body: { token, newPassword } });
    expect((await logIn(email, newPassword)).status).toBe(200);
  }, 120_000);

  test('are as few where there is no account', async () => {
    await open({ failuresPerAccount: 20 });
    const nobody = `${randomUUID()}@example.test`;
    expect(await guessEachHour(nobody, 25)).toBe(20);
    expect((await logIn(nobody, PASSWORD)).json.whatToDo).toContain('new password');
  });

  test('wait longer each time, up to an hour', async () => {
    await open({ failuresPerAccount: 20 });
    const waits: number[] = [];
    for (let guess = 0; guess < 12; guess++) {
      await logIn(api.trader.email, 'a wrong guess');
      const answer = await logIn(api.trader.email, PASSWORD.toUpperCase());
      if (answer.status === 429) waits.push(Number(answer.headers.get('retry-after')));
      await anHourLater();
    }
    const expected = [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
    expect(waits.slice(0, 9).map((wait, index) => Math.abs(wait - (expected[index] ?? 0)) <= 2)).toEqual(
      expected.map(() => true),
    );
  });

  test('the right password alone is a failure as well, which does not make its owner wait for the code', async () => {
    await open({ failuresPerAccount: 3 });
    const { secret } = await setUpTotp(api.call, await api.logIn(api.trader));
    await api.database.prisma.totpSecret.updateMany({ data: { lastStep: 0 } });
    const { email } = api.trader;
    for (let guess = 0; guess < 2; guess++) expect((await logIn(email, PASSWORD)).status).toBe(401);
    const body = { email, password: PASSWORD, code: codeOf(secret) };
    expect((await api.call('POST', '/auth/login', { body })).status).toBe(200);
    for (let guess = 0; guess < 3; guess++) {
      expectProblem(await logIn(email, PASSWORD), 401, 'unauthenticated', 'TOTP_REQUIRED');
    }
    expectProblem(await logIn(email, PASSWORD), 429, 'rate-limited');
  });
});

describe('T2 time does not show who has an account', () => {
  const newEmail = () => `${randomUUID()}@example.test`;
  /** Of 100 throws fewer than 20 or more than 80 come once in 10^9 times; a hash that only one kind makes would win all. */
  const expectACoin = async (one: () => Promise<unknown>, other: () => Promise<unknown>) => {
    const { slower } = await comparePairs(100, one, other);
    expect(slower).toBeGreaterThanOrEqual(20);
    expect(slower).toBeLessThanOrEqual(80);
  };

  test('at log-in', async () => {
    await open();
    const known = () => logIn(api.trader.email, 'a wrong guess');
    await expectACoin(known, () => logIn(newEmail(), 'a wrong guess'));
  });

  test('at registration', async () => {
    await open();
    const register = (email: string) => api.call('POST', '/auth/register', { body: { email, password: PASSWORD } });
    await expectACoin(
      () => register(api.trader.email),
      () => register(newEmail()),
    );
  });

  test('when a password is forgotten', async () => {
    await open();
    const ask = (email: string) => api.call('POST', '/auth/password-reset', { body: { email } });
    await expectACoin(
      () => ask(api.trader.email),
      () => ask(newEmail()),
    );
  });
});

test('T3 of 500 log-ins at once some wait and the others are asked to come back, while everybody else is served', async () => {
  await open();
  const server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let waiting = 500;
  const body = JSON.stringify({ email: api.trader.email, password: 'a wrong guess' });
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const flood = Array.from({ length: 500 }, async () => {
    const answer = await fetch(`${url}/api/v1/auth/login`, request);
    await answer.text();
    waiting -= 1;
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  });
  const alive = await fetch(`${url}/health/live`);
  expect([alive.status, waiting > 0]).toEqual([200, true]);
  const answers = await Promise.all(flood);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
  for (const { status, retryAfter } of answers) if (status === 503) expect(retryAfter).toBe('1');
  server.closeAllConnections();
  server.close();
});
