/** T50: what somebody who had an account for a while leaves behind, and what takes it away. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { expectProblem, openApi, PASSWORD, sessionCookie, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const NEW_PASSWORD = 'a quite different sentence';

/** A session, a remembered browser, a token and a webhook of the trader. */
async function leaveBehind(trader: TestTrader) {
  const { headers } = await api.call('POST', '/auth/login', { body: { email: trader.email, password: PASSWORD } });
  const cookie = sessionCookie(headers);
  const token = (await api.call('POST', '/tokens', { cookie, body: { name: 'x', scopes: ['read', 'trade'] } })).json;
  const webhook = (await api.call('POST', '/webhooks', { cookie, body: { name: 'x', kind: 'secret_in_body' } })).json;
  return { cookie, device: deviceCookie(headers), token: String(token.token), webhook };
}

function deviceCookie(headers: Headers): string {
  return (
    headers
      .getSetCookie()
      .find((set) => set.startsWith('arbion_device='))
      ?.split(';')[0] ?? ''
  );
}

/** What of it still counts. */
async function whatCounts({ email }: TestTrader, left: Awaited<ReturnType<typeof leaveBehind>>) {
  const headers = { cookie: left.device, origin: 'http://localhost:8000' };
  const logIn = await api.call('POST', '/auth/login', { body: { email, password: NEW_PASSWORD }, headers });
  expect(logIn.status).toBe(200);
  const proof = { kind: 'secret_in_body', secret: String(left.webhook.secret) } as const;
  const counts = {
    session: (await api.call('GET', '/auth/me', { cookie: left.cookie })).status === 200,
    token: (await api.call('GET', '/auth/me', { token: left.token })).status === 200,
    webhook: (await api.dependencies.webhooks.authenticate(String(left.webhook.id), proof)) !== undefined,
    // A browser that is not known is made known by its log-in.
    device: deviceCookie(logIn.headers) === '',
  };
  return Object.entries(counts).flatMap(([name, does]) => (does ? [name] : []));
}

async function reset(email: string): Promise<void> {
  await api.call('POST', '/auth/password-reset', { body: { email } });
  const mails = await api.mailTo(email);
  const token = mails.flatMap((mail) => /\/reset-password#([\w-]{43})/.exec(mail)?.[1] ?? []).at(-1);
  const body = { token, newPassword: NEW_PASSWORD };
  expect((await api.call('POST', '/auth/password-reset/confirm', { body })).status).toBe(204);
}

describe('T50 what was left behind', () => {
  test('is all gone after a reset of the password', async () => {
    const trader = await api.addTrader();
    const left = await leaveBehind(trader);
    await reset(trader.email);
    expect(await whatCounts(trader, left)).toEqual([]);
    expect((await api.call('GET', '/auth/me', { token: trader.token })).status).toBe(401);
    expect((await api.mailTo(trader.email)).join('')).toContain('all tokens and webhooks were revoked');
  });

  test('stays but for the sessions when a password is changed, unless that is asked for as well', async () => {
    for (const [revokeAll, counts] of [
      [false, ['token', 'webhook', 'device']],
      [true, []],
    ] as const) {
      const trader = await api.addTrader();
      const left = await leaveBehind(trader);
      const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, revokeAll };
      const changed = await api.call('POST', '/auth/password', { cookie: await api.logIn(trader), body });
      expect(changed.status).toBe(204);
      expect((await api.call('GET', '/auth/me', { cookie: sessionCookie(changed.headers) })).status).toBe(200);
      // The browser in which it is changed stays known.
      expect(deviceCookie(changed.headers) !== '').toBe(revokeAll);
      expect(await whatCounts(trader, left)).toEqual(counts);
      const where = { actor: trader.userId, action: 'authn_password_change' };
      const { detail } = await api.database.prisma.auditEvent.findFirstOrThrow({ where });
      expect(detail).toMatchObject({ revokeAll });
    }
  });

  test.each([
    ['/tokens', { name: 'x', scopes: ['read', 'trade'] }],
    ['/webhooks', { name: 'x' }],
  ])('does not come back behind the reset: POST %s that is under way', async (path, body) => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const { pool, prisma } = api.database;
    // The reset has locked the user; the session asks for a new way in before it has ended.
    const resetting = await pool.connect();
    await resetting.query(`BEGIN; SELECT id FROM users WHERE id = '${trader.userId}' FOR UPDATE`);
    const made = api.call('POST', path, { cookie, body });
    await eventually(async () => {
      return ((await resetting.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount ?? 0) > 0;
    }, 'the request waits');
    await resetting.query(`
      DELETE FROM sessions WHERE user_id = '${trader.userId}';
      UPDATE api_tokens SET revoked_at = now() WHERE user_id = '${trader.userId}';
      COMMIT`);
    resetting.release();
    expectProblem(await made, 401, 'unauthenticated');
    const where = { userId: trader.userId };
    expect(await prisma.apiToken.count({ where: { ...where, revokedAt: null } })).toBe(0);
    expect(await prisma.webhook.count({ where })).toBe(0);
  });

  test("is gone only of this user's", async () => {
    const [trader, other] = [await api.addTrader(), await api.addTrader()];
    await reset(trader.email);
    expect((await api.call('GET', '/auth/me', { token: other.token })).status).toBe(200);
  });
});
