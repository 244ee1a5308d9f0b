import { afterAll, beforeAll, expect, it } from 'vitest';
import { orderRequest } from '../../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../../support/paper-market.js';
import { aapl, at } from '../../support/prices.js';

let market: PaperMarketForTest;
beforeAll(async () => {
  market = await paperMarket(aapl(at('150')));
  market.database.pool.on('error', () => {});
});
afterAll(() => market.close());

it('a connection that breaks in the middle of an order leaves its outcome unknown, and the process alive', async () => {
  const { broker, database } = market;
  await broker.place('somebody', orderRequest());
  const order = orderRequest();
  const holder = await database.pool.connect();
  await holder.query(`BEGIN; SELECT 1 FROM paper_accounts WHERE id = 'somebody' FOR UPDATE`);
  const placing = broker.place('somebody', order);
  await expect.poll(async () => (await waiting()).length).toBe(1);
  const [pid] = await waiting();
  await holder.query('SELECT pg_terminate_backend($1)', [pid]);
  expect(await placing).toMatchObject({ outcome: 'unknown' });
  await holder.query('ROLLBACK');
  holder.release();
  expect(await broker.find('somebody', order)).toBeUndefined();

  async function waiting(): Promise<number[]> {
    const { rows } = await database.pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.map((row) => row.pid);
  }
});
