import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RateLimits } from '../../src/platform/rate-limit-settings.js';
import { type Call, expectProblem, openApi, PASSWORD } from './harness.js';

const LIMITS: RateLimits = {
  loginPerMinute: 10,
  failuresPerAccount: 100,
  registerPerHour: 5,
  anonymousPerHour: 50,
  anonymousPerDay: 200,
  userPerMinute: 30,
  webhookPerMinute: 30,
  failedSignalsPerMinute: 30,
};

let api: Awaited<ReturnType<typeof openApi>>;
afterEach(() => api.close());
const open = async (changes: Partial<RateLimits> = {}, trustedHops = 0) => {
  api = await openApi({ rateLimits: { ...LIMITS, ...changes }, trustedHops });
};

async function statusesOf(
  count: number,
  request: (index: number) => Promise<{ status: number }>,
): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => request(index)));
  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
}

test('B62 the 11th log-in in a minute, even if it is right', async () => {
  await open();
  const logIn = (password: string) => api.call('POST', '/auth/login', { body: { email: api.trader.email, password } });
  for (let attempt = 0; attempt < 10; attempt++) expect((await logIn('wrong')).status).toBe(401);
  const refused = await logIn(PASSWORD);
  expectProblem(refused, 429, 'rate-limited');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('T5 of 200 log-ins at once exactly 10 pass', async () => {
  await open();
  const body = { email: 'nobody@example.test', password: 'x' };
  expect(await statusesOf(200, () => api.call('POST', '/auth/login', { body }))).toEqual({ 401: 10, 429: 190 });
});

test('T38 a clock that is put forward by a day lets nobody guess more', async () => {
  await open();
  const body = { email: 'nobody@example.test', password: 'x' };
  const guess = () => api.call('POST', '/auth/login', { body });
  for (let attempt = 0; attempt < 10; attempt++) expect((await guess()).status).toBe(401);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
  try {
    expectProblem(await guess(), 429, 'rate-limited');
  } finally {
    vi.useRealTimers();
  }
});

test('B66 the 6th registration in an hour', async () => {
  await open();
  const register = () =>
    api.call('POST', '/auth/register', { body: { email: `${randomUUID()}@example.test`, password: PASSWORD } });
  for (let attempt = 0; attempt < 5; attempt++) expect((await register()).status).toBe(202);
  expectProblem(await register(), 429, 'rate-limited');
});

describe('B67 anonymous requests', () => {
  test('the 51st in an hour, but never health or documentation', async () => {
    await open();
    expect(await statusesOf(51, () => api.call('GET', '/trades'))).toEqual({ 401: 50, 429: 1 });
    for (const path of ['/health/live', '/openapi.json', '/docs'])
      expect((await api.call('GET', path)).status).toBe(200);
    expect((await api.call('GET', '/trades', { token: api.trader.token })).status).toBe(200);
  });

  test('the 201st in a day', async () => {
    await open({ anonymousPerHour: 1_000 });
    expect(await statusesOf(201, () => api.call('GET', '/trades'))).toEqual({ 401: 200, 429: 1 });
  });

  test('a bad credential does not make a request less anonymous', async () => {
    await open();
    expect(await statusesOf(51, () => api.call('GET', '/trades', { token: 'arb_x' }))).toEqual({ 401: 50, 429: 1 });
  });
});

test('each user has a limit of his own', async () => {
  await open();
  const other = await api.addTrader();
  expect(await statusesOf(31, () => api.call('GET', '/auth/me', { token: api.trader.token }))).toEqual({
    200: 30,
    429: 1,
  });
  expect((await api.call('GET', '/auth/me', { token: other.token })).status).toBe(200);
});

describe('B68 X-Forwarded-For', () => {
  test.each([
    ['a thousand values', Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join(', ')],
    ['no address', 'unknown'],
    ['a zone', 'fe80::1%eth0'],
    ['a port', '10.0.0.1:4711'],
    ['nothing', ''],
  ])('%s is not believed', async (_, forwarded) => {
    await open({ anonymousPerHour: 1 });
    const call: Call = { headers: { 'x-forwarded-for': forwarded } };
    expect((await api.call('GET', '/trades')).status).toBe(401);
    expectProblem(await api.call('GET', '/trades', call), 429, 'rate-limited');
  });

  test('behind a trusted proxy the address that it saw counts, and nothing before it', async () => {
    await open({ anonymousPerHour: 1 }, 1);
    const from = (forwarded: string) => api.call('GET', '/trades', { headers: { 'x-forwarded-for': forwarded } });
    expect((await from('203.0.113.1')).status).toBe(401);
    expect((await from('198.51.100.7, 203.0.113.1')).status).toBe(429);
    expect((await from('203.0.113.2')).status).toBe(401);
  });
});

describe('T4 one client', () => {
  test('is one behind a hundred addresses that it makes up', async () => {
    await open();
    const from = (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}`, forwarded: `for=203.0.113.${index}` });
    const ask = (index: number) => api.call('GET', '/trades', { headers: from(index) });
    expect(await statusesOf(100, ask)).toEqual({ 401: 50, 429: 50 });
  });

  test('is one with a thousand addresses of its network', async () => {
    await open({}, 1);
    const from = (index: number) => ({ 'x-forwarded-for': `2001:db8:1:2:${index.toString(16)}::${index % 7}` });
    const ask = (index: number) => api.call('GET', '/trades', { headers: from(index) });
    expect(await statusesOf(1_000, ask)).toEqual({ 401: 50, 429: 950 });
    expect((await api.call('GET', '/trades', { headers: { 'x-forwarded-for': '2001:db8:1:3::1' } })).status).toBe(401);
  });
});
