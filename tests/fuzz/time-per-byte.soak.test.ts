import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.js';
import { devServer } from '../support/temporal.js';
import { startLiveApi } from './live-api.js';
import { isSuperLinear, tableOf, timePerByte } from './time-per-byte.js';

const RANDOM = 3;

test('T54 no route takes a text whose time grows faster than its length', async () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}`);
  const database = await freshDatabase();
  const api = await startLiveApi({ databaseUrl: database.url, temporal: await devServer() });
  try {
    const growths = await timePerByte(api, { seed, random: RANDOM });
    console.log(tableOf(growths));
    expect(tableOf(growths.filter(isSuperLinear))).toBe(tableOf([]));
    expect(growths.length).toBeGreaterThan(30);
  } finally {
    await api.close();
    await database.close();
  }
}, 1_800_000);
