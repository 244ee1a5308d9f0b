import type { PrismaClient } from '../../prisma/generated/client.js';
import { recordingTime, watchedLevels } from '../storage/watched-levels.js';
import type { LevelIndex } from './level-index.js';

/** A record that took longer to commit is found when all are read again. */
const OVERLAP_MS = 10_000;
const READ_ALL_EVERY_MS = 60_000;

/** Keeps an index up to date: each call reads what was recorded since the last one, and now and then everything. */
export function createLevelReader(
  prisma: PrismaClient,
  brokers: readonly string[],
  index: LevelIndex,
): () => Promise<void> {
  let readAllAt = Number.NEGATIVE_INFINITY;
  let lastRecordAt = 0;

  return async () => {
    const isWhole = Date.now() - readAllAt >= READ_ALL_EVERY_MS;
    // Also when no open trade was recorded of late: what comes next is behind this.
    if (isWhole) lastRecordAt = (await recordingTime(prisma)).getTime();
    const trades = await watchedLevels(prisma, brokers, isWhole ? undefined : new Date(lastRecordAt - OVERLAP_MS));
    if (isWhole) {
      index.clear();
      readAllAt = Date.now();
    }
    for (const trade of trades) {
      index.take(trade);
      lastRecordAt = Math.max(lastRecordAt, trade.recordedAt.getTime());
    }
  };
}
