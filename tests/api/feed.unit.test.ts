import { expect, test } from 'vitest';
import { Feed } from '../../src/api/trades/feed.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { StoredEvent } from '../../src/storage/journals.js';

function entry(id: number): StoredEvent {
  return { id: BigInt(id), tradeId: 'one' as TradeId, key: String(id), at: id, kind: 'requested', data: {} };
}

test('hands out each entry once, in order', async () => {
  const feed = new Feed();
  feed.add(entry(1));
  feed.add(entry(2));
  expect((await feed.take(0)).map(({ id }) => id)).toEqual([1n, 2n]);
  const next = feed.take(60_000);
  feed.add(entry(3));
  expect((await next).map(({ id }) => id)).toEqual([3n]);
  expect(await feed.take(0)).toEqual([]);
});

test('ends when too many wait, and hands out nothing behind a gap', async () => {
  const feed = new Feed();
  let added = 0;
  for (; !feed.hasEnded && added < 100_000; added += 1) feed.add(entry(added));
  expect(added).toBeLessThan(100_000);
  feed.add(entry(added));
  expect(await feed.take(60_000)).toEqual([]);
});

test('lets go whoever waits when the stream ends', async () => {
  const feed = new Feed();
  const taken = feed.take(60_000);
  feed.end();
  expect(await taken).toEqual([]);
});
