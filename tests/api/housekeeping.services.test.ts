import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { deleteOldKeys } from '../../src/storage/idempotency.js';
import { deleteExpiredWindows } from '../../src/storage/rate-limits.js';
import { tradeRequest } from '../support/trading.js';
import { openApi } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const DAY_MS = 86_400_000;

async function addKey(key: string, ageDays: number, status?: string): Promise<void> {
  const { prisma } = api.database;
  const { userId } = api.trader;
  const tradeId = randomUUID() as TradeId;
  if (status !== undefined) {
    const trade = tradeRequest({ account: `paper-${userId}` });
    await insertAcceptedTrade(prisma, {
      trade,
      ticket: api.dependencies.tickets.sign({ tradeId, userId, trade, now: Date.now() }),
    });
    await prisma.trade.update({ where: { id: tradeId }, data: { status } });
  }
  const createdAt = new Date(Date.now() - ageDays * DAY_MS);
  const claim = { userId, route: 'POST /trades', key, fingerprint: 'x', createdAt };
  await prisma.idempotencyKey.create({ data: { ...claim, ...(status !== undefined && { tradeId }) } });
}

test('keys are forgotten after 30 days, but not while their trade lives', async () => {
  await addKey('young', 29);
  await addKey('old', 31);
  await addKey('old-and-closed', 31, 'closed');
  await addKey('old-but-open', 400, 'open');
  await deleteOldKeys(api.database.prisma, new Date());
  const kept = await api.database.prisma.idempotencyKey.findMany({ orderBy: { key: 'asc' } });
  expect(kept.map(({ key }) => key)).toEqual(['old-but-open', 'young']);
});

test('rate windows that are over are forgotten', async () => {
  const { prisma } = api.database;
  await prisma.rateWindow.createMany({
    data: [
      { key: 'over', hits: 1, expiresAt: new Date(Date.now() - 1_000) },
      { key: 'open', hits: 1, expiresAt: new Date(Date.now() + 60_000) },
    ],
  });
  await deleteExpiredWindows(prisma);
  expect((await prisma.rateWindow.findMany()).map(({ key }) => key)).toEqual(['open']);
});

test('sessions that are over are forgotten', async () => {
  const { prisma } = api.database;
  const { sessions } = api.dependencies;
  const { userId } = await api.addTrader();
  const start = () => sessions.start({ id: userId, accessVersion: 0 }, { address: null, userAgent: null });
  for (let count = 0; count < 3; count++) await start();
  const [first, second, third] = await prisma.session.findMany({ where: { userId } });
  const change = (id: string | undefined, data: object) => prisma.session.updateMany({ where: { id: id ?? '' }, data });
  await change(first?.id, { expiresAt: new Date(Date.now() - 1) });
  await change(second?.id, { lastSeenAt: new Date(Date.now() - 31 * 60_000) });
  await sessions.deleteExpired(new Date());
  expect((await prisma.session.findMany({ where: { userId } })).map(({ id }) => id)).toEqual([third?.id]);
});
