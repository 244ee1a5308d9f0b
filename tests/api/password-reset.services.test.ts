/** A forgotten password: the mail, the link, and what is over once it was used. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, expectProblem, openApi, PASSWORD, setUpTotp, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const NEW_PASSWORD = 'a quite different sentence';
const ask = (email: unknown) => api.call('POST', '/auth/password-reset', { body: { email } });
const confirm = (token: unknown, newPassword: unknown = NEW_PASSWORD) =>
  api.call('POST', '/auth/password-reset/confirm', { body: { token, newPassword } });
const logIn = (email: string, password: string, code?: string) =>
  api.call('POST', '/auth/login', { body: { email, password, ...(code !== undefined && { code }) } });

/** The tokens that were mailed to an address, the oldest first. */
async function tokensTo(email: string): Promise<string[]> {
  const mails = await api.mailTo(email);
  return mails.flatMap((mail) => /\/reset-password#([\w-]{43})\s/.exec(mail)?.[1] ?? []);
}

async function tokenFor({ email }: TestTrader): Promise<string> {
  expect(await ask(email)).toMatchObject({ status: 202, text: '{}' });
  return (await tokensTo(email)).at(-1) ?? '';
}

test('the link of the mail sets a password, once, and ends every session', async () => {
  const trader = await api.addTrader();
  const cookie = await api.logIn(trader);
  const [earlier, token] = [await tokenFor(trader), await tokenFor(trader)];
  expect((await confirm(token)).status).toBe(204);
  expect((await api.call('GET', '/auth/me', { cookie })).status).toBe(401);
  expect((await logIn(trader.email, PASSWORD)).status).toBe(401);
  expect((await logIn(trader.email, NEW_PASSWORD)).status).toBe(200);
  for (const used of [token, earlier]) expectProblem(await confirm(used), 422, 'validation-failed');
  expect(await api.mailTo(trader.email)).toContainEqual(expect.stringContaining('The password of your account was'));
});

test('the link leads to the configured address, whatever Host a request names', async () => {
  const trader = await api.addTrader();
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
  await api.call('POST', '/auth/password-reset', { headers, body: { email: trader.email } });
  const [mail] = await api.mailTo(trader.email);
  expect(mail).toMatch(/^http:\/\/localhost:8000\/reset-password#/m);
  expect(mail).not.toContain('evil');
});

describe('T2 nothing shows who has an account', () => {
  test('an address without one gets the same answer and no mail', async () => {
    const nobody = `${randomUUID()}@example.test`;
    const answers = [await ask(nobody), await ask(api.trader.email), await ask(api.trader.email.toUpperCase())];
    for (const { status, text } of answers) expect([status, text]).toEqual([202, '{}']);
    expect(await api.mailTo(nobody)).toEqual([]);
    expect(await tokensTo(api.trader.email)).toHaveLength(2);
  });

  test('a disabled account gets no mail, and its links no longer work', async () => {
    const trader = await api.addTrader();
    const token = await tokenFor(trader);
    await api.database.prisma.user.update({ where: { id: trader.userId }, data: { disabledAt: new Date() } });
    expect((await ask(trader.email)).status).toBe(202);
    expect(await tokensTo(trader.email)).toHaveLength(1);
    expectProblem(await confirm(token), 422, 'validation-failed');
  });

  test('B60 what is no address is refused for its form alone', async () => {
    for (const email of ['', 'a\u0000@example.test', 'x'.repeat(10_240), ['a@example.test'], { contains: '' }, null]) {
      expectProblem(await ask(email), 422, 'validation-failed');
    }
  });
});

describe('a token', () => {
  test('is over after half an hour', async () => {
    const trader = await api.addTrader();
    const token = await tokenFor(trader);
    const { expiresAt } = await api.database.prisma.passwordReset.findFirstOrThrow({
      where: { userId: trader.userId },
    });
    expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 30 * 60_000);
    const where = { userId: trader.userId };
    await api.database.prisma.passwordReset.updateMany({ where, data: { expiresAt: new Date() } });
    expectProblem(await confirm(token), 422, 'validation-failed');
  });

  test('is not used up by a password that is refused', async () => {
    const trader = await api.addTrader();
    const token = await tokenFor(trader);
    for (const weak of ['short', 'passwordpassword', `it is ${trader.email}`, 'I really like Arbion']) {
      expectProblem(await confirm(token, weak), 422, 'validation-failed');
    }
    expect((await confirm(token)).status).toBe(204);
  });

  test('of two at once, one sets its password', async () => {
    const trader = await api.addTrader();
    const token = await tokenFor(trader);
    const answers = await Promise.all([confirm(token), confirm(token, 'and yet another sentence')]);
    // The other one finds the user changed, or the token gone.
    expect(answers.map(({ status }) => status).sort()).toEqual([204, expect.toBeOneOf([409, 422])]);
  });

  test('T11 is stored as a hash alone', async () => {
    const token = await tokenFor(await api.addTrader());
    expect(JSON.stringify(await api.database.prisma.passwordReset.findMany())).not.toContain(token);
    const [stored] = await api.database.prisma.passwordReset.findMany();
    expectProblem(await confirm(stored?.tokenHash), 422, 'validation-failed');
  });

  test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(10_000), null, ['x'], { not: '' }])('made up: %#', async (token) => {
    expectProblem(await confirm(token), 422, 'validation-failed');
  });
});

test('an authenticator is asked for all the same', async () => {
  const trader = await api.addTrader();
  const { secret } = await setUpTotp(api.call, await api.logIn(trader));
  await api.database.prisma.totpSecret.updateMany({ where: { userId: trader.userId }, data: { lastStep: 0 } });
  expect((await confirm(await tokenFor(trader))).status).toBe(204);
  expectProblem(await logIn(trader.email, NEW_PASSWORD), 401, 'unauthenticated', 'TOTP_REQUIRED');
  expect((await logIn(trader.email, NEW_PASSWORD, codeOf(secret))).status).toBe(200);
});

test('nobody can fill a mailbox: three links an hour', async () => {
  const trader = await api.addTrader();
  for (let request = 0; request < 6; request++) expect((await ask(trader.email)).status).toBe(202);
  expect(await tokensTo(trader.email)).toHaveLength(3);
});

test('a role, or anything else that is not asked for, is refused', async () => {
  const body = { token: 'A'.repeat(43), newPassword: NEW_PASSWORD, role: 'superadmin' };
  expectProblem(await api.call('POST', '/auth/password-reset/confirm', { body }), 422, 'validation-failed');
});
