import type { PrismaClient } from '../../prisma/generated/client.js';
import { FINAL_STATUSES, type TradeStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { viewOf } from './trade-view.js';

/** What an open trade must know of prices: at its levels it must look at once. */
export interface WatchedLevels
  extends Pick<
    TradeView,
    | 'id'
    | 'account'
    | 'symbol'
    | 'side'
    | 'status'
    | 'limitPrice'
    | 'remainingQuantity'
    | 'openQuantity'
    | 'stopPrice'
    | 'takeProfitPrice'
  > {
  /** when that was recorded, by the database's clock */
  recordedAt: Date;
}

/** A trade that is being closed, or has ended, waits for no price. */
const WATCHED: readonly TradeStatus[] = ['submitted', 'partially_filled', 'open', 'needs_attention'];

export function isWatched({ status }: Pick<WatchedLevels, 'status'>): boolean {
  return WATCHED.includes(status);
}

/** By the database's clock, as all that is recorded. */
export async function recordingTime(prisma: PrismaClient): Promise<Date> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  if (row === undefined) throw new Error('a SELECT without a condition answered no row');
  return row.now;
}

/** Of the trades at these brokers all that have not ended, or all that were recorded since a time, whatever became of them. */
export async function watchedLevels(
  prisma: PrismaClient,
  brokers: readonly string[],
  since?: Date,
): Promise<WatchedLevels[]> {
  const rows = await prisma.trade.findMany({
    where: {
      broker: { in: [...brokers] },
      ...(since === undefined ? { status: { notIn: [...FINAL_STATUSES] } } : { updatedAt: { gte: since } }),
    },
    select: { view: true, updatedAt: true },
  });
  return rows.map((row) => ({ ...viewOf(row), recordedAt: row.updatedAt }));
}
