/** One-time codes and recovery codes, from setting up an authenticator to being asked for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserId } from '../../src/domain/ids.js';
import { codeOf, expectProblem, openApi, PASSWORD, sessionCookie, setUpTotp, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const logIn = ({ email }: { email: string }, code?: string) =>
  api.call('POST', '/auth/login', { body: { email, password: PASSWORD, ...(code !== undefined && { code }) } });

/** A trader with an authenticator whose next code is already fit to be used. */
async function traderWithTotp() {
  const trader = await api.addTrader();
  const set = await setUpTotp(api.call, await api.logIn(trader));
  await letCodesBeNew(trader);
  return { trader, ...set };
}

/** As if the last code had been used long ago: a test does not wait for half a minute. */
async function letCodesBeNew({ userId }: { userId: UserId }): Promise<void> {
  await api.database.prisma.totpSecret.updateMany({ where: { userId }, data: { lastStep: 0 } });
}

/** A code that is wrong whatever the time is. */
function wrongCode(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, Date.now() + steps * 30_000));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
}

describe('logging in with an authenticator', () => {
  test('takes the password and a code', async () => {
    const { trader, secret } = await traderWithTotp();
    const withoutCode = await logIn(trader);
    expectProblem(withoutCode, 401, 'unauthenticated', 'TOTP_REQUIRED');
    expect(sessionCookie(withoutCode.headers)).toBe('');
    const signedIn = await logIn(trader, codeOf(secret));
    expect(signedIn).toMatchObject({ status: 200, json: { totp: true, mustDo: null } });
    expect((await api.call('GET', '/auth/me', { cookie: sessionCookie(signedIn.headers) })).status).toBe(200);
  });

  test('a wrong code and a wrong password look alike', async () => {
    const { trader, secret } = await traderWithTotp();
    const body = { email: trader.email, password: 'wrong', code: codeOf(secret) };
    const answers = [await logIn(trader, wrongCode(secret)), await api.call('POST', '/auth/login', { body })];
    const shown = answers.map(({ status, json: { instance: _, ...rest } }) => ({ status, rest }));
    expect(shown[0]?.status).toBe(401);
    expect(shown[1]).toEqual(shown[0]);
  });

  describe('T51 with the right password alone', () => {
    const failuresOf = async (userId: UserId) => {
      const where = { actor: userId, action: 'authn_second_factor_fail' };
      const rows = await api.database.prisma.auditEvent.findMany({ where, orderBy: { id: 'asc' } });
      return rows.map(({ detail }) => detail);
    };
    const warnings = async (email: string) =>
      (await api.mailTo(email)).filter((mail) => mail.includes('Subject: Arbion: Your password was given'));

    test('a log-in is recorded, and mailed once an hour, without a code and with a wrong one', async () => {
      const { trader, secret } = await traderWithTotp();
      for (let round = 0; round < 2; round++) {
        await logIn(trader);
        await logIn(trader, wrongCode(secret));
      }
      const [missing, wrong] = ['missing', 'wrong'].map((why) => expect.objectContaining({ why }));
      expect(await failuresOf(trader.userId)).toEqual([missing, wrong, missing, wrong]);
      const mails = await warnings(trader.email);
      expect(mails).toHaveLength(2);
      for (const mail of mails) expect(mail).toMatch(/If this was not you, .*password/);
    });

    test('the owner is not warned of the first half of a log-in in a known browser', async () => {
      const { trader, secret } = await traderWithTotp();
      const { headers } = await logIn(trader, codeOf(secret));
      const device = headers.getSetCookie().find((set) => set.startsWith('arbion_device='));
      const cookie = device?.split(';')[0] ?? '';
      const body = { email: trader.email, password: PASSWORD };
      expect((await api.call('POST', '/auth/login', { body, cookie })).status).toBe(401);
      expect(await warnings(trader.email)).toEqual([]);
      expect(await failuresOf(trader.userId)).toHaveLength(1);
      await api.call('POST', '/auth/login', { body: { ...body, code: wrongCode(secret) }, cookie });
      expect(await warnings(trader.email)).toHaveLength(1);
    });

    test('a stolen session that knows the password is found out as well', async () => {
      const { trader, secret, cookie } = await traderWithTotp();
      const again = (body: object) => api.call('POST', '/auth/reauthenticate', { cookie, body });
      await again({ password: PASSWORD });
      await again({ password: PASSWORD, code: wrongCode(secret) });
      expect(await failuresOf(trader.userId)).toHaveLength(2);
      expect(await warnings(trader.email)).toHaveLength(2);
    });
  });

  test('no code is taken twice, nor one that is older than the last', async () => {
    const { trader, secret } = await traderWithTotp();
    const [older, code] = [codeOf(secret, Date.now() - 30_000), codeOf(secret)];
    expect((await logIn(trader, code)).status).toBe(200);
    expectProblem(await logIn(trader, code), 401, 'unauthenticated');
    expectProblem(await logIn(trader, older), 401, 'unauthenticated');
  });

  test('of two at once with one code, one gets in', async () => {
    const { trader, secret } = await traderWithTotp();
    const code = codeOf(secret);
    const answers = await Promise.all([logIn(trader, code), logIn(trader, code)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test.each(['12345', '1234567', 'abcdef', '', ' 123456'])(
    'what is no code is refused as a value: %j',
    async (code) => {
      expectProblem(await logIn(api.trader, code), 422, 'validation-failed');
    },
  );

  test('giving the password again takes a code as well', async () => {
    const { trader, secret, cookie } = await traderWithTotp();
    const again = (body: object) => api.call('POST', '/auth/reauthenticate', { cookie, body });
    expectProblem(await again({ password: PASSWORD }), 403, 'reauth-required', 'TOTP_REQUIRED');
    expectProblem(await again({ password: PASSWORD, code: wrongCode(secret) }), 403, 'reauth-required');
    expect((await again({ password: PASSWORD, code: codeOf(secret) })).status).toBe(204);
    expect(await api.mailTo(trader.email)).toContainEqual(expect.stringContaining('An authenticator was set up'));
  });

  test('B69 a new password takes a code, unless one was given just now', async () => {
    const { trader, secret, cookie } = await traderWithTotp();
    const change = (session: string, body: object) => api.call('POST', '/auth/password', { cookie: session, body });
    const first = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' };
    const changed = await change(cookie, first);
    expect(changed.status).toBe(204);
    const next = sessionCookie(changed.headers);
    await api.database.prisma.session.updateMany({
      where: { userId: trader.userId },
      data: { reauthenticatedAt: new Date(Date.now() - 6 * 60_000) },
    });
    const second = { currentPassword: first.newPassword, newPassword: 'and yet another sentence' };
    expectProblem(await change(next, second), 403, 'reauth-required', 'TOTP_REQUIRED');
    expect((await change(next, { ...second, code: codeOf(secret) })).status).toBe(204);
  });
});

test("T18 a secret that was moved to another user's row lets nobody in, and is recorded", async () => {
  const [own, other] = [await traderWithTotp(), await traderWithTotp()];
  const { prisma } = api.database;
  const { sealed } = await prisma.totpSecret.findUniqueOrThrow({ where: { userId: other.trader.userId } });
  await prisma.totpSecret.update({ where: { userId: own.trader.userId }, data: { sealed } });
  expectProblem(await logIn(own.trader, codeOf(other.secret)), 500, 'internal');
  const why = `the seal of totp_secrets ${own.trader.userId} cannot be opened`;
  const recorded = { action: 'crypt_decrypt_fail', detail: { path: ['why'], equals: why } };
  expect(await prisma.auditEvent.count({ where: recorded })).toBe(1);
});

describe('recovery codes', () => {
  test('each stands in for a code once', async () => {
    const { trader, recoveryCodes } = await traderWithTotp();
    expect(new Set(recoveryCodes).size).toBe(10);
    const [one = '', other = ''] = recoveryCodes;
    expect((await logIn(trader, one)).status).toBe(200);
    expectProblem(await logIn(trader, one), 401, 'unauthenticated');
    expect((await logIn(trader, other)).status).toBe(200);
    expect(await api.mailTo(trader.email)).toContainEqual(expect.stringContaining('A recovery code was used'));
  });

  test("nobody else's", async () => {
    const [one, other] = [await traderWithTotp(), await traderWithTotp()];
    expectProblem(await logIn(one.trader, other.recoveryCodes[0]), 401, 'unauthenticated');
    expect((await logIn(other.trader, other.recoveryCodes[0])).status).toBe(200);
  });

  test('new ones take the place of the old ones', async () => {
    const { trader, cookie, recoveryCodes } = await traderWithTotp();
    const renewed = await api.call('POST', '/auth/totp/recovery-codes', { cookie });
    expectProblem(await logIn(trader, recoveryCodes[0]), 401, 'unauthenticated');
    const [fresh] = renewed.json.recoveryCodes as string[];
    expect((await logIn(trader, fresh)).status).toBe(200);
  });

  test('without an authenticator there are none', async () => {
    const cookie = await api.logIn(api.trader);
    const answer = await api.call('POST', '/auth/totp/recovery-codes', { cookie });
    expectProblem(answer, 409, 'invalid-state', 'TOTP_OFF');
  });
});

describe('setting up', () => {
  test('counts only when a code is shown, ends all other sessions, and begins this one anew', async () => {
    const trader = await api.addTrader();
    const [cookie, elsewhere] = [await api.logIn(trader), await api.logIn(trader)];
    const begun = await api.call('POST', '/auth/totp', { cookie });
    expect(begun.json.uri).toMatch(/^otpauth:\/\/totp\/Arbion:.*secret=[A-Z2-7]{32}.*period=30/);
    const secret = String(begun.json.secret);
    const confirm = (code: string) => api.call('POST', '/auth/totp/confirm', { cookie, body: { code } });
    expectProblem(await confirm(wrongCode(secret)), 422, 'validation-failed');
    expect((await logIn(trader)).status).toBe(200);
    const confirmed = await confirm(codeOf(secret));
    expect(confirmed.status).toBe(200);
    for (const old of [cookie, elsewhere]) {
      expect((await api.call('GET', '/auth/me', { cookie: old })).status).toBe(401);
    }
    const next = sessionCookie(confirmed.headers);
    expect((await api.call('GET', '/auth/me', { cookie: next })).json).toMatchObject({ totp: true });
  });

  test('ten minutes later the secret is worth nothing', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const { json } = await api.call('POST', '/auth/totp', { cookie });
    const pendingAt = new Date(Date.now() - 11 * 60_000);
    await api.database.prisma.totpSecret.updateMany({ where: { userId: trader.userId }, data: { pendingAt } });
    const body = { code: codeOf(String(json.secret)) };
    expectProblem(await api.call('POST', '/auth/totp/confirm', { cookie, body }), 422, 'validation-failed');
  });

  test('another authenticator takes the place of the first', async () => {
    const { trader, cookie, secret } = await traderWithTotp();
    const second = await setUpTotp(api.call, cookie);
    await letCodesBeNew(trader);
    expect(second.secret).not.toBe(secret);
    expectProblem(await logIn(trader, codeOf(secret)), 401, 'unauthenticated');
    expect((await logIn(trader, codeOf(second.secret))).status).toBe(200);
  });

  test('and turning off', async () => {
    const { trader, cookie } = await traderWithTotp();
    expect((await api.call('DELETE', '/auth/totp', { cookie })).status).toBe(204);
    expect((await logIn(trader)).status).toBe(200);
    expect(await api.mailTo(trader.email)).toContainEqual(expect.stringContaining('no longer asks'));
  });

  test('T11 the database holds neither secrets nor recovery codes', async () => {
    const { secret, recoveryCodes } = await traderWithTotp();
    const stored = await api.database.pool.query(
      'SELECT t::text FROM totp_secrets t UNION ALL SELECT r::text FROM recovery_codes r UNION ALL SELECT a::text FROM audit_events a',
    );
    const text = JSON.stringify(stored.rows);
    for (const canary of [secret, Buffer.from(secret).toString('hex'), ...recoveryCodes]) {
      expect(text).not.toContain(canary);
    }
  });
});

describe('a superadmin', () => {
  async function newSuperadmin(): Promise<TestTrader> {
    const root = await api.addTrader({ role: 'superadmin' });
    await api.database.prisma.user.update({ where: { id: root.userId }, data: { mustChangePassword: true } });
    return root;
  }

  test('T16 may do nothing before the first password is changed and an authenticator is set up', async () => {
    const root = await newSuperadmin();
    const cookie = await api.logIn(root);
    expect((await api.call('GET', '/auth/me', { cookie })).json).toMatchObject({ mustDo: 'change-password' });
    for (const path of ['/admin/users', '/trades', '/tokens']) {
      expectProblem(await api.call('GET', path, { cookie }), 403, 'forbidden', 'PASSWORD_CHANGE_REQUIRED');
    }
    const passwords = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' };
    expectProblem(
      await api.call('POST', '/auth/password', { cookie, body: { ...passwords, newPassword: PASSWORD } }),
      422,
      'validation-failed',
    );
    const changed = await api.call('POST', '/auth/password', { cookie, body: passwords });
    const second = sessionCookie(changed.headers);
    expect((await api.call('GET', '/auth/me', { cookie: second })).json).toMatchObject({ mustDo: 'set-up-totp' });
    expectProblem(await api.call('GET', '/trades', { cookie: second }), 403, 'forbidden', 'TOTP_SETUP_REQUIRED');
    const { cookie: third } = await setUpTotp(api.call, second);
    expect((await api.call('GET', '/admin/users', { cookie: third })).status).toBe(200);
  });

  test('cannot do without the authenticator again', async () => {
    const cookie = await api.superadmin();
    const answer = await api.call('DELETE', '/auth/totp', { cookie });
    expectProblem(answer, 409, 'invalid-state', 'TOTP_REQUIRED_BY_ROLE');
  });
});
