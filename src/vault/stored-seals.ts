/** Seals as rows of the database: under which keys they are, and how one takes the place of another. */
import type pg from 'pg';
import { headerOf, idInHeader } from './envelope.js';
import type { SealedColumn, SealedRow } from './sealed-columns.js';

/** So many are read at once. */
const PAGE = 500;

/** How many seals of the column are under which key. What is no seal is not counted. */
export async function countByKey(pool: pg.Pool, { table, column }: SealedColumn): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ header: Buffer; count: number }>(
    // The second byte is the length of the key's id, which follows.
    `SELECT substring(${column} FROM 1 FOR 2 + get_byte(${column}, 1)) AS header, count(*)::int
     FROM ${table} WHERE length(${column}) > 2 GROUP BY 1`,
  );
  const counted = rows.map(({ header, count }) => [idInHeader(header), count] as const);
  return new Map(counted.filter((entry): entry is [string, number] => entry[0] !== undefined));
}

/** The seals of the column that are not under `keyId`, some at a time, read as they are asked for. */
export async function* sealsNotUnder(
  pool: pg.Pool,
  { table, column, key, broker }: SealedColumn,
  keyId: string,
): AsyncGenerator<SealedRow[]> {
  const header = headerOf(keyId);
  let after: string | undefined;
  for (;;) {
    const { rows } = await pool.query<SealedRow>(
      `SELECT ${key}::text AS key, user_id::text AS "userId", ${broker ?? "''"} AS broker, ${column} AS sealed
       FROM ${table}
       WHERE substring(${column} FROM 1 FOR ${header.length}) <> $1 ${after === undefined ? '' : `AND ${key} > $2`}
       ORDER BY ${key} LIMIT ${PAGE}`,
      after === undefined ? [header] : [header, after],
    );
    after = rows.at(-1)?.key;
    if (after === undefined) return;
    yield rows;
  }
}

/** Puts another seal in the place of this one. Answers false when somebody else has done so meanwhile. */
export async function replaceSeal(
  pool: pg.Pool,
  { table, column, key }: SealedColumn,
  row: SealedRow,
  sealed: Buffer,
): Promise<boolean> {
  const { rowCount } = await pool.query(`UPDATE ${table} SET ${column} = $3 WHERE ${key} = $1 AND ${column} = $2`, [
    row.key,
    row.sealed,
    sealed,
  ]);
  return rowCount === 1;
}
