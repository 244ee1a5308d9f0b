/** Clients of the stream that do not read. */
import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { tradeRequest } from '../support/trading.js';
import { openFollower } from './follower.js';
import { openApi, PUBLIC_URL } from './harness.js';

const ENTRIES = 10;

test('T44 who reads nothing is cut off, and holds up nobody meanwhile', async () => {
  const api = await openApi();
  const { trader, database, dependencies, app } = api;
  const headers = { authorization: `Bearer ${trader.token}` };
  const open = async () => app.request(`${PUBLIC_URL}/api/v1/stream`, { headers });
  const slow = await Promise.all([1, 2, 3, 4].map(open));
  const reader = await openFollower(api, trader);
  for (let count = 0; count < ENTRIES; count += 1) {
    const trade = tradeRequest({ account: `paper-${trader.userId}` });
    const tradeId = randomUUID() as TradeId;
    const ticket = dependencies.tickets.sign({ tradeId, userId: trader.userId, trade, now: Date.now() });
    await insertAcceptedTrade(database.prisma, { trade, ticket });
  }
  await vi.waitUntil(() => reader.seen().length === ENTRIES, { timeout: 30_000 });
  expect((await open()).status).toBe(429);
  const isOpened = async () => {
    const answer = await open();
    await answer.body?.cancel();
    return answer.status === 200;
  };
  await vi.waitUntil(isOpened, { timeout: 120_000, interval: 500 });
  await reader.leave();
  for (const { body } of slow) await body?.cancel();
  await api.close();
});
