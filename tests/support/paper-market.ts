import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaperBroker, type PaperBrokerOptions } from '../../src/brokers/paper/paper-broker.js';
import { openReplay, type ReplayMarket } from '../../src/market-data/market.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { type AnnouncedSplit, type PricePaths, rowTime, writeMarket } from './market-files.js';

/** A paper broker on generated prices; market time stands still and is moved by hand. */
export interface PaperMarketForTest {
  database: TestDatabase;
  market: ReplayMarket;
  broker: PaperBroker;
  /** the market's files, for a process of its own */
  directory: string;
  /** moves market time to when the row of a minute becomes known */
  goTo(minute: string): Promise<void>;
  close(): Promise<void>;
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
    goTo: (minute) => market.clock.setMarketTime(rowTime(minute)),
    close: async () => {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
