/** T40: what was recorded stays recorded, and whoever gets past that is found out. */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordAudit } from '../../src/storage/audit.js';
import { auditHead, headText, parseHead, verifyAuditChain } from '../../src/storage/audit-chain.js';
import { createDatabase } from '../../src/storage/database.js';
import { migrationNames } from '../../src/storage/migrate.js';
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.js';

const databases: TestDatabase[] = [];
afterAll(async () => {
  for (const database of databases) await database.close();
});

/** As the owner, who is refused nothing but what the triggers refuse. */
async function open(): Promise<TestDatabase> {
  const database = await freshDatabase({ poolSize: 20, asOwner: true });
  databases.push(database);
  return database;
}

/** A record of `count` rows; answers their ids in the order of the chain. */
async function recorded({ prisma }: TestDatabase, count: number): Promise<string[]> {
  for (let index = 0; index < count; index++) {
    const detail = { address: '192.0.2.7', nested: { ö: ['"\\\n', 1.5, null] } };
    await recordAudit(prisma, { actor: `user-${index}`, action: 'authn_login_success', detail });
  }
  const rows = await prisma.auditEvent.findMany({ orderBy: { position: 'asc' } });
  return rows.map(({ id }) => String(id));
}

/** As the owner of the tables can. */
async function tamper({ pool }: TestDatabase, ...statements: string[]): Promise<void> {
  for (const statement of [
    'ALTER TABLE audit_events DISABLE TRIGGER USER',
    ...statements,
    'ALTER TABLE audit_events ENABLE TRIGGER USER',
  ]) {
    await pool.query(statement);
  }
}

function onlyRolledBack(error: unknown): void {
  if (!(error instanceof Error && error.message === 'rolled back')) throw error;
}

test('T40 rows are chained in the order of their commits, also those of many at once and of one transaction', async () => {
  const database = await open();
  const { prisma } = database;
  expect(await verifyAuditChain(prisma)).toEqual({ rows: 0 });
  const once = (actor: string) =>
    prisma.$transaction(
      async (transaction) => {
        await recordAudit(transaction, { actor, action: 'user_disabled' });
        await recordAudit(transaction, { actor, action: 'user_enabled' });
        if (actor.endsWith('-5')) throw new Error('rolled back');
      },
      { maxWait: 60_000, timeout: 60_000 },
    );
  const caller = async (name: number) => {
    for (let round = 0; round < 10; round++) await once(`${name}-${round}`).catch(onlyRolledBack);
  };
  await Promise.all(Array.from({ length: 20 }, (_, name) => caller(name)));
  const { rows, head, broken } = await verifyAuditChain(prisma);
  expect({ rows, broken }).toEqual({ rows: 360, broken: undefined });
  expect(head).toEqual(await auditHead(prisma));
  expect(head && parseHead(headText(head))).toEqual(head);
}, 60_000);

test('T40 a transaction that stands still after its record holds nobody up', async () => {
  const { prisma } = await open();
  await prisma.$transaction(async (transaction) => {
    await recordAudit(transaction, { actor: 'slow', action: 'user_disabled' });
    await recordAudit(prisma, { actor: 'quick', action: 'authn_login_success' });
  });
  const rows = await prisma.auditEvent.findMany({ orderBy: { position: 'asc' } });
  expect(rows.map(({ actor }) => actor)).toEqual(['quick', 'slow']);
  expect(await verifyAuditChain(prisma)).toMatchObject({ rows: 2 });
});

