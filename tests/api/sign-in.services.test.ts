import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { confirmRegistration } from '../support/confirm-registration.js';
import { type Call, expectProblem, openApi, PASSWORD, PUBLIC_URL, sessionCookie, tradeBody } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const NEW_PASSWORD = 'a quite different sentence';
const newEmail = () => `${randomUUID()}@example.test`;
const register = (email: unknown, password: unknown = PASSWORD) =>
  api.call('POST', '/auth/register', { body: { email, password } });
const confirm = async (email: string) => confirmRegistration(api.call, await api.mailTo(email));
const logIn = (email: unknown, password: unknown = PASSWORD, call: Call = {}, query = '') =>
  api.call('POST', `/auth/login${query}`, { body: { email, password }, ...call });
const me = (call: Call) => api.call('GET', '/auth/me', call);

test('register, log in, be known, log out, be unknown', async () => {
  const email = newEmail();
  expect(await register(email)).toMatchObject({ status: 202, text: '{}' });
  await confirm(email);
  const signedIn = await logIn(email);
  expect(signedIn).toMatchObject({ status: 200, json: { email, role: 'standard' } });
  const [setCookie = ''] = signedIn.headers.getSetCookie();
  expect(setCookie).toMatch(/^arbion_session=[\w-]{43}; HttpOnly; Max-Age=43200; Path=\/; SameSite=Lax$/);
  const cookie = setCookie.split(';')[0] ?? '';
  expect((await me({ cookie })).json).toMatchObject({ email });
  expect((await api.call('POST', '/auth/logout', { cookie })).status).toBe(204);
  expectProblem(await me({ cookie }), 401, 'unauthenticated');
});

test('over https the cookie is bound to the host and to TLS', async () => {
  const secure = await openApi({ publicUrl: 'https://arbion.example' });
  const { email } = secure.trader;
  const { headers } = await secure.call('POST', '/auth/login', { body: { email, password: PASSWORD } });
  expect(headers.getSetCookie()[0]).toMatch(/^__Host-arbion_session=.*HttpOnly.*Path=\/; SameSite=Lax; Secure$/);
  expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
  await secure.close();
});

test('T11 the database holds no cookie and no token that signs anybody in', async () => {
  const cookie = await api.logIn(api.trader);
  const sessions = await api.database.prisma.session.findMany();
  const tokens = await api.database.prisma.apiToken.findMany();
  const stored = JSON.stringify([sessions, tokens]);
  expect(stored).not.toContain(cookie.split('=')[1]);
  expect(stored).not.toContain(api.trader.token);
  for (const { id } of sessions) expect((await me({ cookie: `arbion_session=${id}` })).status).toBe(401);
});

describe('sessions', () => {
  test('B49 a broken escape in another cookie, an overlong one, two of ours', async () => {
    const cookie = await api.logIn(api.trader);
    for (const header of ['x=%E0%A4%A', `x=${'y'.repeat(5_000)}`, `${cookie}; ${cookie}`, 'arbion_session=%E0%A4%A']) {
      expect((await me({ cookie: header })).status).toBe(401);
    }
    expect((await me({ cookie: `x=%E0%A4%A; ${cookie}` })).status).toBe(200);
  });

  test.each(['short', "' OR 1=1 --", '%F0%9F%98%80', 'x'.repeat(10_000)])('B50 the session id %#', async (id) => {
    expectProblem(await me({ cookie: `arbion_session=${id}` }), 401, 'unauthenticated');
  });

  test('B51 a disabled user', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    await api.database.prisma.user.update({ where: { id: trader.userId }, data: { disabledAt: new Date() } });
    expectProblem(await me({ cookie }), 401, 'unauthenticated');
    expectProblem(await me({ token: trader.token }), 401, 'unauthenticated');
  });

  test('thirty idle minutes end a session, and so do twelve hours', async () => {
    const cookie = await api.logIn(api.trader);
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await api.database.prisma.session.updateMany({ data: { lastSeenAt: ago(31) } });
    expectProblem(await me({ cookie }), 401, 'session-expired');
    const other = await api.logIn(api.trader);
    await api.database.prisma.session.updateMany({ data: { expiresAt: ago(1) } });
    expect((await me({ cookie: other })).status).toBe(401);
  });

  test('use keeps a session from getting idle, but not beyond its end', async () => {
    const cookie = await api.logIn(api.trader);
    const old = new Date(Date.now() - 20 * 60_000);
    await api.database.prisma.session.updateMany({ data: { lastSeenAt: old } });
    expect((await me({ cookie })).status).toBe(200);
    const [session] = await api.database.prisma.session.findMany({ orderBy: { lastSeenAt: 'desc' } });
    expect(session?.lastSeenAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(session?.expiresAt.getTime()).toBeLessThanOrEqual(
      (session?.createdAt.getTime() ?? 0) + 12 * 3_600_000 + 1_000,
    );
  });

  test('T8 a log-in makes a new session and ends the one that it replaces', async () => {
    const cookie = await api.logIn(api.trader);
    const again = await logIn(api.trader.email, PASSWORD, { cookie });
    const next = sessionCookie(again.headers);
    expect(next).not.toBe(cookie);
    expect((await me({ cookie })).status).toBe(401);
    expect((await me({ cookie: next })).status).toBe(200);
  });
});

