import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoredClock } from '../../src/market-data/clock.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const START = Date.parse('2013-10-08T13:30:00Z');
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});

afterAll(async () => {
  await database.close();
});

function open(id: string, speed: number, startsAt = START): Promise<StoredClock> {
  return StoredClock.open(database.pool, { id, startsAt, speed });
}

describe('market time', () => {
  it('at speed 0 stands still until it is moved, and every process sees that', async () => {
    const clock = await open('still', 0);
    await sleep(20);
    expect(await clock.now()).toBe(START);
    await clock.setMarketTime(START + 60_000);
    expect(await (await open('still', 0)).now()).toBe(START + 60_000);
  });

  it('never goes back', async () => {
    const clock = await open('forward', 0);
    await clock.setMarketTime(START);
    await expect(clock.setMarketTime(START - 1)).rejects.toThrow(RangeError);
    expect(await clock.now()).toBe(START);
  });

  it('runs at its speed, and goes on where it was when somebody opens it later', async () => {
    const clock = await open('fast', 600);
    await sleep(100);
    const later = await (await open('fast', 600, 0)).now();
    expect(later - START).toBeGreaterThanOrEqual(60_000);
    expect(later - START).toBeLessThan(3_600_000);
    expect(await clock.now()).toBeGreaterThanOrEqual(later);
  });

  it('takes a new speed from now on', async () => {
    await open('changed', 3600);
    await sleep(20);
    const stopped = await open('changed', 0);
    const now = await stopped.now();
    expect(now).toBeGreaterThan(START);
    await sleep(20);
    expect(await stopped.now()).toBe(now);
  });
});
