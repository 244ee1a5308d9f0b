import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi } from './harness.js';
import { comparePairs } from './pairs.js';

const PAIRS = 1_000;

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

test('T2 a thousand pairs of log-ins, one of each for an account that there is, cannot be distinguished', async () => {
  const answers = new Set<string>();
  const logIn = async (email: string) => {
    const body = { email, password: 'a wrong guess' };
    const { status, json } = await api.call('POST', '/auth/login', { body });
    const { instance: _, ...rest } = json;
    answers.add(JSON.stringify([status, rest]));
  };
  const { slower, medians } = await comparePairs(
    PAIRS,
    () => logIn(api.trader.email),
    () => logIn(`${randomUUID()}@example.test`),
  );
  const [known, unknown] = medians.map((median) => median.toFixed(2));
  console.log(`medians: ${known} ms for an account, ${unknown} ms for none; slower in ${slower} of ${PAIRS} pairs`);
  expect([...answers]).toEqual([expect.stringContaining('[401,')]);
  // As a coin would fall: fewer or more come once in 10^9 times.
  expect(slower).toBeGreaterThan(400);
  expect(slower).toBeLessThan(600);
});
