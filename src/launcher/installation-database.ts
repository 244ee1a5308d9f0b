import pg from 'pg';
import type { Config } from '../platform/config.js';
import { type Credentials, type HomePaths, type Secrets, writeSecrets } from '../platform/home.js';
import { createDatabase } from '../storage/database.js';
import { applyMigrations } from '../storage/migrate.js';
import { APPLICATION_ROLE, asRole, ensureRole, grantToApplication, withConnection } from '../storage/roles.js';
import { type Addresses, credentialsOf } from './first-run.js';
import type { EmbeddedPostgres } from './postgres.js';
import { postgresService } from './services.js';
import type { Supervisor } from './supervisor.js';

interface Options {
  config: Config;
  paths: HomePaths;
  supervisor: Supervisor;
  report: (line: string) => void;
}

/** Two connections to one database. */
interface DatabaseUrls {
  /** for the API and the worker */
  databaseUrl: string;
  /** for migrations, by the owner of the tables */
  migrateUrl: string;
}

const databaseName = 'arbion';

/** The database that DATABASE_URL names, else one of our own, in which the application is not the owner. */
export async function bringUpDatabase(
  { config, paths, supervisor, report }: Options,
  secrets: Secrets & { applicationPassword: string },
): Promise<DatabaseUrls> {
  const { databaseMigrateUrl: _, ...lasting } = secrets;
  if (config.databaseUrl !== undefined) {
    await requireDatabase(config.databaseUrl);
    writeSecrets(paths, lasting);
    return { databaseUrl: config.databaseUrl, migrateUrl: config.databaseMigrateUrl ?? config.databaseUrl };
  }
  report('Starting Postgres …');
  let postgres: EmbeddedPostgres | undefined;
  const onStart = (started: EmbeddedPostgres) => {
    postgres = started;
  };
  await supervisor.keep(postgresService({ paths, password: secrets.postgresPassword, onStart }));
  if (postgres === undefined) throw new Error('Postgres did not start.');
  await makeDatabase(postgres.url('postgres'));
  const migrateUrl = postgres.url(databaseName);
  const databaseUrl = asRole(migrateUrl, APPLICATION_ROLE, secrets.applicationPassword);
  await ensureRole(migrateUrl, databaseUrl);
  writeSecrets(paths, { ...lasting, databaseMigrateUrl: migrateUrl });
  return { databaseUrl, migrateUrl };
}

/** Brings the schema and the credentials up to date; without credentials where the database has users of another home. */
export async function prepareDatabase(
  { paths, report }: Options,
  { databaseUrl, migrateUrl }: DatabaseUrls,
  addresses: Addresses,
): Promise<(Credentials & { isNew: boolean }) | undefined> {
  const applied = await applyMigrations(migrateUrl);
  if (applied.length > 0) report(`Applied ${applied.length} database migrations.`);
  await grantToApplication(migrateUrl, databaseUrl);
  const database = createDatabase(databaseUrl, { poolSize: 1 });
  try {
    return await credentialsOf(paths, addresses, database.prisma);
  } catch (error) {
    report(`No login was created: ${error instanceof Error ? error.message : error}.`);
    return undefined;
  } finally {
    await database.close();
  }
}

async function requireDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new Error(
      `Cannot connect to the database of DATABASE_URL (${error instanceof Error ? error.message : error}). ` +
        'Start the server or correct the setting, or leave DATABASE_URL unset to use the embedded Postgres.',
    );
  } finally {
    await client.end();
  }
}

/** In a server of our own: what stands beside Arbion's database is for the owner alone. */
async function makeDatabase(serverUrl: string): Promise<void> {
  await withConnection(serverUrl, async (owner) => {
    const { rowCount } = await owner.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await owner.query(`CREATE DATABASE ${databaseName}`);
    await owner.query(`REVOKE ALL ON DATABASE ${databaseName}, postgres, template1 FROM PUBLIC`);
  });
}
