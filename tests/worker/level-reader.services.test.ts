import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { LevelIndex } from '../../src/worker/level-index.js';
import { createLevelReader } from '../../src/worker/level-reader.js';
import { freshDatabase } from '../support/database.js';

async function opened() {
  const database = await freshDatabase();
  onTestFinished(() => database.close());
  const { prisma } = database;
  const userId = randomUUID();
  await prisma.user.create({ data: { id: userId, email: 'owner@example.test', passwordHash: 'none' } });
  const levels = new LevelIndex(() => 'paper');
  /** A trade whose record is so old, by the database's clock. */
  const record = async (symbol: string, ageMs = 0) => {
    const id = randomUUID();
    const terms = { broker: 'paper', account: 'a', symbol, side: 'buy', quantity: '1', status: 'open' };
    const open = { openQuantity: '1', remainingQuantity: '0', limitPrice: null, takeProfitPrice: null };
    const view = { id, ...terms, ...open, stopPrice: '100', realizedPnl: '0', fees: '0' };
    await prisma.trade.create({ data: { ...terms, id, userId, assetClass: 'equity', request: {}, view } });
    await prisma.$executeRaw`
      UPDATE trades SET updated_at = now() - ${ageMs}::float8 * interval '1 millisecond' WHERE id = ${id}::uuid`;
    return id;
  };
  return { levels, record, read: createLevelReader(prisma, ['paper'], levels) };
}

it('takes in what is recorded after it began', async () => {
  const { levels, record, read } = await opened();
  await record('AAPL', 86_400_000);
  await read();
  expect(levels.symbols('paper')).toEqual(['AAPL']);
  await record('MSFT');
  await read();
  expect(new Set(levels.symbols('paper'))).toEqual(new Set(['AAPL', 'MSFT']));
});

// While nothing was open, every beat read all trades that there ever were.
it('never reads the past again, also when nothing was open', async () => {
  const { levels, record, read } = await opened();
  await read();
  await record('OLD', 60_000);
  await read();
  expect(levels.symbols('paper')).toEqual([]);
});
