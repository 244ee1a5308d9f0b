/**
 * Failed sign-ins in a row (NIST SP 800-63B-4: at most 100). The first tenth may follow each other; then each waits twice as
 * long as the one before, from half a minute up to an hour. Only a success forgets them. Postgres alone counts: what Redis
 * holds may be gone after a restart.
 */
import type { PrismaClient } from '../../prisma/generated/client.js';

const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 3_600;
/** Doubled so often, the first wait is beyond the longest. */
const DOUBLINGS = 7;
const LEAST_WITHOUT_WAIT = 3;

export type Attempt = { allowed: true } | { allowed: false; retryAfterSeconds: number; isForGood: boolean };

/**
 * Counts an attempt as failed before it is judged, so that parallel attempts all count. `now()` is when the statement began:
 * by the time it has the row it may be before the row's last write, so the clock is read anew.
 */
export async function beginAttempt(prisma: PrismaClient, key: string, most: number): Promise<Attempt> {
  const withoutWait = Math.max(LEAST_WITHOUT_WAIT, Math.floor(most / 10));
  const counted = await prisma.$queryRaw<unknown[]>`
    INSERT INTO sign_in_failures AS f (key, failures, wait_until) VALUES (${key}, 1, 'epoch')
    ON CONFLICT (key) DO UPDATE SET
      failures = f.failures + 1,
      wait_until = CASE WHEN f.failures + 1 < ${withoutWait}::int THEN f.wait_until ELSE clock_timestamp() + make_interval(
        secs => least(${LONGEST_WAIT_S}::int, ${FIRST_WAIT_S}::int * 2 ^ least(f.failures + 1 - ${withoutWait}::int, ${DOUBLINGS}::int)))
      END
    WHERE f.failures < ${most}::int AND f.wait_until <= clock_timestamp()
    RETURNING key`;
  return counted.length === 1 ? { allowed: true } : refusal(prisma, key, most);
}

async function refusal(prisma: PrismaClient, key: string, most: number): Promise<Attempt> {
  const [row] = await prisma.$queryRaw<{ failures: number; seconds: number }[]>`
    SELECT failures, ceil(extract(epoch FROM wait_until - now()))::int AS seconds FROM sign_in_failures WHERE key = ${key}`;
  const isForGood = row !== undefined && row.failures >= most;
  return { allowed: false, retryAfterSeconds: isForGood ? LONGEST_WAIT_S : Math.max(1, row?.seconds ?? 1), isForGood };
}

/** The failure counts, and the next attempt need not wait for it: the password was right, and the code comes next. */
export async function allowNextAttempt(prisma: PrismaClient, key: string): Promise<void> {
  await prisma.$executeRaw`UPDATE sign_in_failures SET wait_until = 'epoch' WHERE key = ${key}`;
}

export async function forgetFailures(prisma: PrismaClient, keys: readonly string[]): Promise<void> {
  await prisma.signInFailures.deleteMany({ where: { key: { in: [...keys] } } });
}