describe('tokens', () => {
  test.each([
    ['empty', 'Bearer'],
    ['in small letters', 'bearer x'],
    ['of another scheme', 'Basic dXNlcjpwYXNz'],
    ['of 8 KiB', `Bearer ${'x'.repeat(8_192)}`],
    ['with a wrong checksum', `Bearer arb_${'A'.repeat(43)}00000000`],
  ])('B52 an Authorization header %s', async (_, authorization) => {
    const answer = await me({ headers: { authorization } });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="arbion"');
  });

  test('B53 a revoked and an expired token', async () => {
    const { prisma } = api.database;
    const trader = await api.addTrader();
    expect((await me({ token: trader.token })).status).toBe(200);
    await prisma.apiToken.updateMany({ where: { userId: trader.userId }, data: { expiresAt: new Date() } });
    expectProblem(await me({ token: trader.token }), 401, 'unauthenticated');
    await prisma.apiToken.updateMany({
      where: { userId: trader.userId },
      data: { expiresAt: null, revokedAt: new Date() },
    });
    expectProblem(await me({ token: trader.token }), 401, 'unauthenticated');
  });

  test('B53 a wrong checksum is known without asking the database', async () => {
    const look = vi.spyOn(api.database.prisma.apiToken, 'findUnique');
    const { token } = api.trader;
    const wrong = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    expectProblem(await me({ token: wrong }), 401, 'unauthenticated');
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
  });

  test('B54 a cookie and a token of different users', async () => {
    const cookie = await api.logIn(api.trader);
    const other = await api.addTrader();
    expectProblem(await me({ cookie, token: other.token }), 400, 'bad-header');
    expect((await me({ cookie, token: api.trader.token })).status).toBe(200);
    const dead = { cookie: `arbion_session=${'x'.repeat(43)}`, token: api.trader.token };
    expectProblem(await me(dead), 401, 'unauthenticated');
  });

  test('T13 a person makes a token, sees it once, and revokes it; a token cannot', async () => {
    const cookie = await api.logIn(api.trader);
    const body = { name: 'my program', scopes: ['read'] };
    const made = await api.call('POST', '/tokens', { cookie, body });
    expect(made).toMatchObject({ status: 201, json: { name: 'my program', scopes: ['read'] } });
    const token = String(made.json.token);
    expect(token).toMatch(/^arb_[\w-]{43}[0-9a-f]{8}$/);
    const listed = await api.call('GET', '/tokens', { cookie });
    expect(listed.text).toContain(String(made.json.id));
    expect(listed.text).not.toContain(token);
    expectProblem(await api.call('POST', '/tokens', { token, body }), 403, 'forbidden');
    expect((await api.call('DELETE', `/tokens/${made.json.id}`, { cookie })).status).toBe(204);
    expectProblem(await me({ token }), 401, 'unauthenticated');
    expectProblem(await api.call('DELETE', `/tokens/${made.json.id}`, { cookie }), 404, 'not-found');
  });

  test('T13 a plain user gets no admin token; wrong bodies get none at all', async () => {
    const cookie = await api.logIn(api.trader);
    const make = (body: object) => api.call('POST', '/tokens', { cookie, body });
    expectProblem(await make({ name: 'x', scopes: ['admin'] }), 403, 'forbidden');
    for (const body of [
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['read', 'read'] },
      { name: 'x', scopes: ['root'] },
      { name: '', scopes: ['read'] },
      { name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
    ]) {
      expectProblem(await make(body), 422, 'validation-failed');
    }
  });
});

