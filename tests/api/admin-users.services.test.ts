/** What administrators may do to other people's accounts, and what nobody may. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../src/auth/caller.js';
import type { UserId } from '../../src/domain/ids.js';
import { defaultLimits, limitsOf } from '../../src/storage/limits.js';
import { expectProblem, openApi, setUpTotp, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const change = (cookie: string, userId: string, body: object) =>
  api.call('PATCH', `/admin/users/${userId}`, { cookie, body });

interface Person extends TestTrader {
  cookie: string;
}

async function add(role: Role): Promise<Person> {
  const trader = await api.addTrader({
    role,
    scopes: ['read', 'trade', ...(role === 'standard' ? [] : ['admin' as const])],
  });
  const cookie = await api.logIn(trader);
  return { ...trader, cookie: role === 'superadmin' ? (await setUpTotp(api.call, cookie)).cookie : cookie };
}

async function roleOf({ userId }: { userId: UserId }): Promise<string> {
  return (await api.database.prisma.user.findUniqueOrThrow({ where: { id: userId } })).role;
}

beforeEach(async () => {
  // Each test has the superadmins that it makes and no other.
  await api.database.prisma.user.updateMany({ where: { role: 'superadmin' }, data: { role: 'standard' } });
});

describe('the list of users', () => {
  test('is for administrators, by session and by token, in pages', async () => {
    const admin = await add('admin');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const path = `/admin/users?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`;
      const { status, json } = await api.call('GET', path, { token: admin.token });
      expect(status).toBe(200);
      seen.push(...(json.items as { id: string }[]).map(({ id }) => id));
      cursor = json.nextCursor as string | undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(await api.database.prisma.user.count());
    expect(new Set(seen).size).toBe(seen.length);
    const shown = await api.call('GET', `/admin/users/${admin.userId}`, { cookie: admin.cookie });
    expect(shown.json).toMatchObject({
      id: admin.userId,
      role: 'admin',
      disabled: false,
      totp: false,
      proposedRole: null,
    });
    expect(shown.text).not.toMatch(/password|argon2/i);
  });

  test('B78 a plain user sees none of it', async () => {
    const trader = await add('standard');
    for (const path of ['/admin/users', `/admin/users/${trader.userId}`]) {
      expectProblem(await api.call('GET', path, { cookie: trader.cookie }), 403, 'forbidden');
      expectProblem(await api.call('GET', path, { token: trader.token }), 403, 'insufficient-scope');
    }
    expectProblem(await change(trader.cookie, trader.userId, { role: 'admin' }), 403, 'forbidden');
  });

  test('T13 a token of an administrator without the scope does not do', async () => {
    const admin = await api.addTrader({ role: 'admin', scopes: ['read', 'trade'] });
    expectProblem(await api.call('GET', '/admin/users', { token: admin.token }), 403, 'insufficient-scope');
  });

  test('T13 a token with the scope is worth nothing when its user is no administrator any more', async () => {
    const [root, admin] = [await add('superadmin'), await add('admin')];
    expect((await change(root.cookie, admin.userId, { role: 'standard' })).status).toBe(200);
    expectProblem(await api.call('GET', '/admin/users', { token: admin.token }), 403, 'forbidden');
  });

  test('B34 pages that are none', async () => {
    const { token } = await add('admin');
    for (const query of ['limit=-1', 'limit=100000', 'cursor=x', 'where[role]=x', 'sort=passwordHash']) {
      expectProblem(await api.call('GET', `/admin/users?${query}`, { token }), 422, 'validation-failed');
    }
  });
});

describe('T17 B77 the last superadmin', () => {
  test('is neither demoted nor disabled, not even by itself', async () => {
    const root = await add('superadmin');
    const admin = await add('admin');
    for (const cookie of [root.cookie, admin.cookie]) {
      for (const body of [{ role: 'standard' }, { role: 'admin' }, { disabled: true }]) {
        expectProblem(await change(cookie, root.userId, body), 409, 'conflict', 'LAST_SUPERADMIN');
      }
    }
    expect(await roleOf(root)).toBe('superadmin');
  });

  test('of two who demote each other at once one stays', async () => {
    const [one, other] = [await add('superadmin'), await add('superadmin')];
    const answers = await Promise.all([
      change(one.cookie, other.userId, { role: 'standard' }),
      change(other.cookie, one.userId, { role: 'standard' }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await api.database.prisma.user.count({ where: { role: 'superadmin' } })).toBe(1);
  });

  test('a disabled one does not count', async () => {
    const [root, other] = [await add('superadmin'), await add('superadmin')];
    expect((await change(root.cookie, other.userId, { disabled: true })).status).toBe(200);
    expectProblem(await change(root.cookie, root.userId, { role: 'admin' }), 409, 'conflict', 'LAST_SUPERADMIN');
  });
});

describe('T17 roles', () => {
  test('B77 nobody raises the own one', async () => {
    const [root, admin] = [await add('superadmin'), await add('admin')];
    expectProblem(await change(admin.cookie, admin.userId, { role: 'superadmin' }), 403, 'forbidden');
    expect((await change(root.cookie, admin.userId, { role: 'admin' })).status).toBe(200);
    expect(await roleOf(admin)).toBe('admin');
  });

  test('an administrator changes none, and disables plain users only', async () => {
    const [root, admin, colleague, trader] = [
      await add('superadmin'),
      await add('admin'),
      await add('admin'),
      await add('standard'),
    ];
    expectProblem(await change(admin.cookie, trader.userId, { role: 'admin' }), 403, 'forbidden');
    expectProblem(await change(admin.cookie, colleague.userId, { disabled: true }), 403, 'forbidden');
    await add('superadmin');
    expectProblem(await change(admin.cookie, root.userId, { disabled: true }), 403, 'forbidden');
    expect((await change(admin.cookie, trader.userId, { disabled: true })).json).toMatchObject({ disabled: true });
    expect((await api.call('GET', '/auth/me', { token: trader.token })).status).toBe(401);
    expect((await change(admin.cookie, trader.userId, { disabled: false })).json).toMatchObject({ disabled: false });
    expect((await api.call('GET', '/auth/me', { token: trader.token })).status).toBe(200);
  });

  test('the only superadmin raises at once; of two, both must want it', async () => {
    const [root, trader] = [await add('superadmin'), await add('standard')];
    expect((await change(root.cookie, trader.userId, { role: 'admin' })).status).toBe(200);
    const [second, candidate] = [await add('superadmin'), await add('standard')];
    const proposed = await change(root.cookie, candidate.userId, { role: 'admin' });
    expect(proposed).toMatchObject({ status: 202, json: { role: 'standard', proposedRole: 'admin' } });
    expect((await change(root.cookie, candidate.userId, { role: 'admin' })).status).toBe(202);
    expect(await roleOf(candidate)).toBe('standard');
    const seconded = await change(second.cookie, candidate.userId, { role: 'admin' });
    expect(seconded).toMatchObject({ status: 200, json: { role: 'admin', proposedRole: null } });
  });

  test('a superadmin must have an authenticator before', async () => {
    const [root, admin] = [await add('superadmin'), await add('admin')];
    const refused = await change(root.cookie, admin.userId, { role: 'superadmin' });
    expectProblem(refused, 409, 'invalid-state', 'TOTP_MISSING');
    await setUpTotp(api.call, admin.cookie);
    expect((await change(root.cookie, admin.userId, { role: 'superadmin' })).status).toBe(200);
  });

  test('bring their own limits', async () => {
    const [root, admin] = [await add('superadmin'), await add('admin')];
    const { prisma } = api.database;
    expect(await limitsOf(prisma, admin.userId)).toEqual(defaultLimits('admin'));
    await api.call('PUT', '/risk/limits', { cookie: admin.cookie, body: { perTrade: '90000' } });
    expect((await limitsOf(prisma, admin.userId)).perTrade).toBe('90000');
    await change(root.cookie, admin.userId, { role: 'standard' });
    expect(await limitsOf(prisma, admin.userId)).toEqual(defaultLimits('standard'));
  });

  test('T15 and nothing else is changed', async () => {
    const [root, trader] = [await add('superadmin'), await add('standard')];
    for (const body of [
      {},
      { role: 'root' },
      { disabled: 'yes' },
      { passwordHash: 'x' },
      { email: 'a@example.test' },
      { mustChangePassword: false },
      { role: 'admin', accessVersion: 0 },
    ]) {
      expectProblem(await change(root.cookie, trader.userId, body), 422, 'validation-failed');
    }
    expectProblem(await change(root.cookie, randomUUID(), { disabled: true }), 404, 'not-found');
    expectProblem(await change(root.cookie, 'x', { disabled: true }), 400, 'malformed-request');
    expect(await roleOf(trader)).toBe('standard');
  });
});

describe("T48 an administrator's hands", () => {
  test('reach neither a superadmin nor another administrator', async () => {
    const [admin, root, colleague] = [await add('admin'), await add('superadmin'), await add('admin')];
    for (const { userId, email, cookie } of [root, colleague]) {
      const path = `/admin/users/${userId}`;
      expectProblem(await api.call('DELETE', `${path}/sessions`, { cookie: admin.cookie }), 403, 'forbidden');
      expectProblem(await api.call('POST', `${path}/password-reset`, { cookie: admin.cookie }), 403, 'forbidden');
      expect((await api.call('GET', '/auth/me', { cookie })).status).toBe(200);
      expect((await api.mailTo(email)).join('')).not.toContain('/reset-password#');
    }
  });

  test('reach itself, and a superadmin reaches everybody', async () => {
    const [admin, root] = [await add('admin'), await add('superadmin')];
    for (const { userId, cookie } of [admin, root]) {
      const path = `/admin/users/${userId}/sessions`;
      expect((await api.call('DELETE', path, { cookie })).status).toBe(204);
      expect((await api.call('GET', '/auth/me', { cookie })).status).toBe(401);
    }
    const other = await add('superadmin');
    const path = `/admin/users/${admin.userId}/sessions`;
    expect((await api.call('DELETE', path, { cookie: other.cookie })).status).toBe(204);
  });
});

describe('an administrator', () => {
  test("ends all of a user's sessions", async () => {
    const [admin, trader] = [await add('admin'), await add('standard')];
    const ended = await api.call('DELETE', `/admin/users/${trader.userId}/sessions`, { cookie: admin.cookie });
    expect(ended.status).toBe(204);
    expect((await api.call('GET', '/auth/me', { cookie: trader.cookie })).status).toBe(401);
  });

  test('lets a user set a new password, and neither sets nor learns it', async () => {
    const [admin, trader] = [await add('admin'), await add('standard')];
    const path = `/admin/users/${trader.userId}/password-reset`;
    expect(await api.call('POST', path, { cookie: admin.cookie })).toMatchObject({ status: 202, text: '{}' });
    expect(await api.mailTo(trader.email)).toContainEqual(expect.stringContaining('/reset-password#'));
  });

  test('leaves a trace of everything', async () => {
    const [root, trader] = [await add('superadmin'), await add('standard')];
    for (const body of [{ role: 'admin' }, { disabled: true }, { disabled: false }]) {
      expect((await change(root.cookie, trader.userId, body)).status).toBe(200);
    }
    const where = { subject: trader.userId, actor: root.userId };
    const events = await api.database.prisma.auditEvent.findMany({ where, orderBy: { id: 'asc' } });
    expect(events.map(({ action }) => action)).toEqual(['user_role_changed', 'user_disabled', 'user_enabled']);
    expect(events[0]?.detail).toEqual({ from: 'standard', to: 'admin', address: '127.0.0.1', userAgent: null });
  });
});
