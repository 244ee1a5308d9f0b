import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SendLockBusy, withSendLock } from '../../src/storage/send-lock.js';
import { breakLocks } from '../support/break-locks.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let locks: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  locks = new pg.Pool({ connectionString: database.url });
  locks.on('error', () => {});
});
afterAll(async () => {
  await locks.end();
  await database.close();
});

it('lets one in at a time', async () => {
  let inside = 0;
  const work = async () => {
    inside += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(inside).toBe(1);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withSendLock(locks, ['one'], work)));
});

it('answers whoever waits too long that it is busy, and lets other names in', async () => {
  await withSendLock(locks, ['held'], async () => {
    await expect(withSendLock(locks, ['held'], async () => {})).rejects.toThrow(SendLockBusy);
    expect(await withSendLock(locks, ['other'], async () => 'in')).toBe('in');
  });
  expect(await withSendLock(locks, ['held'], async () => 'in')).toBe('in');
});

it('is given back when the work fails', async () => {
  await expect(withSendLock(locks, ['failing'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withSendLock(locks, ['failing'], async () => 'in')).toBe('in');
});

it('is free as soon as its holder has lost the connection, and the holder lives on', async () => {
  const outcome = await withSendLock(locks, ['lost'], async () => {
    await breakLocks(database.pool);
    return withSendLock(locks, ['lost'], async () => 'the next');
  });
  expect(outcome).toBe('the next');
});
