/** Counters of rate limits: in Redis where there is one, in Postgres otherwise and whenever Redis does not answer. */
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { OwnPasses } from './own-passes.js';

export interface RateWindow {
  key: string;
  limit: number;
  seconds: number;
}

type RateVerdict = { allowed: true } | { allowed: false; retryAfterSeconds: number };

export interface RateLimiter {
  /** Counts one hit in a window that began with its first hit; exact however many come at once. */
  hit(window: RateWindow): Promise<RateVerdict>;
}

interface Count {
  hits: number;
  remainingMs: number;
}

/**
 * Postgres counts whenever Redis does not: a limiter that stops counting is an open door. When one takes over from the
 * other, or Redis comes back empty, it begins at one; who has passed already still counts.
 */
export function createRateLimiter(prisma: PrismaClient, redis?: Redis): RateLimiter {
  const passes = new OwnPasses();
  const refused = (remainingMs: number) => ({
    allowed: false as const,
    retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1000)),
  });
  return {
    hit: async ({ key, limit, seconds }) => {
      const { hits, remainingMs } = await count(prisma, redis, key, seconds);
      if (hits > limit) return refused(remainingMs);
      const pass = passes.take(key, limit, remainingMs);
      return pass.taken ? { allowed: true } : refused(pass.remainingMs);
    },
  };
}

async function count(prisma: PrismaClient, redis: Redis | undefined, key: string, seconds: number): Promise<Count> {
  const inPostgres = () => countInPostgres(prisma, key, seconds);
  return redis === undefined ? inPostgres() : countInRedis(redis, key, seconds).catch(inPostgres);
}

async function countInPostgres(prisma: PrismaClient, key: string, seconds: number): Promise<Count> {
  const rows = await prisma.$queryRaw<{ hits: number; remaining: number }[]>`
    INSERT INTO rate_windows AS w (key, hits, expires_at)
    VALUES (${key}, 1, now() + make_interval(secs => ${seconds}::double precision))
    ON CONFLICT (key) DO UPDATE SET
      hits = CASE WHEN w.expires_at <= now() THEN 1 ELSE w.hits + 1 END,
      expires_at = CASE WHEN w.expires_at <= now() THEN EXCLUDED.expires_at ELSE w.expires_at END
    RETURNING hits, (extract(epoch FROM expires_at - now()) * 1000)::int AS remaining`;
  const [row] = rows;
  if (!row) throw new Error('a rate window was neither made nor counted');
  return { hits: row.hits, remainingMs: row.remaining };
}

const COUNT_SCRIPT = `
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}`;

async function countInRedis(redis: Redis, key: string, seconds: number): Promise<Count> {
  const answer = await redis.eval(COUNT_SCRIPT, 1, redisKey(key), seconds * 1000);
  const [hits, remainingMs] = answer as [number, number];
  return { hits, remainingMs };
}

function redisKey(key: string): string {
  return `arbion:rate:${key}`;
}

/** Forgets windows that are over; run now and then. */
export async function deleteExpiredWindows(prisma: PrismaClient): Promise<void> {
  await prisma.rateWindow.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}
