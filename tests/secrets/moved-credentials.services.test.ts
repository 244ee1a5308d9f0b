/** Somebody who can write to the database gives one user's credential to another, or damages it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NotConnected } from '../../src/broker-port/access.js';
import { createBrokerAccess } from '../../src/oauth/broker-access.js';
import { TokenRefresh } from '../../src/oauth/token-refresh.js';
import { createVault } from '../../src/vault/vault.js';
import { TestConnections } from '../connections/fixture.js';

let connections: TestConnections;
beforeAll(async () => {
  connections = await TestConnections.open();
});
afterAll(() => connections.close());

/** As the database's user. */
async function overwrite(id: string, sealed: Uint8Array | null): Promise<void> {
  await connections.database.pool.query('UPDATE broker_connections SET sealed = $2 WHERE id = $1', [id, sealed]);
}

function recorded(subject: string) {
  return connections.database.prisma.auditEvent.findMany({ where: { action: 'crypt_decrypt_fail', subject } });
}

it("T18 credentials that were swapped between two users' rows open for neither, are recorded, and wake the users", async () => {
  const { access } = connections.parts;
  const [ann, bob] = [await connections.connected('coinbase'), await connections.connected('coinbase')];
  const [ofAnn, ofBob] = [await connections.row(ann.id), await connections.row(bob.id)];
  await overwrite(ann.id, ofBob.sealed);
  await overwrite(bob.id, ofAnn.sealed);

  for (const { id, account } of [ann, bob]) {
    await Promise.allSettled([access.open(account), access.open(account)]);
    await expect(access.open(account)).rejects.toThrow(NotConnected);
    expect(await connections.row(id)).toMatchObject({ state: 'reauth_required', code: 'unreadable' });
    // However often it is asked for, it is told once.
    expect(await recorded(id)).toHaveLength(1);
    const alerts = await connections.alerts('reauth_required');
    expect(alerts.filter(({ key }) => key.startsWith(id))).toMatchObject([{ severity: 1 }]);
  }

  await connections.logIn(ann.login);
  expect(await access.open(ann.account)).toMatchObject({ credential: { kind: 'bearer' } });
  // What does not open can be forgotten all the same.
  const { userId, broker } = bob.login.owner;
  await connections.parts.logins.disconnect(userId, broker);
  expect(await connections.row(bob.id)).toMatchObject({ state: 'disconnected', sealed: null });
});

it('T19 a credential with a byte changed is used for nothing', async () => {
  const { id, account } = await connections.connected('schwab');
  const { sealed } = await connections.row(id);
  await overwrite(
    id,
    Uint8Array.from(sealed ?? [], (byte, at) => (at === 60 ? byte ^ 1 : byte)),
  );
  await expect(connections.parts.access.open(account)).rejects.toThrow(NotConnected);
  expect(await recorded(id)).toHaveLength(1);
});

it('a process that lacks the key waits, and holds nothing against the credential', async () => {
  const { id, account } = await connections.connected('coinbase');
  const { parts, database } = connections;
  const { prisma, providers } = parts;
  const vault = createVault([{ id: 'newer', key: Buffer.alloc(32, 1) }]);
  const tokens = new TokenRefresh({ prisma, locks: database.pool, vault, providers });
  await expect(createBrokerAccess({ prisma, tokens, providers }).open(account)).rejects.toThrow(/key that is not in/);
  expect(await connections.row(id)).toMatchObject({ state: 'active' });
  expect(await recorded(id)).toEqual([]);
});
