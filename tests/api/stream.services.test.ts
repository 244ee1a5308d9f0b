import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { tradeRequest } from '../support/trading.js';
import { openFollower, type Seen } from './follower.js';
import { expectProblem, openApi, PUBLIC_URL, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

async function addTrade(trader: TestTrader): Promise<string> {
  const trade = tradeRequest({ account: `paper-${trader.userId}` });
  const tradeId = randomUUID() as TradeId;
  const ticket = api.dependencies.tickets.sign({ tradeId, userId: trader.userId, trade, now: Date.now() });
  await insertAcceptedTrade(api.database.prisma, { trade, ticket });
  return tradeId;
}

async function follow(trader: TestTrader, count: number, lastEventId?: string): Promise<Seen[]> {
  return (await openFollower(api, trader, lastEventId)).read(count);
}

test('sends what is written from now on, and resumes without a gap', async () => {
  const trader = await api.addTrader();
  await addTrade(trader);
  const follower = await openFollower(api, trader);
  const ids = [await addTrade(trader), await addTrade(trader)];
  const seen = await follower.read(2);
  expect(seen.map(({ tradeId }) => tradeId)).toEqual(ids);

  const missed = await addTrade(trader);
  const resumed = await follow(trader, 2, seen[0]?.id);
  expect(resumed.map(({ tradeId }) => tradeId)).toEqual([ids[1], missed]);
});

test("B93 T44 the id of another user's event shows no event of his", async () => {
  const [trader, other] = [await api.addTrader(), await api.addTrader()];
  await addTrade(other);
  const own = await addTrade(trader);
  expect((await follow(trader, 1, '1')).map(({ tradeId }) => tradeId)).toEqual([own]);
});

async function openStream({ token }: TestTrader) {
  const controller = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await api.app.request(`${PUBLIC_URL}/api/v1/stream`, { headers, signal: controller.signal });
  return { answer, end: () => answer.body?.cancel().finally(() => controller.abort()) };
}

test('T44 a sixth stream of one user is refused, until one of the others ends', async () => {
  const trader = await api.addTrader();
  const open = () => openStream(trader);
  const streams = await Promise.all(Array.from({ length: 5 }, open));
  expect(streams.map(({ answer }) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expectProblem(await api.call('GET', '/stream', { token: trader.token }), 429, 'rate-limited');
  await streams[0]?.end();
  await vi.waitUntil(
    async () => {
      const again = await open();
      await again.end();
      return again.answer.status === 200;
    },
    { timeout: 10_000 },
  );
  for (const { end } of streams.slice(1)) await end();
});

test('T44 a twenty-sixth stream from one address is refused, whoever asks', async () => {
  const traders = await Promise.all(Array.from({ length: 6 }, () => api.addTrader()));
  const [last, ...first] = traders as [TestTrader, ...TestTrader[]];
  const streams: Awaited<ReturnType<typeof openStream>>[] = [];
  // The server learns a moment later that the streams of the test before have ended.
  for (const trader of first.flatMap((one) => Array.from({ length: 5 }, () => one))) {
    await vi.waitUntil(
      async () => {
        const stream = await openStream(trader);
        if (stream.answer.status === 200) streams.push(stream);
        else await stream.end();
        return stream.answer.status === 200;
      },
      { timeout: 10_000 },
    );
  }
  expect(streams).toHaveLength(25);
  expectProblem(await api.call('GET', '/stream', { token: last.token }), 429, 'rate-limited');
  for (const { end } of streams) await end();
});

test.each(['-1', '9'.repeat(10_240), 'x', '1 2'])('B93 a Last-Event-ID that is none: %#', async (id) => {
  const headers = { 'last-event-id': id };
  expectProblem(await api.call('GET', '/stream', { token: api.trader.token, headers }), 400, 'bad-header');
});
