/** Passwords: what may be one, and how it is kept. */
import { hash, verify } from '@node-rs/argon2';
import { DependencyUnavailable } from '../domain/errors.js';

/** For Argon2id, the library's default; satisfies both OWASP's password storage sheet and ASVS 5.0 appendix C. About 25 ms a hash. */
const ARGON2ID = { memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;

export const MINIMUM_LENGTH = 15;
export const MAXIMUM_LENGTH = 256;
const CONTEXT_WORDS = ['arbion', 'schwab', 'coinbase', 'etrade', 'alpaca'];
/** Runs of neighbours that people type instead of choosing. */
const KEYBOARD_RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm'];
const COMMON_WORDS =
  /password|passwort|letmein|iloveyou|welcome|monkey|dragon|football|baseball|sunshine|princess|admin/g;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash it takes as long as with one and answers false, so that time does not tell who has an account. */
  verify(password: string, passwordHash: string | undefined): Promise<boolean>;
}

/**
 * Hashes off the event loop, a few at a time: each takes 46 MiB and a core. Beyond the queue callers are told to come
 * back, so that a flood of log-ins cannot take the process down.
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

/** One letter has several encodings; which one a keyboard sends must not decide. */
function normalized(password: string): string {
  return password.normalize('NFKC');
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

/** Why a password is refused, or undefined. No rule about kinds of characters: they make passwords worse. */
export function passwordProblem(password: string, email: string): string | undefined {
  const plain = normalized(password);
  const length = [...plain].length;
  if (length < MINIMUM_LENGTH) return `must have at least ${MINIMUM_LENGTH} characters`;
  if (length > MAXIMUM_LENGTH) return `must have at most ${MAXIMUM_LENGTH} characters`;
  const lower = plain.toLowerCase();
  if (new Set(lower.replaceAll(' ', '')).size < 5) return 'repeats too few characters';
  if (isRepeated(lower)) return 'repeats one word';
  const word = [...CONTEXT_WORDS, ...email.toLowerCase().split('@')].find(
    (each) => each.length > 2 && lower.includes(each),
  );
  if (word !== undefined) return 'must not contain "arbion", a broker\'s name or parts of the e-mail address';
  if (isGuessable(lower)) return 'is among the first that are guessed';
  return undefined;
}

function isRepeated(text: string): boolean {
  // A text that consists of repeats of one part is found in its own double before the end.
  return (text + text).indexOf(text, 1) < text.length;
}

/** Hardly anything is left when common words and keyboard runs are taken away. */
function isGuessable(lower: string): boolean {
  let rest = lower.replace(COMMON_WORDS, '');
  for (const run of KEYBOARD_RUNS) {
    for (let size = Math.min(run.length, rest.length); size >= 4; size--) {
      for (let start = 0; start + size <= run.length; start++) {
        rest = rest.replaceAll(run.slice(start, start + size), '');
      }
    }
  }
  return [...rest].length < 5;
}
