import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { createRateLimiter, type RateLimiter } from '../../src/storage/rate-limits.js';
import { createRedis } from '../../src/storage/redis.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { requireProgram } from '../support/programs.js';

describe('limits in Redis', () => {
  let database: TestDatabase;
  let port: number;
  let server: ChildProcess;
  let redis: Redis;
  let limiter: RateLimiter;

  beforeAll(async () => {
    requireProgram('redis-server');
    database = await freshDatabase();
    port = await freePort();
    redis = createRedis(`redis://127.0.0.1:${port}`);
    limiter = createRateLimiter(database.prisma, redis);
    await startRedis();
  });
  afterAll(async () => {
    redis.disconnect();
    server.kill('SIGKILL');
    await database.close();
  });

  /** Without any of the memory that it had. */
  async function startRedis(): Promise<void> {
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    await vi.waitUntil(() => redis.status === 'ready', { timeout: 10_000 });
  }

  async function stopRedis(): Promise<void> {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
    await vi.waitUntil(() => redis.status !== 'ready', { timeout: 10_000 });
  }

  async function passing(count: number, key: string): Promise<number> {
    const window = { key, limit: 10, seconds: 60 };
    const verdicts = await Promise.all(Array.from({ length: count }, () => limiter.hit(window)));
    return verdicts.filter(({ allowed }) => allowed).length;
  }

  test('T5 of 200 at once exactly 10 pass, and Postgres is not asked', async () => {
    const key = randomUUID();
    expect(await passing(200, key)).toBe(10);
    expect(await database.prisma.rateWindow.count({ where: { key } })).toBe(0);
    const refused = await limiter.hit({ key, limit: 10, seconds: 60 });
    expect(refused).toEqual({ allowed: false, retryAfterSeconds: expect.any(Number) });
  });

  test('T6 its going and coming back, empty, let nobody through again', async () => {
    const [used, half, unused] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await passing(200, used)).toBe(10);
    expect(await passing(5, half)).toBe(5);
    await stopRedis();
    expect(await passing(200, used)).toBe(0);
    expect(await passing(200, unused)).toBe(10);
    expect(await database.prisma.rateWindow.findUnique({ where: { key: unused } })).toMatchObject({ hits: 200 });
    await startRedis();
    for (const key of [used, unused]) expect(await passing(200, key)).toBe(0);
    expect(await passing(200, half)).toBe(5);
  });

  test('T6 of 400 at once while it restarts exactly 10 pass', async () => {
    const key = randomUUID();
    const passed = [passing(100, key)];
    const stopped = stopRedis();
    passed.push(passing(100, key));
    await stopped;
    const started = startRedis();
    passed.push(passing(100, key));
    await started;
    passed.push(passing(100, key));
    expect((await Promise.all(passed)).reduce((sum, count) => sum + count)).toBe(10);
  });
});
