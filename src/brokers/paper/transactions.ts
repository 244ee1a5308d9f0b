/** Talking to Postgres such that every failure is one of the broker being out of reach, never a refusal. */
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { BrokerUnavailable } from '../../broker-port/broker.js';

const ATTEMPTS = 5;
/** serialization failure, deadlock: Postgres has undone the transaction and asks for it once more */
const WORTH_REPEATING: readonly unknown[] = ['40001', '40P01'];

export type Connection = Pool | PoolClient;

export async function query<Row extends QueryResultRow>(
  connection: Connection,
  text: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const statement = parameters.length === 0 ? { text } : { text, values: [...parameters], name: nameOf(text) };
  const result = await reaching(() => connection.query<Row>(statement));
  return result.rows;
}

/** By its name a connection prepares a text once. They are few, and planning one costs Postgres more than running it. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const name = names.get(text) ?? `paper_${names.size}`;
  names.set(text, name);
  return name;
}

/** Runs `work` in one transaction; all of it again when Postgres asks for that. @throws BrokerUnavailable */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthRepeating(error)) throw error;
    }
  }
}

async function once<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await reaching(() => pool.connect());
  outliveErrors(client);
  let broken = false;
  try {
    await query(client, 'BEGIN', []);
    const result = await work(client);
    await query(client, 'COMMIT', []);
    return result;
  } catch (error) {
    broken = !(await undone(client));
    throw error;
  } finally {
    client.off('error', ignore);
    // a connection that cannot even roll back is not given to anybody else
    client.release(broken);
  }
}

/** A connection that breaks between two queries emits an event that would end the process if nobody listened. */
function outliveErrors(client: PoolClient): void {
  if (!client.listeners('error').includes(noticedByTheNextQuery)) client.on('error', noticedByTheNextQuery);
}

function noticedByTheNextQuery(): void {}

function ignore(): void {}

function undone(client: PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new BrokerUnavailable('the paper account cannot be reached', { cause: error });
  }
}

function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof BrokerUnavailable) || !(error.cause instanceof Error)) return false;
  return 'code' in error.cause && WORTH_REPEATING.includes(error.cause.code);
}
