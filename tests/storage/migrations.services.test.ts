import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { assertSchemaCurrent, createDatabase } from '../../src/storage/database.js';
import { applyMigrations, migrationNames, pendingChange, schemaScript } from '../../src/storage/migrate.js';
import { catalogueOf } from '../support/catalogue.js';
import { emptyDatabase, freshDatabase } from '../support/database.js';

/** What Prisma's language has no words for. */
const TRIGGERS = [
  'constraint chain_audit_event on audit_events TRIGGER DEFERRABLE INITIALLY DEFERRED',
  'trigger announce_trade_events on trade_events',
  'trigger chain_audit_event on audit_events',
  'trigger keep_all_audit_events on audit_events',
  'trigger keep_audit_events on audit_events',
];

it('leads to exactly what schema.prisma says, and to the triggers', async () => {
  const migrated = await freshDatabase();
  const expected = await emptyDatabase();
  const built = createDatabase(expected);
  await built.pool.query(await schemaScript(expected));
  const wanted = [...(await catalogueOf(built.pool)), ...TRIGGERS];
  expect(new Set(await catalogueOf(migrated.pool))).toEqual(new Set(wanted));
  expect(await pendingChange(expected)).toBe('');
  await built.close();
  await migrated.close();
});

it('records migrations as Prisma does and applies each once', async () => {
  const url = await emptyDatabase();
  const names = await migrationNames();
  expect(await applyMigrations(url)).toEqual(names);
  expect(await applyMigrations(url)).toEqual([]);

  const database = createDatabase(url);
  const { rows } = await database.pool.query(
    'SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations ORDER BY started_at',
  );
  expect(rows).toEqual(
    names.map((name) => ({
      migration_name: name,
      checksum: createHash('sha256')
        .update(readFileSync(`prisma/migrations/${name}/migration.sql`))
        .digest('hex'),
      applied_steps_count: 1,
    })),
  );
  await database.close();
});

it('lets two processes that migrate at once take turns', async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([applyMigrations(url), applyMigrations(url)]);
  expect(applied.flat()).toEqual(await migrationNames());
});

it('is demanded of a database before it is used', async () => {
  const url = await emptyDatabase();
  const database = createDatabase(url);
  await expect(assertSchemaCurrent(database)).rejects.toThrow(/lacks .*npm run migrate/);
  await applyMigrations(url);
  await expect(assertSchemaCurrent(database)).resolves.toBeUndefined();
  await database.close();
});
