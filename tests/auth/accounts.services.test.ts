import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccounts } from '../../src/auth/accounts.js';
import { createFirstTrader } from '../../src/auth/first-trader.js';
import { createPasswords } from '../../src/auth/passwords.js';
import { ensureSuperadmin } from '../../src/auth/superadmin.js';
import { createTokens } from '../../src/auth/tokens.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const passwords = createPasswords({ queued: 100 });
const superadmin = { email: 'Root@example.test', password: 'a long and winding sentence' };

test('the first trader can log in, trade and read, and nothing more', async () => {
  const { prisma } = database;
  const { email, password, token } = await createFirstTrader(prisma);
  const user = await createAccounts(prisma, passwords).signIn(email, password);
  expect(user?.role).toBe('admin');
  const caller = await createTokens(prisma).authenticate(token, new Date());
  expect(caller).toEqual({ via: 'token', userId: user?.id, role: 'admin', scopes: ['read', 'trade'] });
});

test('T16 eight processes that start together make one superadmin', async () => {
  const { prisma } = database;
  const made = await Promise.all(Array.from({ length: 8 }, () => ensureSuperadmin(prisma, passwords, superadmin)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await prisma.user.count({ where: { role: 'superadmin' } })).toBe(1);
});

test('T16 its password must be changed at the first log-in', async () => {
  const user = await database.prisma.user.findFirstOrThrow({ where: { role: 'superadmin' } });
  expect(user.mustChangePassword).toBe(true);
});

test('T16 a changed password outlives a restart with the old one in the environment', async () => {
  const { prisma } = database;
  const accounts = createAccounts(prisma, passwords);
  const root = await prisma.user.findFirstOrThrow({ where: { role: 'superadmin' } });
  await accounts.changePassword(root, 'a password of my own choice');
  expect(await ensureSuperadmin(prisma, passwords, superadmin)).toBe(false);
  expect(await accounts.signIn(superadmin.email, superadmin.password)).toBeUndefined();
  expect(await accounts.signIn(superadmin.email, 'a password of my own choice')).toMatchObject({
    role: 'superadmin',
    mustChangePassword: false,
  });
});

test('T16 neither another password nor another address in the environment changes an existing superadmin', async () => {
  const { prisma } = database;
  const before = await prisma.user.findFirstOrThrow({ where: { role: 'superadmin' } });
  expect(before.email).toBe('root@example.test');
  for (const other of [
    { ...superadmin, password: 'quite another sentence' },
    { ...superadmin, email: 'other@example.test' },
  ]) {
    expect(await ensureSuperadmin(prisma, passwords, other)).toBe(false);
  }
  expect(await prisma.user.findMany({ where: { role: 'superadmin' } })).toEqual([before]);
});

test('T16 a weak password, or the address of another account, makes no superadmin', async () => {
  const { prisma } = database;
  await prisma.user.deleteMany({ where: { role: 'superadmin' } });
  const make = (changes: object) => ensureSuperadmin(prisma, passwords, { ...superadmin, ...changes });
  for (const password of ['passwordpassword', 'arbion superadmin', 'qwertyuiopasdfghjkl', 'root root root root']) {
    await expect(make({ password })).rejects.toThrow(/^SUPERADMIN_PASSWORD /);
  }
  await expect(make({ email: 'Trader@Arbion.example' })).rejects.toThrow(/^SUPERADMIN_EMAIL /);
  expect(await prisma.user.count({ where: { role: 'superadmin' } })).toBe(0);
  expect(await make({})).toBe(true);
});
