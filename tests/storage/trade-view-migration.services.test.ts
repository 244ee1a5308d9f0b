/** Trades that were written before their view was stored as one document. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createDatabase } from '../../src/storage/database.js';
import { viewOf } from '../../src/storage/trade-view.js';
import { emptyDatabase } from '../support/database.js';

const MIGRATIONS = 'prisma/migrations';
const WANTED = 'store_a_trades_view_once';

/** The scripts in order, up to and including the one that stores the view, apart from it. */
async function scripts(): Promise<{ before: string[]; storeView: string }> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d/.test(name)).sort();
  const read = (name: string) => readFile(`${MIGRATIONS}/${name}/migration.sql`, 'utf8');
  const at = names.findIndex((name) => name.endsWith(WANTED));
  return { before: await Promise.all(names.slice(0, at).map(read)), storeView: await read(names[at] ?? WANTED) };
}

const filled = {
  ...{ broker: 'paper', account: 'paper-1', symbol: 'AAPL', asset_class: 'equity', side: 'buy', request: '{}' },
  ...{ status: 'open', reason: '{"code":"stop_missing","message":"look"}', strategy: 'one', note: 'a "note"' },
  ...{ quantity: '10', filled_quantity: '7.00000001', open_quantity: '7.00000001', remaining_quantity: '2.99999999' },
  ...{ average_fill_price: '12.333333333333333333', order_type: 'limit', limit_price: '12.34', time_in_force: 'gtc' },
  ...{ stop_price: '9.5', stop_order_id: '2', stop_kind: 'broker', take_profit_price: '100', entry_order_id: '1' },
  ...{ exit_order_id: '3', exit_price: '14', exit_reason: 'target', realized_pnl: '-1.5', fees: '0.25' },
  ...{ unprotected_seconds: '0.125', created_at: '2026-03-03T14:30:00.120Z', opened_at: '2026-03-03T16:31:00.001+02' },
};

const pending = {
  ...{ broker: 'paper', account: 'paper-1', symbol: 'BTC-USD', asset_class: 'crypto', side: 'buy', request: '{}' },
  ...{ status: 'pending', quantity: '0.001', remaining_quantity: '0.001', order_type: 'market', time_in_force: 'gtc' },
  ...{ created_at: '2026-03-03T14:30:00Z' },
};

async function insert(client: pg.Client, userId: string, row: Record<string, string>): Promise<string> {
  const id = randomUUID();
  const columns = { id, user_id: userId, ...row };
  const places = Object.keys(columns).map((_, index) => `$${index + 1}`);
  const statement = `INSERT INTO trades (${Object.keys(columns).join(', ')}) VALUES (${places.join(', ')})`;
  await client.query(statement, Object.values(columns));
  return id;
}

it('are read as before', async () => {
  const url = await emptyDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { before, storeView } = await scripts();
  for (const script of before) await client.query(script);
  const userId = randomUUID();
  await client.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, 'a@example.test', 'none')`, [userId]);
  const [open, waiting] = [await insert(client, userId, filled), await insert(client, userId, pending)];
  await client.query(storeView);
  await client.end();

  const { prisma, close } = createDatabase(url);
  expect(viewOf(await prisma.trade.findUniqueOrThrow({ where: { id: open } }))).toEqual({
    ...{ id: open, workflowId: `trade-${open}`, status: 'open', reason: { code: 'stop_missing', message: 'look' } },
    ...{ broker: 'paper', account: 'paper-1', symbol: 'AAPL', assetClass: 'equity', side: 'buy' },
    ...{ orderType: 'limit', limitPrice: '12.34', timeInForce: 'gtc', quantity: '10', filledQuantity: '7.00000001' },
    ...{ remainingQuantity: '2.99999999', openQuantity: '7.00000001', averageFillPrice: '12.333333333333333333' },
    ...{ stopPrice: '9.5', stopOrderId: '2', stopKind: 'broker', takeProfitPrice: '100', entryOrderId: '1' },
    ...{ exitOrderId: '3', exitPrice: '14', exitReason: 'target', realizedPnl: '-1.5', unrealizedPnl: null },
    ...{ fees: '0.25', unprotectedSeconds: '0.125', strategy: 'one', note: 'a "note"' },
    ...{ createdAt: '2026-03-03T14:30:00.120Z', openedAt: '2026-03-03T14:31:00.001Z', closedAt: null },
    ...{ exitAt: null, exitsBy: null, warnings: [], session: 'regular', result: '-1.75' },
  });
  expect(viewOf(await prisma.trade.findUniqueOrThrow({ where: { id: waiting } }))).toEqual({
    ...{ id: waiting, workflowId: `trade-${waiting}`, status: 'pending', reason: null },
    ...{ broker: 'paper', account: 'paper-1', symbol: 'BTC-USD', assetClass: 'crypto', side: 'buy' },
    ...{ orderType: 'market', limitPrice: null, timeInForce: 'gtc', quantity: '0.001', filledQuantity: '0' },
    ...{ remainingQuantity: '0.001', openQuantity: '0', averageFillPrice: null },
    ...{ stopPrice: null, stopOrderId: null, stopKind: null, takeProfitPrice: null, entryOrderId: null },
    ...{ exitOrderId: null, exitPrice: null, exitReason: null, realizedPnl: '0', unrealizedPnl: '0' },
    ...{ fees: '0', unprotectedSeconds: '0', strategy: null, note: null },
    ...{ createdAt: '2026-03-03T14:30:00.000Z', openedAt: null, closedAt: null },
    ...{ exitAt: null, exitsBy: null, warnings: [], session: 'regular', result: '0' },
  });
  await close();
});