test('T40 the database refuses to change, to delete and to empty, and to be given a place in the chain', async () => {
  const database = await open();
  const [first] = await recorded(database, 2);
  for (const statement of [
    `UPDATE audit_events SET actor = 'nobody' WHERE id = ${first}`,
    `UPDATE audit_events SET hash = NULL, position = NULL WHERE id = ${first}`,
    `DELETE FROM audit_events WHERE id = ${first}`,
    'TRUNCATE audit_events',
    `INSERT INTO audit_events (actor, action, position, hash) VALUES ('x', 'y', 7, 'z')`,
    `WITH added AS (INSERT INTO audit_events (actor, action) VALUES ('x', 'y') RETURNING id)
       DELETE FROM audit_events WHERE id = ${first}`,
  ]) {
    await expect(database.pool.query(statement), statement).rejects.toThrow('audit_events is append-only');
  }
  // A row that is not chained yet can be given a place, but then does not come through its own commit.
  const forged = `BEGIN; INSERT INTO audit_events (id, actor, action) VALUES (900, 'x', 'y');
    UPDATE audit_events SET position = 3, hash = 'z' WHERE id = 900; COMMIT`;
  await expect(database.pool.query(forged)).rejects.toThrow('audit_events is append-only');
  expect(await verifyAuditChain(database.prisma)).toMatchObject({ rows: 2 });
});

