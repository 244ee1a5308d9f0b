import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaperBroker, type PaperBrokerOptions } from '../../src/brokers/paper/paper-broker.js';
import { paperAccountId } from '../../src/domain/ids.js';
import { openReplay, type ReplayMarket } from '../../src/market-data/market.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { type AnnouncedSplit, type PricePaths, rowTime, writeMarket } from './market-files.js';
import type { TestMarket } from './test-market.js';

/** A paper broker on generated prices; market time stands still and is moved manually. */
export interface PaperMarketForTest extends TestMarket {
  market: ReplayMarket;
  broker: PaperBroker;
  /** the market's files, for a process of its own */
  directory: string;
  ledger(account?: string): ReturnType<PaperBroker['ledger']>;
}

export async function paperMarket(
  paths: PricePaths,
  options: { splits?: readonly AnnouncedSplit[]; openingCash?: string; fee?: PaperBrokerOptions['fee'] } = {},
): Promise<PaperMarketForTest> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-market-'));
  await writeMarket(directory, paths, options.splits);
  const database = await freshDatabase();
  const market = await openReplay({ directory, speed: 0 }, database.pool);
  const broker = new PaperBroker({
    ...market,
    pool: database.pool,
    openingCash: options.openingCash ?? '100000',
    ...(options.fee && { fee: options.fee }),
  });
  return {
    database,
    market,
    broker,
    directory,
    accountOf: paperAccountId,
    openAccount: async () => {},
    ledger: (account) => broker.ledger(account),
    marketTimeAt: (wall) => wall,
    goTo: (minute) => market.clock.setMarketTime(rowTime(minute)),
    close: async () => {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Removes shares from the only account without an order, as a transfer by the broker or the owner would. */
export async function takeOut({ pool }: TestDatabase, quantity: string): Promise<void> {
  await pool.query('UPDATE paper_positions SET quantity = quantity - $1', [quantity]);
  await pool.query('DELETE FROM paper_positions WHERE quantity = 0');
  // As every change of an account does, so that processes which know it read it again.
  await pool.query('UPDATE paper_accounts SET revision = revision + 1');
}
