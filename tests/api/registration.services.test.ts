/** T53: an account in the name of somebody else's address. There is none before the address is confirmed. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmRegistration } from '../support/confirm-registration.js';
import { expectProblem, openApi, PASSWORD, setUpTotp } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const OTHER_PASSWORD = 'a quite different sentence';
const newEmail = () => `${randomUUID()}@example.test`;
const register = (email: string, password = PASSWORD) =>
  api.call('POST', '/auth/register', { body: { email, password } });
const logIn = (email: string, password = PASSWORD) => api.call('POST', '/auth/login', { body: { email, password } });
const confirm = (token: unknown) => api.call('POST', '/auth/register/confirm', { body: { token } });

/** The tokens that were mailed to an address, the oldest first. */
async function tokensTo(email: string): Promise<string[]> {
  return (await api.mailTo(email)).flatMap((mail) => /\/confirm-email#([\w-]{43})\s/.exec(mail)?.[1] ?? []);
}

describe('T53 before its address is confirmed an account', () => {
  test('is none: nobody logs in, and nobody resets its password', async () => {
    const email = newEmail();
    expect((await register(email)).status).toBe(202);
    expectProblem(await logIn(email), 401, 'unauthenticated');
    await api.call('POST', '/auth/password-reset', { body: { email } });
    expect((await api.mailTo(email)).join('')).not.toContain('/reset-password#');
    expect(await api.database.prisma.user.count({ where: { email } })).toBe(0);
  });

  test('is made by the link, once', async () => {
    const email = newEmail();
    await register(email);
    const [token] = await tokensTo(email);
    expect((await confirm(token)).status).toBe(204);
    expect((await logIn(email)).status).toBe(200);
    expectProblem(await confirm(token), 422, 'validation-failed');
  });

  test('of two links at once of one address, one makes it', async () => {
    const email = newEmail();
    await register(email);
    await register(email, OTHER_PASSWORD);
    const tokens = await tokensTo(email);
    const answers = await Promise.all(tokens.map(confirm));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 422]);
    const won = answers[0]?.status === 204 ? PASSWORD : OTHER_PASSWORD;
    expect((await logIn(email, won)).status).toBe(200);
  });

  test('is that of the link which is opened, whoever registered the address before or after', async () => {
    const email = newEmail();
    await register(email, OTHER_PASSWORD);
    await register(email);
    await register(email, OTHER_PASSWORD);
    const [, own] = await tokensTo(email);
    expect((await confirm(own)).status).toBe(204);
    expect((await logIn(email)).status).toBe(200);
    expect((await logIn(email, OTHER_PASSWORD)).status).toBe(401);
    for (const token of await tokensTo(email)) expectProblem(await confirm(token), 422, 'validation-failed');
  });

  test('can be confirmed for a week', async () => {
    const email = newEmail();
    await register(email);
    const { expiresAt } = await api.database.prisma.registration.findFirstOrThrow({ where: { email } });
    expect(Math.abs(expiresAt.getTime() - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000);
    await api.database.prisma.registration.updateMany({ where: { email }, data: { expiresAt: new Date() } });
    expectProblem(await confirm((await tokensTo(email))[0]), 422, 'validation-failed');
    await api.dependencies.registrations.deleteExpired(new Date());
    expect(await api.database.prisma.registration.count({ where: { email } })).toBe(0);
  });
});

test('T2 an address with an account gets the same answer, no link, and no second account', async () => {
  const { email } = api.trader;
  expect(await register(email.toUpperCase(), OTHER_PASSWORD)).toMatchObject({ status: 202, text: '{}' });
  expect(await tokensTo(email)).toEqual([]);
  expect((await logIn(email, OTHER_PASSWORD)).status).toBe(401);
});

test('T11 a link is stored as a hash alone', async () => {
  const email = newEmail();
  await register(email);
  const [token = ''] = await tokensTo(email);
  const stored = JSON.stringify(await api.database.prisma.registration.findMany());
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(PASSWORD);
});

test('nobody can fill a mailbox: three links an hour', async () => {
  const email = newEmail();
  for (let count = 0; count < 5; count++) expect((await register(email)).status).toBe(202);
  expect(await tokensTo(email)).toHaveLength(3);
});

test('the helper of the tests confirms as a person does', async () => {
  const email = newEmail();
  await register(email);
  await confirmRegistration(api.call, await api.mailTo(email));
  expect((await logIn(email)).status).toBe(200);
});

describe('an administrator', () => {
  test('sees what waits, and confirms it in place of the link', async () => {
    const admin = await api.addTrader({ role: 'admin' });
    const { cookie } = await setUpTotp(api.call, await api.logIn(admin));
    const email = newEmail();
    await register(email);
    await register(api.trader.email);
    const { json, text } = await api.call('GET', '/admin/registrations', { cookie });
    expect(text).not.toMatch(/argon2|hash/i);
    const items = json.items as { id: string; email: string }[];
    expect(items.map((item) => item.email)).not.toContain(api.trader.email);
    const waiting = items.find((item) => item.email === email);
    const path = `/admin/registrations/${waiting?.id}/confirm`;
    expect((await api.call('POST', path, { cookie })).status).toBe(204);
    expectProblem(await api.call('POST', path, { cookie }), 404, 'not-found');
    expect((await logIn(email)).status).toBe(200);
    const created = { actor: admin.userId, action: 'user_created' };
    expect(await api.database.prisma.auditEvent.count({ where: created })).toBe(1);
  });

  test('and nobody else', async () => {
    const cookie = await api.logIn(api.trader);
    const path = `/admin/registrations/${randomUUID()}/confirm`;
    expectProblem(await api.call('POST', path, { cookie }), 403, 'forbidden');
    expectProblem(await api.call('GET', '/admin/registrations', { cookie }), 403, 'forbidden');
  });
});