test('T40 an application that does not own the tables may add rows and read them, and no more', async () => {
  const url = await emptyDatabase();
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const role = `application_${process.pid}`;
  await owner.query(`CREATE ROLE ${role}`);
  await owner.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${role}`);
  for (const name of await migrationNames()) {
    await owner.query(readFileSync(`prisma/migrations/${name}/migration.sql`, 'utf8'));
  }
  await owner.query(`SET ROLE ${role}`);
  await owner.query("INSERT INTO audit_events (actor, action) VALUES ('a', 'authn_login_success')");
  for (const statement of [
    "UPDATE audit_events SET actor = 'b'",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    'ALTER TABLE audit_events DISABLE TRIGGER USER',
    'SELECT chain_audit_event()',
  ]) {
    await expect(owner.query(statement), statement).rejects.toThrow(/permission denied|must be owner|trigger function/);
  }
  const { rows } = await owner.query('SELECT position, length(hash) AS length FROM audit_events');
  expect(rows).toEqual([{ position: '1', length: 64 }]);
  await owner.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await owner.end();
});

test('rows from before the chain are chained by the migration', async () => {
  const url = await emptyDatabase();
  const database = createDatabase(url);
  const migrations = [
    '20261124115602_init',
    '20261124155627_identity',
    '20261124172407_a_canary_for_each_key',
    '20261124192050_chain_audit_events',
  ].map((name) => readFileSync(`prisma/migrations/${name}/migration.sql`, 'utf8'));
  for (const script of migrations.slice(0, 3)) await database.pool.query(script);
  await database.pool.query(`INSERT INTO audit_events (id, actor, action, detail) VALUES
    (3, 'a', 'x', '{"b": 1, "a": {"ü": "\\"é"}}'), (7, 'b', 'y', '{}'), (9, 'c', 'z', '{}')`);
  await database.pool.query(migrations[3] ?? '');
  await database.pool.query("INSERT INTO audit_events (id, actor, action) VALUES (12, 'd', 'w')");
  expect(await verifyAuditChain(database.prisma)).toMatchObject({ rows: 4, head: { position: 4 } });
  await database.close();
});

describe('T40 who changes it as the owner is found out:', () => {
  let database: TestDatabase;
  let ids: string[];
  beforeAll(async () => {
    database = await open();
    ids = await recorded(database, 6);
  });

  /** What the verifier says while the record is so, which it is only for that long. */
  async function foundAfter(...statements: string[]) {
    await database.pool.query('CREATE TABLE kept AS TABLE audit_events');
    const head = await auditHead(database.prisma);
    await tamper(database, ...statements);
    const alone = await verifyAuditChain(database.prisma);
    const withHead = await verifyAuditChain(database.prisma, head);
    await tamper(database, 'DELETE FROM audit_events', 'INSERT INTO audit_events TABLE kept', 'DROP TABLE kept');
    expect(await verifyAuditChain(database.prisma, head)).toEqual({ rows: 6, head });
    return { alone: alone.broken, withHead: withHead.broken, rows: alone.rows };
  }

  test.each([
    ["actor = 'somebody else'"],
    ["action = 'authn_login_fail'"],
    ["subject = 'x'"],
    ["at = at + interval '1 millisecond'"],
    [`detail = detail || '{"address":"198.51.100.1"}'`],
    ['id = 99'],
  ])('one row with %s', async (change) => {
    const { alone, rows } = await foundAfter(`UPDATE audit_events SET ${change} WHERE id = ${ids[2]}`);
    expect(alone).toMatchObject({ kind: 'changed', id: change === 'id = 99' ? '99' : ids[2] });
    expect(rows).toBe(2);
  });

  test('one row and its hash', async () => {
    const hash = "repeat('0', 64)";
    const { alone } = await foundAfter(`UPDATE audit_events SET actor = 'x', hash = ${hash} WHERE id = ${ids[2]}`);
    expect(alone).toMatchObject({ kind: 'changed', id: ids[2] });
  });

  test('one row, hashed anew as it should be: then the next one does not fit', async () => {
    const previous = `(SELECT hash FROM audit_events WHERE id = ${ids[1]})`;
    const { alone } = await foundAfter(
      `UPDATE audit_events SET actor = 'x' WHERE id = ${ids[2]}`,
      `UPDATE audit_events e SET hash = audit_event_hash(${previous}, e) WHERE id = ${ids[2]}`,
    );
    expect(alone).toMatchObject({ kind: 'changed', id: ids[3] });
  });

  test('one row taken out, the first of all as well', async () => {
    expect((await foundAfter(`DELETE FROM audit_events WHERE id = ${ids[2]}`)).alone).toMatchObject({
      kind: 'missing',
      id: ids[3],
      message: expect.stringContaining('position 3 is missing'),
    });
    const first = await foundAfter(`DELETE FROM audit_events WHERE id = ${ids[0]}`);
    expect(first.alone).toMatchObject({ kind: 'missing', id: ids[1] });
  });

  test('one row taken out and the others moved up', async () => {
    const { alone } = await foundAfter(
      `DELETE FROM audit_events WHERE id = ${ids[2]}`,
      'UPDATE audit_events SET position = -position WHERE position > 3',
      'UPDATE audit_events SET position = -position - 1 WHERE position < 0',
    );
    expect(alone).toMatchObject({ kind: 'changed', id: ids[3] });
  });

  test('two rows that changed places', async () => {
    const { alone } = await foundAfter(
      'UPDATE audit_events SET position = -position WHERE position IN (2, 5)',
      'UPDATE audit_events SET position = 7 + position WHERE position < 0',
    );
    expect(alone).toMatchObject({ kind: 'changed', id: ids[4] });
  });

  test('a row slipped in', async () => {
    const { alone } = await foundAfter("INSERT INTO audit_events (id, actor, action) VALUES (1000, 'x', 'y')");
    expect(alone).toMatchObject({ kind: 'unchained', id: '1000' });
  });

  test('the end cut off, or all written anew: only with a head that was kept elsewhere', async () => {
    const cut = await foundAfter(`DELETE FROM audit_events WHERE position > 4`);
    expect(cut.alone).toBeUndefined();
    expect(cut.withHead).toMatchObject({ kind: 'cut-off', message: expect.stringContaining('before position 6') });
    const rewritten = await foundAfter(
      `UPDATE audit_events SET actor = 'x' WHERE id = ${ids[2]}`,
      `DO $$ DECLARE e audit_events; previous TEXT := ''; BEGIN
         FOR e IN SELECT * FROM audit_events ORDER BY position LOOP
           previous := audit_event_hash(previous, e);
           UPDATE audit_events SET hash = previous WHERE id = e.id;
         END LOOP; END $$`,
    );
    expect(rewritten.alone).toBeUndefined();
    expect(rewritten.withHead).toMatchObject({ kind: 'cut-off', message: expect.stringContaining('written anew') });
  });
});
