import type { PrismaClient } from '../../prisma/generated/client.js';
import type { TradeView } from '../domain/trade/view.js';
import { viewOf } from './trade-view.js';

/** What an open trade must know of prices: at its levels it must look at once. */
export type WatchedLevels = Pick<
  TradeView,
  | 'id'
  | 'broker'
  | 'account'
  | 'symbol'
  | 'side'
  | 'limitPrice'
  | 'remainingQuantity'
  | 'openQuantity'
  | 'stopPrice'
  | 'takeProfitPrice'
>;

export async function watchedLevels(prisma: PrismaClient, brokers: string[]): Promise<WatchedLevels[]> {
  const rows = await prisma.trade.findMany({
    where: { broker: { in: brokers }, status: { in: ['submitted', 'partially_filled', 'open', 'needs_attention'] } },
    select: { view: true },
  });
  return rows.map(viewOf);
}
