/** A key is changed for 10,000 credentials while they are read and refreshed, and the command is killed on its way. */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { UserId } from '../../src/domain/ids.js';
import { openGrant, sealGrant } from '../../src/oauth/grant.js';
import type { EncryptionKey } from '../../src/platform/settings.js';
import { type BrokerLogin, findBrokerLogin, storeRefreshed } from '../../src/storage/broker-logins.js';
import { keyProblems } from '../../src/vault/key-problems.js';
import { createVault } from '../../src/vault/vault.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

const ROWS = 10_000;
const [OLD, NEW] = [
  { id: 'old', key: randomBytes(32) },
  { id: 'new', key: randomBytes(32) },
];
const BROKERS: LiveBroker[] = ['schwab', 'coinbase', 'etrade', 'alpaca'];

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase({ poolSize: 8 });
});
const traffic: ReturnType<typeof startTraffic>[] = [];
afterAll(async () => {
  await Promise.allSettled(traffic.map(({ stop }) => stop()));
  await database.close();
});

interface Owner {
  id: string;
  userId: UserId;
  broker: LiveBroker;
}

/** Four broker logins a user, each with a credential under the old key. */
async function seed(): Promise<Owner[]> {
  const users = Array.from({ length: ROWS / BROKERS.length }, () => randomUUID() as UserId);
  const owners = users.flatMap((userId) => BROKERS.map((broker) => ({ id: randomUUID(), userId, broker })));
  const vault = createVault([OLD]);
  await database.pool.query(
    "INSERT INTO users (id, email, password_hash) SELECT id, id || '@test', '-' FROM unnest($1::uuid[]) AS id",
    [users],
  );
  await database.pool.query(
    `INSERT INTO broker_connections (id, user_id, broker, state, sealed, updated_at)
     SELECT id, user_id, broker, 'active', sealed, now()
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[]) AS rows (id, user_id, broker, sealed)`,
    [
      owners.map(({ id }) => id),
      owners.map(({ userId }) => userId),
      owners.map(({ broker }) => broker),
      owners.map((owner) => sealGrant(vault, owner, grantOf(owner.id, 0))),
    ],
  );
  return owners;
}

/** Says whose it is and how often it was refreshed. */
function grantOf(id: string, generation: number) {
  return { kind: 'oauth2' as const, accessToken: `access ${id} ${generation}`, refreshToken: 'refresh'.repeat(20) };
}

async function read(ring: readonly EncryptionKey[], id: string) {
  const brokerLogin = await findBrokerLogin(database.prisma, id);
  if (!brokerLogin?.sealed) throw new Error(`${id} has lost its credential`);
  return { brokerLogin, grant: openGrant(createVault(ring), brokerLogin, brokerLogin.sealed) };
}

/** Reads one after the other, and refreshes every third, until it is asked to stop. Answers how many of each. */
function startTraffic(ring: readonly EncryptionKey[], owners: readonly Owner[]) {
  const done = { reads: 0, refreshes: 0 };
  let isStopped = false;
  async function run(): Promise<void> {
    while (!isStopped) {
      const { id } = owners[Math.floor(Math.random() * owners.length)] ?? { id: '' };
      const { brokerLogin, grant } = await read(ring, id);
      expect(grant).toEqual(grantOf(id, brokerLogin.generation));
      done.reads++;
      if (done.reads % 3 > 0) continue;
      const sealed = sealGrant(createVault(ring), brokerLogin, grantOf(id, brokerLogin.generation + 1));
      if (await storeRefreshed(database.prisma, brokerLogin, { sealed, expiresAt: null, loginDueAt: null })) {
        done.refreshes++;
      }
    }
  }
  const running = [run(), run()];
  return {
    done,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
      return done;
    },
  };
}

/** Runs the command; with `kill` it is ended when it has printed so many lines. */
async function rewrap({ kill = Number.POSITIVE_INFINITY } = {}) {
  const ring = [NEW, OLD].map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');
  const child = spawn(process.execPath, ['scripts/run.mjs', 'src/vault/rewrap-command.ts'], {
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, ENCRYPTION_KEY: ring },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.split('\n').length > kill) child.kill('SIGKILL');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
}

async function countUnder(keyId: string): Promise<number> {
  const header = Buffer.from([1, keyId.length, ...Buffer.from(keyId)]);
  const { rows } = await database.pool.query<{ count: number }>(
    'SELECT count(*)::int FROM broker_connections WHERE substring(sealed FROM 1 FOR $2) = $1',
    [header, header.length],
  );
  return rows[0]?.count ?? 0;
}

it(`brings ${ROWS} credentials under a new key without an error of anybody who reads or writes`, async () => {
  const owners = await seed();
  // The new ring comes to one process after the other: some still write with the old key.
  const [upToDate, late] = [startTraffic([NEW, OLD], owners), startTraffic([OLD, NEW], owners)];
  traffic.push(upToDate, late);

  expect(await rewrap({ kill: 4 })).toMatchObject({ code: null });
  const half = await countUnder('old');
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(ROWS);

  // A process that writes with the old key makes the command say that it has not finished.
  const withOldWriters = await rewrap();
  expect(withOldWriters.printed).toMatch(/^broker_connections.sealed: \d+ of \d+$/m);
  const { refreshes } = late.done;
  await eventually(() => late.done.refreshes > refreshes, 'a refresh under the old key');
  const byLate = await late.stop();
  expect(await keyProblems(database, [NEW])).toEqual([expect.stringContaining('lacks the key "old"')]);
  expect(await rewrap()).toMatchObject({ code: 0 });
  const byUpToDate = await upToDate.stop();

  console.log('meanwhile', byLate, byUpToDate);
  expect(byLate.refreshes).toBeGreaterThan(0);
  expect(byUpToDate.refreshes).toBeGreaterThan(0);
  expect(await countUnder('new')).toBe(ROWS);
  expect(await keyProblems(database, [NEW])).toEqual([]);
  const vault = createVault([NEW]);
  for (const row of await database.prisma.brokerLogin.findMany()) {
    const brokerLogin = row as BrokerLogin;
    expect(openGrant(vault, brokerLogin, row.sealed ?? Buffer.of())).toEqual(grantOf(row.id, row.generation));
  }
  expect((await rewrap()).printed).toMatch(/^0 secrets /m);
});
