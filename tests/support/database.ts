import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../../src/storage/database.js';
import { withDatabase } from '../../src/storage/migration-adapter.js';
import { APPLICATION_ROLE, asRole } from '../../src/storage/roles.js';
import { applicationPassword, templateDatabase } from './names.js';

export interface TestDatabase extends Database {
  url: string;
  /** as the owner of the tables */
  ownerUrl: string;
}

/**
 * A new database for one test, with the whole schema and no rows, as the API and the worker see it: by a role that does
 * not own it. `close` drops it.
 */
export async function freshDatabase({
  asOwner = false,
  ...options
}: {
  poolSize?: number;
  asOwner?: boolean;
} = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase}`);
  const ownerUrl = withDatabase(inject('postgresUrl'), name);
  const url = asOwner ? ownerUrl : asRole(ownerUrl, APPLICATION_ROLE, applicationPassword);
  const database = createDatabase(url, options);
  return {
    ...database,
    url,
    ownerUrl,
    close: async () => {
      await database.close();
      await connectionsEnded(name);
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

const GOODBYE_MS = 300;

/** A pool says that it has ended before its sockets have: a connection that is cut then fails a test that is over. */
async function connectionsEnded(name: string): Promise<void> {
  for (const until = Date.now() + GOODBYE_MS; Date.now() < until; await pause(20)) {
    const [row] = await onServer(`SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = '${name}'`);
    if (row?.open === 0) return;
  }
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
