import type pg from 'pg';

/** Ends every connection that holds a session lock in this database, as when its process, or the network, is gone. */
export async function breakLocks(pool: pg.Pool): Promise<void> {
  await pool.query(`
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
}
