/** Who sees an alert, and who may say that they have seen it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectProblem, openApi, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

async function raise(userId: string | null): Promise<string> {
  const data = { userId, severity: 1, code: 'unprotected', message: 'No stop.', key: randomUUID() };
  return String((await api.database.prisma.alert.create({ data })).id);
}
const acknowledge = (id: string, { token }: TestTrader) => api.call('POST', `/alerts/${id}/acknowledge`, { token });
const listed = async (query: string) => {
  const { json } = await api.call('GET', `/alerts?${query}`, { token: api.trader.token });
  return (json.items as { id: string }[]).map(({ id }) => id);
};

test('an alert is acknowledged once, by whoever came first', async () => {
  const id = await raise(api.trader.userId);
  const first = await acknowledge(id, api.trader);
  expect(first).toMatchObject({ status: 200, json: { id, acknowledgedAt: expect.any(String) } });
  expect((await acknowledge(id, api.trader)).json).toEqual(first.json);
  const row = await api.database.prisma.alert.findUniqueOrThrow({ where: { id: BigInt(id) } });
  expect(row.acknowledgedBy).toBe(api.trader.userId);
});

test('the list shows those that somebody has acknowledged, the others, or all', async () => {
  const [seen, unseen] = [await raise(api.trader.userId), await raise(api.trader.userId)];
  await acknowledge(seen, api.trader);
  expect(await listed('acknowledged=false')).toEqual([unseen]);
  expect(await listed('acknowledged=true')).toContain(seen);
  expect(await listed('limit=2')).toEqual([unseen, seen]);
});

test.each([
  ["another user's", async () => raise((await api.addTrader()).userId)],
  ["the system's", () => raise(null)],
  ['none', async () => '999999999999999999'],
])('%s looks like one that there is not, and stays as it is', async (_, idOf) => {
  const id = await idOf();
  expectProblem(await acknowledge(id, api.trader), 404, 'not-found');
  const row = await api.database.prisma.alert.findUnique({ where: { id: BigInt(id) } });
  expect(row?.acknowledgedAt ?? null).toBeNull();
});

test('administrators acknowledge those of the system, too', async () => {
  const id = await raise(null);
  const admin = await api.addTrader({ role: 'admin', scopes: ['read', 'trade', 'admin'] });
  expect(await acknowledge(id, admin)).toMatchObject({ status: 200, json: { id } });
});
