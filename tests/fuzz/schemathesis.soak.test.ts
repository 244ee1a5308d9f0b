import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.js';
import { devServer } from '../support/temporal.js';
import { startLiveApi } from './live-api.js';
import { fuzz, total } from './schemathesis.js';

const REQUESTS = 20_000;

test('twenty thousand requests of Schemathesis: no fault of ours, no answer that the document does not describe, no credential ignored', async () => {
  const seed = randomInt(2 ** 31);
  const database = await freshDatabase();
  const api = await startLiveApi({ databaseUrl: database.url, temporal: await devServer() });
  const { answered, failures } = await fuzz(api, { requests: REQUESTS, seed, report: console.log });
  console.log(answered);
  if (failures.length > 0) console.log(api.said());
  await api.close();
  await database.close();
  expect(failures.join('\n')).toBe('');
  expect(Object.keys(answered).filter((status) => status >= '500')).toEqual([]);
  expect(total(answered)).toBeGreaterThanOrEqual(REQUESTS);
}, 1_800_000);
