import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

export interface MigrationAdapterFactory extends SqlMigrationAwareDriverAdapterFactory {
  /** Closes every connection that the factory handed out. */
  close(): Promise<void>;
}

/**
 * Connections for the schema engine. They differ from Prisma's own adapter in what migrations need of it: a script goes
 * to the server whole (the adapter cuts it at every semicolon, also inside functions), the catalogue can be read, and
 * the scratch database of `migrate:create` is dropped after its connections are closed.
 */
export function migrationAdapterFactory(url: string): MigrationAdapterFactory {
  const closers: Array<() => Promise<void>> = [];

  async function connectTo(databaseUrl: string, afterwards: () => Promise<void>): Promise<SqlDriverAdapter> {
    const characterColumns: CharacterColumns = new WeakMap();
    const pool = cataloguePool(databaseUrl, characterColumns);
    const adapter = await new PrismaPg(pool).connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= pool.end().then(afterwards);
      return closing;
    };
    closers.push(close);
    return Object.assign(adapter, {
      dispose: close,
      queryRaw: async (query: SqlQuery) => revealCharacters(await queryRaw(query), characterColumns),
      executeScript: async (script: string) => {
        await pool.query(script);
      },
    });
  }

  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connectTo(url, async () => {}),
    connectToShadowDb: async () => {
      const name = `arbion_scratch_${randomUUID()}`;
      await runOnce(url, `CREATE DATABASE "${name}"`);
      return connectTo(withDatabase(url, name), () => runOnce(url, `DROP DATABASE "${name}"`));
    },
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

/** Which columns of a result have the type "char", by the result's rows. */
type CharacterColumns = WeakMap<readonly unknown[], readonly number[]>;

/** Postgres describes its catalogue with the one-letter type "char". The adapter refuses it, so it is passed off as text. */
function cataloguePool(connectionString: string, characterColumns: CharacterColumns): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2 });
  type Result = pg.QueryArrayResult | pg.QueryArrayResult[];
  const query = pool.query.bind(pool) as (config: string | pg.QueryConfig) => Promise<Result>;
  const queryCatalogue = async (config: string | pg.QueryConfig) => {
    const result = await query(config);
    // A script of several statements has a list of results, which nobody reads.
    if (Array.isArray(result)) return result;
    const { fields } = result;
    const columns = fields.flatMap((field, index) => (field.dataTypeID === pg.types.builtins.CHAR ? [index] : []));
    for (const column of columns) Object.assign(fields[column] ?? {}, { dataTypeID: pg.types.builtins.TEXT });
    if (columns.length > 0) characterColumns.set(result.rows, columns);
    return result;
  };
  return Object.assign(pool, { query: queryCatalogue });
}

/** The other half of the disguise: the engine insists on being given a character. */
function revealCharacters(result: SqlResultSet, characterColumns: CharacterColumns): SqlResultSet {
  for (const column of characterColumns.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
  return result;
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function runOnce(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
