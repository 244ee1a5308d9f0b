/** How passwords are stored. */
import { availableParallelism } from 'node:os';
import { createLane } from './argon2-lane.js';
import { normalized } from './password-rules.js';

/** For Argon2id, the library's default; satisfies both OWASP's password storage sheet and ASVS 5.0 appendix C. About 25 ms a hash. */
const ARGON2ID = { memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;
const MOST_THREADS = 2;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash it returns false after the same time, so that the time does not show who has an account. */
  verify(password: string, passwordHash: string | undefined): Promise<boolean>;
}

/**
 * Hashes a few at a time, beside the event loop and behind it: one core at least is left to everything else. When the
 * queue is full, callers are asked to try later, so that a flood of log-ins cannot bring the process down.
 */
export function createPasswords({ threads = threadsHere(), queued = 64 } = {}): Passwords {
  const lane = createLane({ threads, queued });
  const hash = async (password: string) => String(await lane({ kind: 'hash', password, options: ARGON2ID }));
  // Made beforehand, or the first log-in without an account would take twice as long.
  const nobodysHash = hash('nobody has this password');
  return {
    hash: (password) => hash(normalized(password)),
    verify: async (password, passwordHash) => {
      const known = passwordHash ?? (await nobodysHash);
      const isRight = await lane({ kind: 'verify', password: normalized(password), hash: known });
      return isRight === true && passwordHash !== undefined;
    },
  };
}

function threadsHere(): number {
  return Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1));
}
