import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertGrantsReadable, resealGrants } from '../../src/oauth/stored-grants.js';
import { createVault } from '../../src/vault/vault.js';
import { RING, TestConnections } from './fixture.js';

const [oldKey] = RING;
const newKey = { id: 'new', key: randomBytes(32) };

let connections: TestConnections;
beforeAll(async () => {
  connections = await TestConnections.open();
});
afterAll(() => connections.close());

test('a key is changed by sealing everything anew, and may then go', async () => {
  const { prisma } = connections.database;
  const { id, account } = await connections.connected('schwab');
  await connections.connected('coinbase');
  if (!oldKey) throw new Error('the ring has no key');
  const [both, alone] = [createVault([newKey, oldKey]), createVault([newKey])];

  await assertGrantsReadable(prisma, both);
  await expect(assertGrantsReadable(prisma, alone)).rejects.toThrow(/cannot be decrypted.*ENCRYPTION_KEY/s);
  const before = await connections.row(id);
  expect(await resealGrants(prisma, both)).toBe(2);
  expect(await resealGrants(prisma, both)).toBe(0);
  await assertGrantsReadable(prisma, alone);
  // Another seal of the same credential: nobody has to be handed a new one.
  const after = await connections.row(id);
  expect(after.sealed).not.toEqual(before.sealed);
  expect(after.generation).toBe(before.generation);
  await expect(assertGrantsReadable(prisma, createVault(RING))).rejects.toThrow(/cannot be decrypted/);
  expect(account).toMatch(/^schwab-/);
});

test('T18 a credential that was moved to another user does not open', async () => {
  const { prisma } = connections.database;
  const [ann, bob] = [await connections.connected('coinbase'), await connections.connected('coinbase')];
  const { sealed } = await connections.row(ann.id);
  await prisma.brokerConnection.update({ where: { id: bob.id }, data: { sealed } });
  const vault = createVault([newKey, ...RING]);
  await expect(assertGrantsReadable(prisma, vault)).rejects.toThrow(bob.id);
  await expect(connections.parts.access.open(bob.account)).rejects.toThrow();
});
