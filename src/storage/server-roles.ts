/** One database server for Arbion and Temporal: a role and databases for each, and no way from one to the other. */
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { withDatabase } from './migration-adapter.js';
import { ensureRole, withConnection } from './roles.js';

interface ServerUrls {
  /** of the owner of Arbion's tables, who may also make roles and databases */
  ownerUrl: string;
  /** of the API and the worker */
  applicationUrl: string;
  /** of Temporal; beside the named database it has one with `_visibility` behind its name */
  temporalUrl: string;
}

/** Makes the roles and Temporal's databases, or brings those of an earlier installation up to this. May be repeated. */
export async function prepareServer({ ownerUrl, applicationUrl, temporalUrl }: ServerUrls): Promise<void> {
  await ensureRole(ownerUrl, applicationUrl);
  await ensureRole(ownerUrl, temporalUrl);
  const { user = '', database } = parse(temporalUrl);
  const name = database ?? user;
  for (const each of [name, `${name}_visibility`]) await giveDatabase(ownerUrl, each, user);
  await withConnection(ownerUrl, async (owner) => {
    await owner.query(`REVOKE ALL ON DATABASE ${place(parse(ownerUrl).database)}, postgres, template1 FROM PUBLIC`);
  });
}

async function giveDatabase(ownerUrl: string, name: string, role: string): Promise<void> {
  const [database, user] = [place(name), pg.escapeIdentifier(role)];
  await withConnection(ownerUrl, async (owner) => {
    const { rowCount } = await owner.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await owner.query(`CREATE DATABASE ${database}`);
    await owner.query(`ALTER DATABASE ${database} OWNER TO ${user}; REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  });
  await withConnection(withDatabase(ownerUrl, name), async (owner) => {
    const { rows } = await owner.query<{ statement: string }>(ASSIGNMENTS, [role]);
    for (const { statement } of rows) await owner.query(statement);
  });
}

/** What Arbion's owner made in Temporal's databases before Temporal had a role of its own; extensions stay as they are. */
const ASSIGNMENTS = `
  SELECT format('ALTER TABLE %s OWNER TO %I', oid::regclass, $1::text) AS statement FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND relowner <> $1::regrole
  UNION ALL
  SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, $1::text) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace AND proowner <> $1::regrole
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')`;

function place(database: string | null | undefined): string {
  return pg.escapeIdentifier(database ?? '');
}
