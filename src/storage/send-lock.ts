import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** The lock is held by another process that may still be sending: nothing may be concluded about this order now. */
export class SendLockBusy extends Error {
  override readonly name = 'SendLockBusy';
}

const PATIENCE_MS = 3_000;
const RETRY_MS = 100;

/**
 * Holds Postgres session locks, taken in the order given, while `work` runs. They are held over the POST itself, so that a
 * frozen sender blocks its successor until its connection dies; a session lock ends with the connection, not with a clock.
 * `pool` must be one of its own: a holder needs other connections for its work.
 * @throws SendLockBusy when somebody else holds one for longer than `patienceMs`.
 */
export async function withSendLock<T>(
  pool: pg.Pool,
  names: readonly string[],
  work: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  // A connection that breaks while it is lent out ends the process unless somebody listens.
  connection.on('error', onError);
  try {
    try {
      for (const name of names) await acquire(connection, name, patienceMs);
      return await work();
    } finally {
      await connection.query('SELECT pg_advisory_unlock_all()').catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    connection.off('error', onError);
    connection.release(broken);
  }
}

async function acquire(connection: pg.PoolClient, name: string, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { rows } = await connection.query<{ got: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
      [name],
    );
    if (rows[0]?.got) return;
    if (Date.now() >= deadline) throw new SendLockBusy(`${name} is being sent by another process`);
    await pause(RETRY_MS);
  }
}
