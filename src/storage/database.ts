import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { migrationNames } from './migrate.js';

/** One process's connections to Postgres. */
export interface Database {
  prisma: PrismaClient;
  /** The same connections for what needs one of its own, such as session locks. */
  pool: pg.Pool;
  close(): Promise<void>;
}

/** Connects on first use; a server that is away makes calls fail after 5 s, not the process. */
export function createDatabase(url: string, { poolSize = 10 }: { poolSize?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    // Prisma takes every time that it is given as one in UTC, whatever offset stands behind it.
    onConnect: (connection) => connection.query("SET TIME ZONE 'UTC'"),
  });
  // A resting connection that breaks is replaced at the next use; unheard, its error would end the process.
  pool.on('error', () => {});
  // So may one that breaks between its opening and its first use.
  pool.on('connect', (connection) => connection.on('error', () => {}));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }) });
  return {
    prisma,
    pool,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Lists of many lengths make texts without end; those beyond so many are not kept by a connection. */
const MOST_PREPARED = 300;

/** Names by which a connection prepares each text once: parsing and planning one costs Postgres more than running it. */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // An empty name is none.
    if (names.size === MOST_PREPARED) return '';
    const name = `prisma_${names.size}`;
    names.set(sql, name);
    return name;
  };
}

/** Throws when the database lacks a migration that this code counts on. */
export async function assertSchemaCurrent({ pool }: Database): Promise<void> {
  const missing = await missingMigrations(pool);
  if (missing.length === 0) return;
  throw new Error(`The database lacks ${missing.join(', ')}: run \`npm run migrate\` (or \`npm start\`) first.`);
}

/** Sessions, tickets and signatures end by the clock; beyond this they would end at another time than they say. */
const TOLERATED_CLOCK_MS = 5 * 60_000;

/** What is wrong with this machine's clock, judged by the database's. */
export async function clockProblems({ pool }: Pick<Database, 'pool'>): Promise<string[]> {
  const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const aheadMs = rows[0] ? Date.now() - rows[0].now.getTime() : 0;
  if (Math.abs(aheadMs) <= TOLERATED_CLOCK_MS) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return [
    `The clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's: synchronise both by NTP.`,
  ];
}

async function missingMigrations(pool: pg.Pool): Promise<string[]> {
  const wanted = await migrationNames();
  const { rows: tables } = await pool.query<{ found: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found",
  );
  if (!tables[0]?.found) return wanted;
  const { rows } = await pool.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return wanted.filter((name) => !applied.has(name));
}
