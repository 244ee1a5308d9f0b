/**
 * The database has an owner, who migrates, and an application, which works: what the application cannot do, nobody can
 * who gets hold of its connection. docs/operating.md names the roles.
 */
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { MIGRATION_LOCK } from './migrate.js';

/** What the application is called in the embedded server. */
export const APPLICATION_ROLE = 'arbion_application';

/** Makes the role that `roleUrl` names, or gives it that password. `serverUrl` is of a role that may do this. */
export async function ensureRole(serverUrl: string, roleUrl: string): Promise<void> {
  const { user = '', password = '' } = parse(roleUrl);
  if (password === '') throw new Error(`The address of the database role "${user}" has no password: set one.`);
  const rights = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
  await withConnection(serverUrl, async (owner) => {
    const { rowCount } = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user]);
    await owner.query(
      `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${pg.escapeIdentifier(user)} ${rights} PASSWORD ${pg.escapeLiteral(password)}`,
    );
  });
}

/**
 * Lets the role of `applicationUrl` read and write rows of the owner's tables, and nothing else: no definitions, not even
 * temporary ones, and of the audit record only reading and adding. For after every migration: new tables grant nothing.
 */
export async function grantToApplication(ownerUrl: string, applicationUrl: string): Promise<void> {
  const { user } = parse(applicationUrl);
  if (!user || user === parse(ownerUrl).user) return;
  const role = pg.escapeIdentifier(user);
  await withConnection(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ place: string; isOwned: boolean }>(`
      SELECT quote_ident(datname) AS place, pg_has_role(current_user, datdba, 'USAGE') AS "isOwned"
      FROM pg_database WHERE datname = current_database()`);
    const [{ place, isOwned } = { place: '', isOwned: false }] = rows;
    // Two that change rights at once would trip over each other.
    const alone = `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await owner.query(
      `BEGIN; ${alone}; ${isOwned ? rightsInDatabase(place, role) : ''} ${rightsOnTables(role)} COMMIT`,
    );
  });
}

function rightsInDatabase(place: string, role: string): string {
  return `
    REVOKE CREATE, TEMPORARY ON DATABASE ${place} FROM PUBLIC, ${role};
    GRANT CONNECT ON DATABASE ${place} TO ${role};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, ${role};
    GRANT USAGE ON SCHEMA public TO ${role};`;
}

function rightsOnTables(role: string): string {
  return `
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
    REVOKE UPDATE, DELETE ON audit_events FROM ${role};
    REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${role};
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ${role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role};`;
}

/** The same server and database, as another role. */
export function asRole(url: string, role: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(role);
  changed.password = encodeURIComponent(password);
  return changed.href;
}

/** Runs `work` on a connection of its own. */
export async function withConnection(url: string, work: (owner: pg.Client) => Promise<void>): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  try {
    await work(owner);
  } finally {
    await owner.end();
  }
}
