import { setTimeout as pause } from 'node:timers/promises';

const TRIES = 30;
const PAUSE_MS = 2_000;

/** The run must outlast a machine that is too busy to answer it. */
export async function patiently<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(PAUSE_MS);
    }
  }
}
