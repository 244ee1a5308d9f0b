/** The lane in which passwords are hashed: threads of its own, of lower priority, and a queue that ends. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createTurns } from './turns.js';

export type Argon2Job =
  | { kind: 'hash'; password: string; options: object }
  | { kind: 'verify'; password: string; hash: string };

export interface LaneBounds {
  /** each takes 46 MiB while it hashes */
  threads: number;
  /** more than this many wait for none: they are asked to come again */
  queued: number;
}

/**
 * In the threads that Node shares out, hashes would hold up names and files, and at the process's own priority the event
 * loop: a flood of log-ins would slow down everything else.
 */
export function createLane({ threads, queued }: LaneBounds): (job: Argon2Job) => Promise<string | boolean> {
  const inTurn = createTurns({ atOnce: threads, waiting: queued });
  const idle: Worker[] = [];

  return (job) =>
    inTurn(async () => {
      const thread = idle.pop() ?? new Worker(new URL('./argon2-thread.mjs', import.meta.url), { execArgv: [] });
      const result = await resultOf(thread, job);
      idle.push(thread);
      return result;
    });
}

/** Keeps the process alive as long as it works, and no longer. A thread that fails is not used again. */
async function resultOf(thread: Worker, job: Argon2Job): Promise<string | boolean> {
  thread.ref();
  try {
    thread.postMessage(job);
    const [answer] = (await once(thread, 'message')) as [{ result?: string | boolean; error?: string }];
    if (answer.result === undefined) throw new Error(`a password could not be hashed: ${answer.error}`);
    return answer.result;
  } catch (error) {
    await thread.terminate();
    throw error;
  } finally {
    thread.unref();
  }
}
