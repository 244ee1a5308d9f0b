/** What health says of an API that loses what it needs, and how soon. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser } from '../../src/auth/accounts.js';
import { createTokens } from '../../src/auth/tokens.js';
import { percentile } from '../support/percentile.js';
import { ApiProcess, METRICS_TOKEN } from './api-process.js';
import { tradeBody } from './harness.js';

const FALSE_WITHIN_MS = 5_000;
const TRUE_WITHIN_MS = 10_000;
const LIVE_WITHIN_MS = 50;
const OUTAGE_MS = 5_000;
/** Temporal's client waits longer and longer before it tries again: long enough to see how long. */
const LONG_OUTAGE_MS = 75_000;
const ALL_UP = { status: 'up', components: { database: 'up', temporal: 'up', redis: 'up' } };

describe('the health of the API', () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await ApiProcess.start();
    await api.until('/health/ready', ({ ok }) => ok, TRUE_WITHIN_MS);
  });
  afterAll(() => api.close());

  const components = async (path = '/health/ready') => (await (await api.get(path)).json()) as object;

  test('all five are answered, four of them to everybody', async () => {
    // The API is ready without Redis, which may connect a moment later.
    await expect.poll(() => components('/health'), { timeout: TRUE_WITHIN_MS }).toEqual(ALL_UP);
    for (const path of ['/health', '/health/ready', '/health/startup']) {
      expect((await api.get(path)).status).toBe(200);
      expect(await components(path)).toEqual(ALL_UP);
    }
    expect(await components('/health/live')).toEqual({ status: 'up' });
    for (const headers of [{}, { authorization: 'Bearer another token' }]) {
      expect((await api.get('/health/metrics', headers)).status).toBe(401);
    }
    const metrics = await api.get('/health/metrics', { authorization: `Bearer ${METRICS_TOKEN}` });
    expect([metrics.status, await metrics.text()]).toEqual([
      200,
      expect.stringContaining('arbion_http_requests_total'),
    ]);
  });

  describe.each([
    ['postgres', 'database', OUTAGE_MS],
    ['temporal', 'temporal', LONG_OUTAGE_MS],
  ] as const)('B83 without %s', (name, component, outageMs) => {
    test.each([
      ['shut', outageMs],
      ['hold', OUTAGE_MS],
    ] as const)('(%s) it is soon not ready, and soon again', async (how, lastsMs) => {
      const door = api.doors[name];
      await door[how]();
      const lost = await api.until('/health/ready', ({ status }) => status === 503, FALSE_WITHIN_MS);
      const others = { database: 'up', temporal: 'up', redis: 'up' };
      expect(await components()).toEqual({ status: 'down', components: { ...others, [component]: 'down' } });
      await pause(lastsMs);
      await door.open();
      const back = await api.until('/health/ready', ({ ok }) => ok, TRUE_WITHIN_MS);
      console.log(`${name} (${how}): not ready after ${lost.toFixed()} ms, ready after ${back.toFixed()} ms`);
    });
  });

  test('B84 without Redis it is degraded, and takes trades as always', async () => {
    const email = `${randomUUID()}@example.test`;
    const { prisma } = api.database;
    const userId = await createUser(prisma, { email, passwordHash: '-', role: 'standard' });
    if (userId === undefined) throw new Error('the address was taken');
    const { token } = await createTokens(prisma).create(userId, { name: 'test', scopes: ['trade'] });
    const order = () =>
      fetch(`${api.url}/api/v1/trades`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify(
          tradeBody({ broker: 'paper', symbol: 'BTC-USD', assetClass: 'crypto', quantity: '0.001' }),
        ),
      });
    // No worker runs: a trade is taken, and its verdict is not known yet.
    expect((await order()).status).toBe(202);
    await api.doors.redis.shut();
    await expect.poll(() => components()).toMatchObject({ status: 'degraded', components: { redis: 'down' } });
    expect((await api.get('/health/ready')).status).toBe(200);
    expect((await order()).status).toBe(202);
    await api.doors.redis.open();
    await expect.poll(() => components(), { timeout: TRUE_WITHIN_MS }).toMatchObject({ status: 'up' });
  });

  test('it lives with everything else down', async () => {
    await Promise.all(Object.values(api.doors).map((door) => door.shut()));
    await api.until('/health/ready', ({ status }) => status === 503, FALSE_WITHIN_MS);
    const times: number[] = [];
    for (let count = 0; count < 500; count++) {
      const startedAt = performance.now();
      const answer = await api.get('/health/live');
      expect([answer.status, await answer.text()]).toEqual([200, '{"status":"up"}']);
      times.push(performance.now() - startedAt);
    }
    console.log(`live: median ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`);
    expect(percentile(times, 0.5)).toBeLessThan(LIVE_WITHIN_MS);
    await Promise.all(Object.values(api.doors).map((door) => door.open()));
    await api.until('/health/ready', ({ ok }) => ok, TRUE_WITHIN_MS);
  });
});
