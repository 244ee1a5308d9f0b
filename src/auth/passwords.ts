/** How passwords are stored. */
import { hash, verify } from '@node-rs/argon2';
import { DependencyUnavailable } from '../domain/errors.js';
import { normalized } from './password-rules.js';

/** For Argon2id, the library's default; satisfies both OWASP's password storage sheet and ASVS 5.0 appendix C. About 25 ms a hash. */
const ARGON2ID = { memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash it returns false after the same time, so that the time does not show who has an account. */
  verify(password: string, passwordHash: string | undefined): Promise<boolean>;
}

/**
 * Hashes off the event loop, a few at a time: each takes 46 MiB and a core. When the queue is full, callers are asked to
 * try later, so that a flood of log-ins cannot bring the process down.
 */
export function createPasswords({ atOnce = 2, queued = 64 } = {}): Passwords {
  const limited = createGate(atOnce, queued);
  const nobodysHash = hash('nobody has this password', ARGON2ID);
  return {
    hash: (password) => limited(() => hash(normalized(password), ARGON2ID)),
    verify: async (password, passwordHash) => {
      const known = passwordHash ?? (await nobodysHash);
      const isRight = await limited(() => verify(known, normalized(password)));
      return isRight && passwordHash !== undefined;
    },
  };
}

function createGate(atOnce: number, queued: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      if (waiting.length >= queued) throw new DependencyUnavailable('password hashing');
      await new Promise<void>((proceed) => waiting.push(proceed));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
