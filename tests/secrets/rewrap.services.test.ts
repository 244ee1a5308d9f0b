/** How a key of ENCRYPTION_KEY is changed. */
import { randomBytes, randomUUID } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSecondFactor } from '../../src/auth/second-factor.js';
import type { UserId } from '../../src/domain/ids.js';
import { openGrant } from '../../src/oauth/grant.js';
import { findBrokerLogin } from '../../src/storage/broker-logins.js';
import { ofAttempt, ofWebhook } from '../../src/vault/bindings.js';
import { keyProblems } from '../../src/vault/key-problems.js';
import { type Rewrapped, rewrap } from '../../src/vault/rewrap.js';
import { SEALED_COLUMNS } from '../../src/vault/sealed-columns.js';
import { replaceSeal, sealsNotUnder } from '../../src/vault/stored-seals.js';
import { createVault } from '../../src/vault/vault.js';
import { RING, TestBrokerLogins } from '../broker-logins/fixture.js';

const NEW = { id: 'new', key: randomBytes(32) };
const BOTH = [NEW, ...RING];

let brokerLogins: TestBrokerLogins;
beforeAll(async () => {
  brokerLogins = await TestBrokerLogins.open();
});
afterAll(() => brokerLogins.close());
afterEach(() => brokerLogins.database.prisma.user.deleteMany());

function rewrapped(ring = BOTH): Promise<Rewrapped> {
  return rewrap(brokerLogins.database.pool, ring, () => undefined);
}

async function grantOf(id: string, ring: typeof BOTH) {
  const brokerLogin = await findBrokerLogin(brokerLogins.database.prisma, id);
  return brokerLogin?.sealed && openGrant(createVault(ring), brokerLogin, brokerLogin.sealed);
}

it('knows every column that holds seals', async () => {
  const { rows } = await brokerLogins.database.pool.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'bytea' AND table_name <> 'key_canaries'`,
  );
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(known));
});

it('brings everything under the new key, after which the old one may go and not before', async () => {
  const { database, parts } = brokerLogins;
  const { prisma } = database;
  const { id, login } = await brokerLogins.connected('schwab');
  const before = await brokerLogins.row(id);
  const grant = await grantOf(id, [...RING]);
  const begun = await brokerLogins.user('coinbase');
  const { userId } = begun.owner;
  await brokerLogins.parts.logins.begin(begun.owner);
  const secondFactor = createSecondFactor(prisma, parts.vault);
  const now = new Date();
  const user = (id: string) => prisma.user.findUniqueOrThrow({ where: { id } });
  const { uri } = await secondFactor.begin(await user(userId), now);
  const other = await secondFactor.begin(await user(login.owner.userId), now);
  const confirmed = await secondFactor.confirm(await user(login.owner.userId), codeOf(other.uri, now), now);
  expect(confirmed).toHaveLength(10);
  const webhook = { id: randomUUID(), userId };
  const sealed = Buffer.from(parts.vault.seal('a secret', ofWebhook(webhook)));
  await prisma.webhook.create({ data: { ...webhook, name: '', kind: 'signed', strategy: '', sealed } });

  expect(await keyProblems(database, [NEW])).toEqual([
    'ENCRYPTION_KEY lacks the key "test", under which secrets are stored (1 of broker_connections.sealed, 1 of oauth_attempts.sealed, 1 of totp_secrets.sealed, 1 of totp_secrets.pending, 1 of webhooks.sealed). Put it back behind the others and run `npm run rewrap` before it goes.',
  ]);
  expect(await keyProblems(database, BOTH)).toEqual([]);
  expect(await rewrapped()).toEqual({ count: 5, left: 0, unreadable: [] });
  expect(await rewrapped()).toEqual({ count: 0, left: 0, unreadable: [] });
  expect(await keyProblems(database, [NEW])).toEqual([]);
  expect(await keyProblems(database, [...RING])).toEqual([expect.stringContaining('lacks the key "new"')]);

  // The same credential under another seal: nobody has to be handed a new one.
  const after = await brokerLogins.row(id);
  expect(after.sealed).not.toEqual(before.sealed);
  expect(after.generation).toBe(before.generation);
  expect(await grantOf(id, [NEW])).toEqual(grant);
  // Before the authenticator is confirmed, which ends the login under way.
  const attempt = await prisma.oAuthAttempt.findFirstOrThrow();
  expect(createVault([NEW]).open(attempt.sealed, ofAttempt(attempt, attempt.stateHash))).toContain('handle');
  const alone = createSecondFactor(prisma, createVault([NEW]));
  expect(await alone.confirm(await user(userId), codeOf(uri, now), now)).toHaveLength(10);
  const later = new Date(now.getTime() + 30_000);
  expect(await alone.take(login.owner.userId as UserId, codeOf(other.uri, later), later)).toBe('totp');
  const hook = await prisma.webhook.findUniqueOrThrow({ where: { id: webhook.id } });
  expect(createVault([NEW]).open(hook.sealed ?? new Uint8Array(), ofWebhook(webhook))).toBe('a secret');
});

it('does not overwrite what was written since it was read', async () => {
  const { database } = brokerLogins;
  const { id } = await brokerLogins.connected('coinbase');
  const [column] = SEALED_COLUMNS;
  if (!column) throw new Error('no column holds seals');
  for await (const [row] of sealsNotUnder(database.pool, column, NEW.id)) {
    if (!row) throw new Error('nothing is under the old key');
    const written = createVault(BOTH).seal('a newer credential', column.bindingOf(row));
    await database.prisma.brokerLogin.update({ where: { id }, data: { sealed: Buffer.from(written) } });
    const late = createVault(BOTH).reseal(row.sealed, column.bindingOf(row));
    expect(late && (await replaceSeal(database.pool, column, row, late))).toBe(false);
    expect(Buffer.from((await brokerLogins.row(id)).sealed ?? [])).toEqual(written);
  }
});

it('leaves what it cannot open as it is, names it, and goes on with the others', async () => {
  const { prisma } = brokerLogins.database;
  const [ann, bob, cleo] = [
    await brokerLogins.connected('coinbase'),
    await brokerLogins.connected('coinbase'),
    await brokerLogins.connected('coinbase'),
  ];
  const { sealed } = await brokerLogins.row(ann.id);
  await prisma.brokerLogin.update({ where: { id: bob.id }, data: { sealed } });
  await prisma.brokerLogin.update({ where: { id: cleo.id }, data: { sealed: Buffer.from('no seal') } });
  const { count, left, unreadable } = await rewrapped();
  expect({ count, left }).toEqual({ count: 1, left: 1 });
  expect(new Set(unreadable)).toEqual(new Set([bob.id, cleo.id].map((id) => `broker_connections.sealed ${id}`)));
  expect((await brokerLogins.row(bob.id)).sealed).toEqual(sealed);
});

function codeOf(uri: string, now: Date): string {
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  return new TOTP({ secret }).generate({ timestamp: now.getTime() });
}