describe('B57 requests from other sites', () => {
  test.each([
    ['cross-site by Fetch Metadata', { 'sec-fetch-site': 'cross-site' }],
    [
      'cross-site by Fetch Metadata although the origin is ours',
      { 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL },
    ],
    ['same-site but not same-origin', { 'sec-fetch-site': 'same-site' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['the null origin', { origin: 'null' }],
    ['our host over another scheme', { origin: PUBLIC_URL.replace('http', 'https') }],
  ])('%s', async (_, headers) => {
    const cookie = await api.logIn(api.trader);
    const answer = await api.call('POST', '/trades', { cookie, key: 'k', headers, body: tradeBody() });
    expectProblem(answer, 403, 'csrf-rejected');
    expectProblem(await logIn(api.trader.email, PASSWORD, { headers }), 403, 'csrf-rejected');
  });

  test('neither header, with a cookie', async () => {
    const cookie = await api.logIn(api.trader);
    const answer = await api.call('POST', '/auth/logout', { headers: { cookie } });
    expectProblem(answer, 403, 'csrf-rejected');
    expect((await me({ cookie })).status).toBe(200);
  });

  test('our own pages, and programs that log in', async () => {
    const cookie = await api.logIn(api.trader);
    const headers = { 'sec-fetch-site': 'same-origin' };
    expect((await api.call('POST', '/auth/logout', { cookie, headers })).status).toBe(204);
    expect((await logIn(api.trader.email)).status).toBe(200);
  });
});

describe('log-in', () => {
  test('B58 as a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await api.call('POST', '/auth/login', { headers, rawBody: 'email=a&password=b' });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  test('B59 unknown address, wrong password and disabled user look alike', async () => {
    const disabled = await api.addTrader();
    await api.database.prisma.user.update({ where: { id: disabled.userId }, data: { disabledAt: new Date() } });
    const answers = [
      await logIn(newEmail()),
      await logIn(api.trader.email, 'not the password'),
      await logIn(disabled.email),
    ].map(({ status, json: { instance: _, ...body } }) => ({ status, body }));
    expect(answers[0]?.status).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test.each([['x'.repeat(10_240)], [['a@example.test']], [{ contains: '' }], [''], [null], ['a\u0000@example.test']])(
    'B60 the e-mail %#',
    async (email) => {
      expectProblem(await logIn(email), 422, 'validation-failed');
    },
  );

  test('B61 a password of 5 MiB, and of 257 characters', async () => {
    expectProblem(await logIn(api.trader.email, 'x'.repeat(5 * 2 ** 20)), 413, 'payload-too-large');
    expectProblem(await logIn(api.trader.email, 'x'.repeat(257)), 422, 'validation-failed');
  });
});

const TARGETS = [
  ...['https://evil.example', '//evil.example', '///evil.example', '////evil.example', 'https:evil.example'],
  ...['/\\evil.example', '\\/evil.example', '\\\\evil.example', '/\\/evil.example', '\\evil.example'],
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', '\u0001javascript:alert(1)'],
  ...['data:text/html,<script>alert(1)</script>', 'vbscript:msgbox(1)', 'blob:https://evil.example/x'],
  ...['%2f%2fevil.example', '%252f%252fevil.example', '/%2fevil.example', '/%5cevil.example', '%5c%5cevil.example'],
  ...['https://localhost:8000@evil.example', 'https://evil.example#localhost:8000', '//localhost:8000.evil.example'],
  ...[
    '/docs/../../evil',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'https://evil.example\\@localhost',
  ],
];

test.each(TARGETS)('B76 T26 a page to go to afterwards is ignored: %j', async (target) => {
  expect(TARGETS).toHaveLength(30);
  for (const name of ['next', 'redirect', 'return_to']) {
    const query = new URLSearchParams({ [name]: target });
    const signedIn = await logIn(api.trader.email, PASSWORD, {}, `?${query}`);
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([200, null]);
    const root = await api.app.request(`${PUBLIC_URL}/?${query}`);
    expect([root.status, root.headers.get('location')]).toEqual([302, '/docs']);
    const page = await api.app.request(`${PUBLIC_URL}/reset-password?${query}`);
    expect([page.status, page.headers.get('location')]).toEqual([200, null]);
    expect(await page.text()).not.toContain('evil');
  }
});

describe('register', () => {
  test.each([
    ['14 characters', 'fourteen chars'],
    ['one word twice', 'passwordpassword'],
    ['the name of the product', 'I really like Arbion'],
    ['only spaces', ' '.repeat(20)],
    ['few characters', 'abababababababab'],
    ['a run of keys', 'qwertyuiopasdfghjkl'],
    ['digits in order', '012345678901234567'],
    ['257 characters', `${'long and winding '.repeat(15)}xy`],
  ])('B63 a password of %s', async (_, password) => {
    const answer = await register(newEmail(), password);
    expectProblem(answer, 422, 'validation-failed');
    expect(answer.json.errors).toMatchObject([{ field: 'password' }]);
  });

  test('B63 a password with the address in it', async () => {
    expectProblem(await register('gertrude@example.test', 'for gertrude@example.test'), 422, 'validation-failed');
    expectProblem(await register('gertrude@example.test', 'gertrude has a dog'), 422, 'validation-failed');
  });

  test('B63 spaces around a password are part of it', async () => {
    const email = newEmail();
    const password = '  spaces count as well  ';
    expect((await register(email, password)).status).toBe(202);
    await confirm(email);
    expect((await logIn(email, password.trim())).status).toBe(401);
    expect((await logIn(email, password)).status).toBe(200);
  });

  test.each([
    'nobody@localhost',
    'a@b@c.test',
    'a\n@example.test',
    'аdmin@example.test',
    'x'.repeat(300),
    ' a@example.test',
  ])('B64 the address %j', async (email) => {
    expectProblem(await register(email), 422, 'validation-failed');
  });

  test('B64 an existing address in capitals is answered like a new one', async () => {
    const answer = await register(api.trader.email.toUpperCase(), NEW_PASSWORD);
    expect(answer).toMatchObject({ status: 202, text: '{}' });
    expect((await logIn(api.trader.email, NEW_PASSWORD)).status).toBe(401);
    expect((await logIn(api.trader.email.toUpperCase())).status).toBe(200);
  });

  test('B65 two at once make one account', async () => {
    const email = newEmail();
    const answers = await Promise.all([register(email), register(email)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await confirm(email);
    expect(await api.database.prisma.user.count({ where: { email } })).toBe(1);
  });

  test('B9 a role of one’s own choice', async () => {
    const body = { email: newEmail(), password: PASSWORD, role: 'superadmin' };
    expectProblem(await api.call('POST', '/auth/register', { body }), 422, 'validation-failed');
  });
});

describe('passwords again', () => {
  test('B69 a change needs the current password', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const change = (body: object) => api.call('POST', '/auth/password', { cookie, body });
    expectProblem(await change({ newPassword: NEW_PASSWORD }), 403, 'reauth-required');
    expectProblem(await change({ currentPassword: 'wrong', newPassword: NEW_PASSWORD }), 403, 'reauth-required');
    expect((await logIn(trader.email)).status).toBe(200);
  });

  test('T9 a change ends all other sessions', async () => {
    const trader = await api.addTrader();
    const [cookie, elsewhere] = [await api.logIn(trader), await api.logIn(trader)];
    const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    const changed = await api.call('POST', '/auth/password', { cookie, body });
    expect(changed.status).toBe(204);
    expect((await me({ cookie: elsewhere })).status).toBe(401);
    expect((await me({ cookie: sessionCookie(changed.headers) })).status).toBe(200);
    expect((await logIn(trader.email)).status).toBe(401);
    expect((await logIn(trader.email, NEW_PASSWORD)).status).toBe(200);
  });

  test('what needs the password given just now is refused later, until it is given again', async () => {
    const cookie = await api.logIn(api.trader);
    await api.database.prisma.session.updateMany({ data: { reauthenticatedAt: new Date(Date.now() - 6 * 60_000) } });
    const make = (session: string) =>
      api.call('POST', '/tokens', { cookie: session, body: { name: 'x', scopes: ['read'] } });
    expectProblem(await make(cookie), 403, 'reauth-required');
    const wrong = await api.call('POST', '/auth/reauthenticate', { cookie, body: { password: 'wrong' } });
    expectProblem(wrong, 403, 'reauth-required');
    const again = await api.call('POST', '/auth/reauthenticate', { cookie, body: { password: PASSWORD } });
    expect(again.status).toBe(204);
    expect((await me({ cookie })).status).toBe(401);
    expect((await make(sessionCookie(again.headers))).status).toBe(201);
  });
});
