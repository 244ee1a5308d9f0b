/** What each role of the database can do: a connection of the application in somebody else's hands is not the owner's. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { recordAudit } from '../../src/storage/audit.js';
import { auditHead, verifyAuditChain } from '../../src/storage/audit-chain.js';
import { assertSchemaCurrent, createDatabase } from '../../src/storage/database.js';
import { applyMigrations } from '../../src/storage/migrate.js';
import { withDatabase } from '../../src/storage/migration-adapter.js';
import { asRole, ensureRole, grantToApplication, withConnection } from '../../src/storage/roles.js';
import { prepareServer } from '../../src/storage/server-roles.js';
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.js';

const REFUSED = /permission denied|must be (able to SET ROLE|owner|a? ?superuser)/;
const unique = (name: string) => `${name}_${randomUUID().replaceAll('-', '')}`;

async function refuses(url: string, ...statements: string[]): Promise<void> {
  await withConnection(url, async (client) => {
    for (const statement of statements) await expect(client.query(statement), statement).rejects.toThrow(REFUSED);
  });
}

describe('the application', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    await grantToApplication(database.ownerUrl, database.url);
    await recordAudit(database.prisma, { actor: 'a', action: 'authn_login_success' });
  });
  afterAll(() => database.close());

  test('T71 defines nothing', async () => {
    await refuses(
      database.url,
      'CREATE TABLE mine (a int)',
      'CREATE TEMPORARY TABLE mine (a int)',
      'CREATE TABLE mine AS TABLE users',
      'CREATE SCHEMA mine',
      'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE EXTENSION file_fdw',
      'ALTER TABLE users ADD COLUMN mine int',
      'CREATE INDEX mine ON users (email)',
      'DROP TABLE users',
      'TRUNCATE users',
      'CREATE ROLE mine SUPERUSER',
      'CREATE DATABASE mine',
      'SET ROLE arbion',
      "COPY users TO PROGRAM 'cat'",
      "SELECT pg_read_file('/etc/passwd')",
      "UPDATE _prisma_migrations SET checksum = ''",
    );
  });

  test('T71 adds to the audit record and reads it, and cannot change it by any way', async () => {
    const head = await auditHead(database.prisma);
    await refuses(
      database.url,
      "UPDATE audit_events SET actor = 'b'",
      'UPDATE audit_events SET position = NULL, hash = NULL',
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
      'SELECT * FROM audit_events FOR UPDATE',
      'ALTER TABLE audit_events DISABLE TRIGGER USER',
      'SET session_replication_role = replica',
      'CREATE OR REPLACE FUNCTION chain_audit_event() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
      'ALTER SEQUENCE audit_events_id_seq RESTART',
      "SELECT setval('audit_events_id_seq', 1)",
    );
    expect(await verifyAuditChain(database.prisma, head)).toMatchObject({ rows: 1 });
    await recordAudit(database.prisma, { actor: 'b', action: 'authn_login_success' });
    expect(await verifyAuditChain(database.prisma, head)).toMatchObject({ rows: 2 });
  });
});

test('T72 a session that calls itself a replica changes nothing of the audit record, and is chained', async () => {
  const database = await freshDatabase();
  await recordAudit(database.prisma, { actor: 'a', action: 'authn_login_success' });
  await withConnection(database.ownerUrl, async (owner) => {
    await owner.query('SET session_replication_role = replica');
    for (const statement of [
      "UPDATE audit_events SET actor = 'b'",
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
    ]) {
      await expect(owner.query(statement), statement).rejects.toThrow('audit_events is append-only');
    }
    await owner.query("INSERT INTO audit_events (actor, action) VALUES ('b', 'authn_login_success')");
  });
  expect(await verifyAuditChain(database.prisma)).toMatchObject({ rows: 2, head: { position: 2 } });
  await database.close();
});

test('an installation from before gets the roles, and keeps what it has', async () => {
  const ownerUrl = await emptyDatabase();
  await applyMigrations(ownerUrl);
  const before = createDatabase(ownerUrl);
  await recordAudit(before.prisma, { actor: 'a', action: 'authn_login_success' });
  await before.close();
  const applicationUrl = asRole(ownerUrl, unique('application'), 'p@ss/w:rd');
  for (let start = 0; start < 2; start++) {
    await ensureRole(ownerUrl, applicationUrl);
    expect(await applyMigrations(ownerUrl)).toEqual([]);
    await Promise.all(Array.from({ length: 3 }, () => grantToApplication(ownerUrl, applicationUrl)));
  }
  const now = createDatabase(applicationUrl);
  await assertSchemaCurrent(now);
  await recordAudit(now.prisma, { actor: 'b', action: 'authn_login_success' });
  expect(await verifyAuditChain(now.prisma)).toMatchObject({ rows: 2 });
  await now.close();
  await refuses(applicationUrl, 'DELETE FROM audit_events', 'CREATE TABLE mine (a int)');
});

describe('T73 a server that is shared with Temporal', () => {
  const server = inject('postgresUrl');
  const [role, name] = [unique('temporal'), unique('temporal')];
  const temporalUrl = asRole(withDatabase(server, name), role, 'theirs');
  let ownerUrl: string;
  let applicationUrl: string;

  beforeAll(async () => {
    ownerUrl = await emptyDatabase();
    applicationUrl = asRole(ownerUrl, unique('application'), 'ours');
    await applyMigrations(ownerUrl);
    // As Temporal's databases were before it had a role: the owner's.
    await withConnection(server, (owner) => owner.query(`CREATE DATABASE ${name}`).then(() => {}));
    await withConnection(withDatabase(server, name), async (owner) => {
      await owner.query('CREATE TABLE executions (id serial PRIMARY KEY); CREATE VIEW shown AS TABLE executions');
      await owner.query("CREATE FUNCTION convert_ts(text) RETURNS text LANGUAGE sql AS $$ SELECT '' $$");
      await owner.query('CREATE EXTENSION btree_gin');
    });
    for (let start = 0; start < 2; start++) await prepareServer({ ownerUrl, applicationUrl, temporalUrl });
    await grantToApplication(ownerUrl, applicationUrl);
  });

  test('lets Temporal do what it wants in databases of its own', async () => {
    await withConnection(temporalUrl, async (temporal) => {
      await temporal.query('ALTER TABLE executions ADD COLUMN state bytea');
      await temporal.query('DROP VIEW shown; DROP FUNCTION convert_ts(text)');
      await temporal.query('CREATE TABLE more (id int)');
    });
    await withConnection(withDatabase(temporalUrl, `${name}_visibility`), async (temporal) => {
      await temporal.query('CREATE EXTENSION IF NOT EXISTS btree_gin');
      await temporal.query('CREATE TABLE executions_visibility (id int)');
    });
  });

  test('keeps Temporal out of our database, us out of theirs, and both from making more', async () => {
    const refused = async (url: string) => {
      const client = new pg.Client({ connectionString: url });
      await expect(client.connect(), url).rejects.toThrow(/permission denied for database/);
    };
    const { pathname } = new URL(ownerUrl);
    await refused(withDatabase(temporalUrl, pathname.slice(1)));
    await refused(withDatabase(temporalUrl, 'postgres'));
    await refused(withDatabase(applicationUrl, name));
    await refused(withDatabase(applicationUrl, `${name}_visibility`));
    await refuses(temporalUrl, 'CREATE ROLE mine', 'CREATE DATABASE mine', 'SET session_replication_role = replica');
    await refuses(applicationUrl, 'CREATE ROLE mine', 'CREATE DATABASE mine');
  });
});
