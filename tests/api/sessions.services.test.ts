/** Sessions as their owner sees them, and all the ways in which one must end. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Call, expectProblem, openApi, PASSWORD, sessionCookie, setUpTotp } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const me = (call: Call) => api.call('GET', '/auth/me', call);
const NEW_PASSWORD = 'a quite different sentence';

interface Listed {
  id: string;
  isThisOne: boolean;
  userAgent: string | null;
}
async function listed(cookie: string): Promise<Listed[]> {
  return (await api.call('GET', '/auth/sessions', { cookie })).json.items as Listed[];
}

describe('the list of sessions', () => {
  test('distinguishes them, and each may be ended', async () => {
    const trader = await api.addTrader();
    const here = await api.logIn(trader);
    const body = { email: trader.email, password: PASSWORD };
    const headers = { 'user-agent': `Browser \u00e9 ${'x'.repeat(500)}` };
    const elsewhere = sessionCookie((await api.call('POST', '/auth/login', { body, headers })).headers);

    const [newest, oldest, ...more] = await listed(here);
    expect(more).toEqual([]);
    expect(newest).toMatchObject({ isThisOne: false, address: '127.0.0.1' });
    expect(newest?.userAgent).toMatch(/^Browser \? x{190}$/);
    expect(oldest).toMatchObject({ isThisOne: true, userAgent: null });
    expect((await api.call('DELETE', `/auth/sessions/${newest?.id}`, { cookie: here })).status).toBe(204);
    expect((await me({ cookie: elsewhere })).status).toBe(401);
    expect((await me({ cookie: here })).status).toBe(200);
  });

  test('all others end at once', async () => {
    const trader = await api.addTrader();
    const cookies = [await api.logIn(trader), await api.logIn(trader), await api.logIn(trader)];
    const [here = '', ...others] = cookies;
    expect((await api.call('DELETE', '/auth/sessions', { cookie: here })).status).toBe(204);
    for (const cookie of others) expect((await me({ cookie })).status).toBe(401);
    expect(await listed(here)).toMatchObject([{ isThisOne: true }]);
  });

  test("T14 another user's session is none", async () => {
    const other = await api.addTrader();
    const cookie = await api.logIn(other);
    const [foreign] = await listed(cookie);
    const own = await api.logIn(api.trader);
    expectProblem(await api.call('DELETE', `/auth/sessions/${foreign?.id}`, { cookie: own }), 404, 'not-found');
    expectProblem(await api.call('DELETE', '/auth/sessions/x', { cookie: own }), 400, 'malformed-request');
    expect((await me({ cookie })).status).toBe(200);
  });

  test('a token sees none and ends none', async () => {
    const { token } = api.trader;
    for (const method of ['GET', 'DELETE']) {
      expectProblem(await api.call(method, '/auth/sessions', { token }), 403, 'forbidden');
    }
  });
});

test('T8 an id that the browser brings to a log-in is never used', async () => {
  const chosen = `arbion_session=${'A'.repeat(43)}`;
  const body = { email: api.trader.email, password: PASSWORD };
  const { headers } = await api.call('POST', '/auth/login', { body, cookie: chosen });
  expect(sessionCookie(headers)).not.toBe(chosen);
  expect((await me({ cookie: chosen })).status).toBe(401);
});

describe('T9 a session is over', () => {
  test('after the log-out', async () => {
    const cookie = await api.logIn(api.trader);
    expect((await api.call('POST', '/auth/logout', { cookie })).status).toBe(204);
    expectProblem(await me({ cookie }), 401, 'unauthenticated');
  });

  test('after twelve hours, however much it was used', async () => {
    const cookie = await api.logIn(api.trader);
    const [session] = await listed(cookie);
    const where = { id: session?.id ?? '' };
    const { createdAt, expiresAt } = await api.database.prisma.session.findUniqueOrThrow({ where });
    expect(expiresAt.getTime() - createdAt.getTime()).toBeLessThanOrEqual(12 * 3_600_000 + 1_000);
    await api.database.prisma.session.update({ where, data: { expiresAt: new Date(Date.now() - 1) } });
    expectProblem(await me({ cookie }), 401, 'unauthenticated');
  });

  test('when its user gets another role, or is disabled', async () => {
    const root = await api.superadmin();
    for (const change of [{ role: 'admin' }, { disabled: true }]) {
      const trader = await api.addTrader();
      const cookie = await api.logIn(trader);
      const changed = await api.call('PATCH', `/admin/users/${trader.userId}`, { cookie: root, body: change });
      expect(changed.status).toBe(200);
      expectProblem(await me({ cookie }), 401, 'unauthenticated');
    }
  });

  test('when it was begun with a password that was changed meanwhile', async () => {
    const trader = await api.addTrader();
    const { accounts, sessions } = api.dependencies;
    const before = await accounts.find(trader.userId);
    if (!before) throw new Error('the user is gone');
    await accounts.changePassword(before, NEW_PASSWORD);
    const setCookie = await sessions.start(before, { address: null, userAgent: null });
    expectProblem(await me({ cookie: setCookie.split(';')[0] ?? '' }), 401, 'unauthenticated');
  });
});

describe('T47 a session is over', () => {
  const logOut = (call: Call) => api.call('POST', '/auth/logout', call);

  test('after a log-out to which a token was sent along', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    expect((await logOut({ cookie, token: trader.token })).status).toBe(204);
    expectProblem(await me({ cookie }), 401, 'unauthenticated');
    expect((await me({ token: trader.token })).status).toBe(200);
  });

  test('after a log-out to which a token was sent along that counts for nothing', async () => {
    const trader = await api.addTrader();
    for (const token of ['x', trader.token.slice(0, -1)]) {
      const cookie = await api.logIn(trader);
      expect((await logOut({ cookie, token })).status).toBe(204);
      expectProblem(await me({ cookie }), 401, 'unauthenticated');
    }
  });

  test('when it was begun with the password alone while an authenticator was confirmed', async () => {
    const trader = await api.addTrader();
    const { accounts, sessions } = api.dependencies;
    const cookie = await api.logIn(trader);
    const before = await accounts.signIn(trader.email, PASSWORD);
    if (!before) throw new Error('the user cannot sign in');
    const confirmed = await setUpTotp(api.call, cookie);
    const setCookie = await sessions.start(before, { address: null, userAgent: null });
    expectProblem(await me({ cookie: setCookie.split(';')[0] ?? '' }), 401, 'unauthenticated');
    expect((await me({ cookie: confirmed.cookie })).status).toBe(200);
  });

  test('when it was begun while an administrator ended them all', async () => {
    const [admin, trader] = [await api.addTrader({ role: 'admin' }), await api.addTrader()];
    const { accounts, sessions } = api.dependencies;
    const before = await accounts.signIn(trader.email, PASSWORD);
    if (!before) throw new Error('the user cannot sign in');
    const path = `/admin/users/${trader.userId}/sessions`;
    expect((await api.call('DELETE', path, { cookie: await api.logIn(admin) })).status).toBe(204);
    const setCookie = await sessions.start(before, { address: null, userAgent: null });
    expectProblem(await me({ cookie: setCookie.split(';')[0] ?? '' }), 401, 'unauthenticated');
  });
});

test('T10 of 1,000 log-outs in a race with requests none is undone, and nothing breaks', async () => {
  const { prisma } = api.database;
  const { sessions } = api.dependencies;
  const { userId } = await api.addTrader();
  const begin = async () => {
    const setCookie = await sessions.start({ id: userId, accessVersion: 0 }, { address: null, userAgent: null });
    return setCookie.split(';')[0] ?? '';
  };
  const race = (cookie: string) => Promise.all([api.call('POST', '/auth/logout', { cookie }), me({ cookie })]);
  const statuses = new Set<number>();
  for (let batch = 0; batch < 50; batch++) {
    const cookies = await Promise.all(Array.from({ length: 20 }, begin));
    // Long enough ago that the request writes down when it came.
    await prisma.session.updateMany({ where: { userId }, data: { lastSeenAt: new Date(Date.now() - 20 * 60_000) } });
    const answers = await Promise.all(cookies.map(race));
    for (const { status } of answers.flat()) statuses.add(status);
  }
  expect([...statuses].filter((status) => ![200, 204, 401].includes(status))).toEqual([]);
  expect(await prisma.session.count({ where: { userId } })).toBe(0);
});

test.each([-60_000, 60_000])('T38 a clock that is %i ms off signs nobody out', async (offset) => {
  const cookie = await api.logIn(api.trader);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offset });
  try {
    expect((await me({ cookie })).status).toBe(200);
    expect((await me({ token: api.trader.token })).status).toBe(200);
  } finally {
    vi.useRealTimers();
  }
});

describe('what needs the password given just now', () => {
  const calls: [method: string, path: string, body?: object][] = [
    ['POST', '/brokers/schwab/connect'],
    ['PUT', '/brokers/alpaca/credentials', { keyId: 'a', secret: 'b' }],
    ['DELETE', '/brokers/schwab'],
    ['PUT', '/risk/limits', { perTrade: '5' }],
    ['POST', '/tokens', { name: 'x', scopes: ['read'] }],
    ['POST', '/auth/totp'],
    ['POST', '/auth/totp/confirm', { code: '123456' }],
    ['POST', '/auth/totp/recovery-codes'],
    ['DELETE', '/auth/totp'],
    ['PATCH', `/admin/users/${randomUUID()}`, { disabled: true }],
    ['DELETE', `/admin/users/${randomUUID()}/sessions`],
    ['POST', `/admin/users/${randomUUID()}/password-reset`],
  ];

  test.each(calls)('B70 B95 T31 %s %s: not after five minutes, and never with a token', async (method, path, body) => {
    const admin = await api.addTrader({ role: 'admin', scopes: ['read', 'trade', 'admin'] });
    const cookie = await api.logIn(admin);
    const sessions = api.database.prisma.session;
    const sixMinutesAgo = new Date(Date.now() - 6 * 60_000);
    await sessions.updateMany({ where: { userId: admin.userId }, data: { reauthenticatedAt: sixMinutesAgo } });
    const sent = body === undefined ? {} : { body };
    expectProblem(await api.call(method, path, { cookie, ...sent }), 403, 'reauth-required');
    expectProblem(await api.call(method, path, { token: admin.token, ...sent }), 403, 'forbidden');
  });

  test('B69 T13 a token changes no password', async () => {
    const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    expectProblem(await api.call('POST', '/auth/password', { token: api.trader.token, body }), 403, 'forbidden');
  });
});

test('a page that asks by itself does not keep a session from getting idle', async () => {
  const cookie = await api.logIn(api.trader);
  const old = new Date(Date.now() - 20 * 60_000);
  await api.database.prisma.session.updateMany({ data: { lastSeenAt: old } });
  const verdict = await api.dependencies.sessions.validate(cookie, { now: new Date(), isActivity: false });
  if (verdict.state !== 'valid') throw new Error('the session is over');
  const where = { id: verdict.caller.sessionId };
  const session = await api.database.prisma.session.findUniqueOrThrow({ where });
  expect(session.lastSeenAt).toEqual(old);
});
