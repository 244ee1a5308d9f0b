/** Many requests at once, against the API as a process of its own. */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { percentile } from '../support/percentile.js';
import { ApiProcess } from './api-process.js';

const FLOOD_S = 5;
const FLOOD_MS = FLOOD_S * 1_000;
/** The API's own background work does not have the same number of transactions in each measurement. */
const SLACK = 5;
const AT_ONCE = 200;

describe('a flood', () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await ApiProcess.start({ RATE_LIMIT_LOGIN_PER_MINUTE: '100000', RATE_LIMIT_ANONYMOUS_PER_HOUR: '100000' });
  });
  afterAll(() => api.close());

  /** Somebody else, in a process of their own, until the answer is called; answers the times of theirs. */
  async function probe(url: string): Promise<() => Promise<number[]>> {
    const child = fork(fileURLToPath(new URL('probe.ts', import.meta.url)), [url], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    return async () => {
      child.send('stop');
      const [times] = (await once(child, 'message')) as [number[]];
      return times;
    };
  }

  /** The API's transactions at Postgres in the meantime, and the seconds that it took. */
  async function transactionsDuring(what: () => Promise<unknown>): Promise<{ transactions: number; seconds: number }> {
    const [before, startedAt] = [api.transactions.count, performance.now()];
    await what();
    const seconds = (performance.now() - startedAt) / 1_000;
    return { transactions: api.transactions.count - before, seconds };
  }

  test('T32 of questions whether it is ready asks Postgres once a second at most', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const ask = () =>
      new Promise<number>((resolve, reject) => {
        get(`${api.url}/health/ready`, { agent }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        }).on('error', reject);
      });
    const { transactions: otherwise } = await transactionsDuring(() => pause(FLOOD_MS));
    let answers = 0;
    const flood = async () => {
      const endsAt = performance.now() + FLOOD_MS;
      const client = async () => {
        while (performance.now() < endsAt) {
          expect(await ask()).toBe(200);
          answers += 1;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, client));
    };
    const { transactions, seconds } = await transactionsDuring(flood);
    agent.destroy();
    console.log(`${answers / FLOOD_S} questions a second; ${transactions} transactions, ${otherwise} without them`);
    expect(transactions - otherwise).toBeLessThanOrEqual(Math.ceil(seconds) + SLACK);
    expect(answers).toBeGreaterThan(20 * FLOOD_S);
  });

  test('T3 T65 of 500 log-ins keeps nobody else waiting', async () => {
    const logIn = async () => {
      const answer = await fetch(`${api.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `${randomUUID()}@example.test`, password: 'a wrong guess' }),
      });
      await answer.text();
      return answer.status;
    };
    const stopIdleProbe = await probe(`${api.url}/health/live`);
    await pause(FLOOD_MS);
    const idleTimes = await stopIdleProbe();
    const stopProbe = await probe(`${api.url}/health/live`);
    const statuses = await Promise.all(Array.from({ length: 500 }, logIn));
    const times = await stopProbe();
    expect([...new Set(statuses)].every((status) => [401, 429, 503].includes(status))).toBe(true);
    const judged = statuses.filter((status) => status === 401).length;
    const figures = (of: readonly number[]) => {
      const [median, p99] = [0.5, 0.99].map((part) => percentile(of, part).toFixed(1));
      return `median ${median} ms, p99 ${p99} ms (${of.length} times)`;
    };
    console.log(
      `500 log-ins, ${judged} judged. Live meanwhile: ${figures(times)}; before, idle: ${figures(idleTimes)}`,
    );
  });
});
