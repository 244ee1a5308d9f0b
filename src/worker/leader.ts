import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../platform/logger.js';

/** Work that one process of all does, again and again. */
export interface LeaderWork {
  /** of the lock, and for the log */
  name: string;
  locks: pg.Pool;
  /** between the end of a beat and the next one */
  paceMs: number;
  beat(): Promise<void>;
  /** what goes on between the beats ends here: the work is another process's from now on, or may be */
  resign?(): void;
  logger: Logger;
}

const RETRY_MS = 2_000;

/** Whoever holds the session lock does the work; when it dies another process takes over within seconds. */
export async function runAsLeader(work: LeaderWork, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await lead(work, stop).catch((error: unknown) => {
      if (!stop.aborted) work.logger.warn({ error }, `${work.name} failed and is tried again`);
    });
    await rest(RETRY_MS, stop);
  }
}

async function lead({ name, locks, paceMs, beat, resign }: LeaderWork, stop: AbortSignal): Promise<void> {
  const connection = await locks.connect();
  let isLost = false;
  connection.on('error', () => {
    isLost = true;
  });
  try {
    const { rows } = await connection.query<{ got: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
      [name],
    );
    if (!rows[0]?.got) return;
    while (!stop.aborted && !isLost) {
      await beat();
      await rest(paceMs, stop);
    }
  } finally {
    resign?.();
    // A closed session gives its lock back, whatever state this one is in.
    connection.release(true);
  }
}

async function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal: stop }).catch(() => {});
}
