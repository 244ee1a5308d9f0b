import { randomBytes } from 'node:crypto';
import { Secret } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createUser } from '../../src/auth/accounts.js';
import { createSecondFactor } from '../../src/auth/second-factor.js';
import { SealBroken } from '../../src/domain/errors.js';
import type { UserId } from '../../src/domain/ids.js';
import { createVault } from '../../src/vault/vault.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const vault = createVault([{ id: 'k1', key: randomBytes(32) }]);

let database: TestDatabase;
let userId: UserId;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** The secret of RFC 6238's appendix B. */
const SECRET = Secret.fromUTF8('12345678901234567890').base32;

async function give(owner: UserId, sealedFor = owner): Promise<void> {
  const binding = { table: 'totp_secrets', row: sealedFor, user: sealedFor, broker: '', field: 'secret' };
  await database.prisma.totpSecret.create({
    data: { userId: owner, sealed: Buffer.from(vault.seal(SECRET, binding)) },
  });
}

beforeEach(async () => {
  await database.prisma.user.deleteMany();
  userId = (await createUser(database.prisma, {
    email: 'a@example.test',
    passwordHash: '',
    role: 'standard',
  })) as UserId;
});

describe('RFC 6238 appendix B', () => {
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ])('at %i s the code is %s', async (seconds, code) => {
    await give(userId);
    const secondFactor = createSecondFactor(database.prisma, vault);
    const at = (shift: number) => new Date((seconds + shift) * 1_000);
    expect(await secondFactor.take(userId, code, at(-90))).toBeUndefined();
    expect(await secondFactor.take(userId, code, at(90))).toBeUndefined();
    expect(await secondFactor.take(userId, code, at(0))).toBe('totp');
    expect(await secondFactor.take(userId, code, at(1))).toBeUndefined();
  });
});

test('a clock may be half a minute off, either way', async () => {
  await give(userId);
  const secondFactor = createSecondFactor(database.prisma, vault);
  expect(await secondFactor.take(userId, '081804', new Date(1_111_111_109_000 - 30_000))).toBe('totp');
  await database.prisma.totpSecret.update({ where: { userId }, data: { lastStep: 0 } });
  expect(await secondFactor.take(userId, '081804', new Date(1_111_111_109_000 + 30_000))).toBe('totp');
});

test("T18 a secret that is moved to another user's row does not open", async () => {
  const other = await createUser(database.prisma, { email: 'b@example.test', passwordHash: '', role: 'standard' });
  await give(userId, other);
  const secondFactor = createSecondFactor(database.prisma, vault);
  await expect(secondFactor.take(userId, '287082', new Date(59_000))).rejects.toThrow(SealBroken);
});
