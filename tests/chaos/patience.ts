import { setTimeout as pause } from 'node:timers/promises';

const TRIES = 30;
const PAUSE_MS = 2_000;

/** Retries while the machine is too busy to answer. */
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
