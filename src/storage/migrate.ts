import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiffTarget, MigrationDirectory, MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { withSchemaEngine } from './schema-engine.js';

const prismaDirectory = fileURLToPath(new URL('../../prisma', import.meta.url));
const migrationsDirectory = join(prismaDirectory, 'migrations');
const everything = { externalTables: [], externalEnums: [] };

/** Any number that nothing else locks: two processes that migrate the same database take turns. */
export const MIGRATION_LOCK = 7_264_918_273;

/**
 * Applies what is missing of prisma/migrations to the database and returns the names, oldest first. Records them where
 * `prisma migrate deploy` does, so either can continue the other's work. Throws when a migration fails or was edited.
 */
export async function applyMigrations(url: string): Promise<string[]> {
  const migrationsList = await readMigrations();
  return withMigrationLock(url, () =>
    withSchemaEngine(url, async (engine) => {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: everything });
      return appliedMigrationNames;
    }),
  );
}

/** The names of the migrations in this checkout, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsDirectory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The SQL that leads from the migrations to schema.prisma; empty text when they agree. Needs a server for scratch use. */
export async function pendingChange(scratchUrl: string): Promise<string> {
  const migrations = await readMigrations();
  return diff(scratchUrl, { tag: 'migrations', ...migrations });
}

/** The SQL that builds the whole of schema.prisma in an empty database. */
export async function schemaScript(scratchUrl: string): Promise<string> {
  return diff(scratchUrl, { tag: 'empty' });
}

/** Writes a migration for what changed in schema.prisma and returns its name, or undefined when nothing did. */
export async function createMigration(scratchUrl: string, title: string): Promise<string | undefined> {
  const script = await pendingChange(scratchUrl);
  if (script === '') return undefined;
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const name = `${time}_${title.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
  await mkdir(join(migrationsDirectory, name), { recursive: true });
  await writeFile(join(migrationsDirectory, name, 'migration.sql'), script);
  return name;
}

async function diff(scratchUrl: string, from: DiffTarget): Promise<string> {
  const content = await readFile(join(prismaDirectory, 'schema.prisma'), 'utf8');
  const to: DiffTarget = { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] };
  const { stdout } = await withSchemaEngine(scratchUrl, (engine) =>
    engine.diff({ from, to, script: true, exitCode: null, filters: everything }),
  );
  const script = stdout ?? '';
  return script.includes('This is an empty migration') ? '' : script;
}

async function readMigrations(): Promise<MigrationList> {
  const names = await migrationNames();
  return {
    baseDir: migrationsDirectory,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(join(migrationsDirectory, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.map(readMigration)),
  };
}

async function readMigration(name: string): Promise<MigrationDirectory> {
  const path = 'migration.sql';
  const value = await readFile(join(migrationsDirectory, name, path), 'utf8');
  return { path: name, migrationFile: { path, content: { tag: 'ok', value } } };
}

async function withMigrationLock<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work();
  } finally {
    // The lock ends with its connection.
    await client.end();
  }
}
