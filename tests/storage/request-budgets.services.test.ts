import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  BudgetExhausted,
  type CallPriority,
  forPeople,
  type RequestBudget,
} from '../../src/broker-port/request-budget.js';
import { freePort } from '../../src/launcher/ports.js';
import { createRedis } from '../../src/storage/redis.js';
import { createRequestBudget } from '../../src/storage/request-budgets.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let server: ChildProcess;
let redis: Redis;

beforeAll(async () => {
  database = await freshDatabase();
  const port = await freePort();
  server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
  redis = createRedis(`redis://127.0.0.1:${port}`);
  await vi.waitUntil(() => redis.status === 'ready', { timeout: 10_000 });
});
afterAll(async () => {
  redis.disconnect();
  server.kill('SIGKILL');
  await database.close();
});

/** When calls of an account were let through, seconds from the start; the others are counted. */
class Caller {
  readonly passed: { priority: CallPriority; at: number }[] = [];
  refused = 0;
  private readonly startedAt = performance.now();

  constructor(
    private readonly budget: RequestBudget,
    private readonly broker: string,
    private readonly account: string,
  ) {}

  async call(priority: CallPriority, withinMs: number): Promise<void> {
    const { broker, account } = this;
    try {
      await this.budget.take({ broker, account, priority, kind: 'write' }, withinMs);
      this.passed.push({ priority, at: (performance.now() - this.startedAt) / 1_000 });
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error;
      this.refused++;
    }
  }

  count(priority: CallPriority): number {
    return this.passed.filter((call) => call.priority === priority).length;
  }
}

describe.each([
  ['Postgres', () => createRequestBudget(database.prisma)],
  ['Redis', () => createRequestBudget(database.prisma, redis)],
])('in %s', (store, open) => {
  const account = (name: string) => `${store}-${name}`;

  test('a storm of 500 callers loses no stop and keeps to the rate', async () => {
    // Two processes' worth of callers, on one bucket of 30 tokens and 1.5 a second.
    const callers = [open(), open()].map((budget) => new Caller(budget, 'schwab', account('storm')));
    const [first, second] = callers as [Caller, Caller];
    const storm = Array.from({ length: 245 }, () => [first.call('poll', 2_000), second.call('entry', 2_000)]);
    await Promise.all(storm.flat());
    await Promise.all(Array.from({ length: 10 }, () => second.call('stop', 2_000)));
    const passed = callers.flatMap((caller) => caller.passed);
    const seconds = Math.max(...passed.map(({ at }) => at));
    expect(second.count('stop')).toBe(10);
    expect(passed.length).toBeLessThanOrEqual(30 + 1.5 * seconds);
    expect(first.refused + second.refused).toBe(500 - passed.length);
    // Polls leave half of the bucket, entries a quarter.
    expect(first.count('poll')).toBeLessThanOrEqual(16 + 1.5 * seconds);
    expect(first.count('poll') + second.count('entry')).toBeLessThanOrEqual(23 + 1.5 * seconds);
  });

  test('what is read for people takes none of the calls that looks need', async () => {
    const budget = open();
    const trades = new Caller(budget, 'schwab', account('people'));
    const people = new Caller(forPeople(budget), 'schwab', account('people'));
    await Promise.all(Array.from({ length: 50 }, () => people.call('poll', 0)));
    await Promise.all(Array.from({ length: 7 }, () => trades.call('poll', 0)));
    expect([people.refused > 0, trades.refused]).toEqual([true, 0]);
    // They wait their turn behind the looks, and are served when the bucket has filled again.
    await people.call('poll', 100);
    expect(people.refused).toBe(51 - people.passed.length);
    await people.call('stop', 0);
    expect(people.count('stop')).toBe(1);
  });

  test('a call waits for its token, and no longer than it may', async () => {
    const caller = new Caller(open(), 'etrade', account('wait'));
    for (let calls = 0; calls < 6; calls++) await caller.call('stop', 2_000);
    expect(caller.passed).toHaveLength(6);
    // Whatever second is looked at, two calls of it at most.
    for (const { at } of caller.passed) {
      expect(caller.passed.filter((other) => other.at >= at && other.at < at + 0.98).length).toBeLessThanOrEqual(2);
    }
    await caller.call('poll', 10);
    expect(caller.refused).toBe(1);
  });

  test('after a 429 only stops and closes go through, and then all', async () => {
    const budget = open();
    const caller = new Caller(budget, 'alpaca', account('slow'));
    await caller.call('poll', 0);
    await budget.slowDown('alpaca', account('slow'), 1_500);
    for (const priority of ['stop', 'close', 'entry', 'poll'] as const) await caller.call(priority, 100);
    expect(caller.passed.map(({ priority }) => priority)).toEqual(['poll', 'stop', 'close']);
    await caller.call('poll', 3_000);
    expect(caller.count('poll')).toBe(2);
  });

  test('accounts, and brokers without a limit, do not disturb each other', async () => {
    const [one, other] = ['one', 'other'].map((name) => new Caller(open(), 'alpaca', account(name)));
    const paper = new Caller(open(), 'paper', account('paper'));
    await Promise.all(Array.from({ length: 60 }, () => one?.call('stop', 0)));
    await Promise.all(Array.from({ length: 500 }, () => paper.call('poll', 0)));
    await other?.call('poll', 0);
    expect([one?.refused, other?.refused, paper.refused]).toEqual([60 - (one?.passed.length ?? 0), 0, 0]);
    expect(one?.refused).toBeGreaterThan(0);
  });
});

test('when Redis is gone, Postgres counts', async () => {
  server.kill('SIGKILL');
  await once(server, 'exit');
  const caller = new Caller(createRequestBudget(database.prisma, redis), 'alpaca', 'gone');
  await Promise.all(Array.from({ length: 100 }, () => caller.call('stop', 0)));
  expect(caller.passed.length).toBeGreaterThanOrEqual(50);
  expect(await database.prisma.requestBucket.count({ where: { key: 'alpaca:gone:all' } })).toBe(1);
});
