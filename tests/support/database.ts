import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../../src/storage/database.js';
import { withDatabase } from '../../src/storage/migration-adapter.js';
import { templateDatabase } from './names.js';

export interface TestDatabase extends Database {
  url: string;
}

/** A new database for one test, with the whole schema and no rows. `close` drops it. */
export async function freshDatabase(options: { poolSize?: number } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase}`);
  const url = withDatabase(inject('postgresUrl'), name);
  const database = createDatabase(url, options);
  return {
    ...database,
    url,
    close: async () => {
      await database.close();
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** An empty database without any schema; returns its connection URL. */
export async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name}`);
  return withDatabase(inject('postgresUrl'), name);
}

/** The next number of a sequence that all test processes share. */
export async function nextNumber(sequence: string): Promise<number> {
  const [row] = await onServer(`SELECT nextval('${sequence}')::int AS number`);
  return Number(row?.number);
}

async function onServer(statement: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}
