/** Somebody who can write to the database gives one user's credential to another, or damages it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NotConnected } from '../../src/broker-port/access.js';
import { createBrokerAccess } from '../../src/oauth/broker-access.js';
import { TokenRefresh } from '../../src/oauth/token-refresh.js';
import { createVault } from '../../src/vault/vault.js';
import { TestBrokerLogins } from '../broker-logins/fixture.js';

let brokerLogins: TestBrokerLogins;
beforeAll(async () => {
  brokerLogins = await TestBrokerLogins.open();
});
afterAll(() => brokerLogins.close());

/** As the database's user. */
async function overwrite(id: string, sealed: Uint8Array | null): Promise<void> {
  await brokerLogins.database.pool.query('UPDATE broker_connections SET sealed = $2 WHERE id = $1', [id, sealed]);
}

function recorded(subject: string) {
  return brokerLogins.database.prisma.auditEvent.findMany({ where: { action: 'crypt_decrypt_fail', subject } });
}

it("T18 credentials that were swapped between two users' rows open for neither, are recorded, and wake the users", async () => {
  const { access } = brokerLogins.parts;
  const [ann, bob] = [await brokerLogins.connected('coinbase'), await brokerLogins.connected('coinbase')];
  const [ofAnn, ofBob] = [await brokerLogins.row(ann.id), await brokerLogins.row(bob.id)];
  await overwrite(ann.id, ofBob.sealed);
  await overwrite(bob.id, ofAnn.sealed);

  for (const { id, account } of [ann, bob]) {
    await Promise.allSettled([access.open(account), access.open(account)]);
    await expect(access.open(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code: 'unreadable' });
    // However often it is asked for, it is reported once.
    expect(await recorded(id)).toHaveLength(1);
    const alerts = await brokerLogins.alerts('reauth_required');
    expect(alerts.filter(({ key }) => key.startsWith(id))).toMatchObject([{ severity: 1 }]);
  }

  await brokerLogins.logIn(ann.login);
  expect(await access.open(ann.account)).toMatchObject({ credential: { kind: 'bearer' } });
  // What does not open can be forgotten all the same.
  const { userId, broker } = bob.login.owner;
  await brokerLogins.parts.logins.disconnect(userId, broker);
  expect(await brokerLogins.row(bob.id)).toMatchObject({ state: 'disconnected', sealed: null });
});

it('T19 a credential with a byte changed is used for nothing', async () => {
  const { id, account } = await brokerLogins.connected('schwab');
  const { sealed } = await brokerLogins.row(id);
  await overwrite(
    id,
    Uint8Array.from(sealed ?? [], (byte, at) => (at === 60 ? byte ^ 1 : byte)),
  );
  await expect(brokerLogins.parts.access.open(account)).rejects.toThrow(NotConnected);
  expect(await recorded(id)).toHaveLength(1);
});

it('a process that lacks the key waits, and holds nothing against the credential', async () => {
  const { id, account } = await brokerLogins.connected('coinbase');
  const { parts, database } = brokerLogins;
  const { prisma, providers } = parts;
  const vault = createVault([{ id: 'newer', key: Buffer.alloc(32, 1) }]);
  const tokens = new TokenRefresh({ prisma, locks: database.pool, vault, providers });
  await expect(createBrokerAccess({ prisma, tokens, providers }).open(account)).rejects.toThrow(/key that is not in/);
  expect(await brokerLogins.row(id)).toMatchObject({ state: 'active' });
  expect(await recorded(id)).toEqual([]);
});
