import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { createRateLimiter, type RateLimiter } from '../../src/storage/rate-limits.js';
import { createRedis } from '../../src/storage/redis.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe.skipIf(!hasRedis)('limits in Redis', () => {
  let database: TestDatabase;
  let server: ChildProcess;
  let redis: Redis;
  let limiter: RateLimiter;

  beforeAll(async () => {
    database = await freshDatabase();
    const port = await freePort();
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    redis = createRedis(`redis://127.0.0.1:${port}`);
    limiter = createRateLimiter(database.prisma, redis);
    await vi.waitUntil(() => redis.status === 'ready', { timeout: 10_000 });
  });
  afterAll(async () => {
    redis.disconnect();
    server.kill('SIGKILL');
    await database.close();
  });

  async function passing(count: number, key: string): Promise<number> {
    const window = { key, limit: 10, seconds: 60 };
    const verdicts = await Promise.all(Array.from({ length: count }, () => limiter.hit(window)));
    return verdicts.filter(({ allowed }) => allowed).length;
  }

  test('T5 of 200 at once exactly 10 pass, and Postgres is not asked', async () => {
    expect(await passing(200, 'a')).toBe(10);
    expect(await database.prisma.rateWindow.count()).toBe(0);
    expect(await limiter.hit({ key: 'a', limit: 10, seconds: 60 })).toEqual({ allowed: false, retryAfterSeconds: 60 });
  });

  test('T6 when Redis is gone Postgres counts, at once and as exactly', async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    const startedAt = performance.now();
    expect(await passing(200, 'b')).toBe(10);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await database.prisma.rateWindow.findUnique({ where: { key: 'b' } })).toMatchObject({ hits: 200 });
  });
});
