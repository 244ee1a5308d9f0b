import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkedMarketFolder } from '../../src/replay/market-folder.js';
import { readPlan } from '../../src/replay/plan.js';
import { type ReplayResult, runReplay } from '../../src/replay/replay.js';
import { freshDatabase } from '../support/database.js';
import { devServer } from '../support/temporal.js';

const recordings = process.env.MARKET_DATA_DIR ?? '../shared/market-data';

/** Replays recorded days (`equity/SPY/2013-10-08`) with a plan in the form of the plan file. */
export async function replayRecorded(days: readonly string[], plan: object[]): Promise<ReplayResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'arbion-plan-'));
  const planFile = join(scratch, 'plan.json');
  await writeFile(planFile, JSON.stringify(plan));
  const folder = await linkedMarketFolder(days.map((day) => join(recordings, `${day}.csv`)));
  const database = await freshDatabase();
  const { address, namespace } = await devServer();
  try {
    return await runReplay({
      directory: folder.directory,
      plan: await readPlan(planFile),
      servers: { databaseUrl: database.url, temporalAddress: address, namespace },
      openingCash: '1000000',
    });
  } finally {
    await database.close();
    await folder.remove();
    await rm(scratch, { recursive: true });
  }
}

/** The body of POST /trades with the fields that every plan here has in common. */
export function body(trade: Record<string, unknown>): Record<string, unknown> {
  return { broker: 'paper', orderType: 'market', timeInForce: 'day', ...trade };
}

/** One line of a plan; `acts` is the file's `then`. */
export function planned(at: string, trade: Record<string, unknown>, acts: object[] = []): object {
  return Object.fromEntries([
    ['at', at],
    ['trade', trade],
    ['then', acts],
  ] as [string, unknown][]);
}
