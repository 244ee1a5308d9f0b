import type { PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import type { TradeSide } from '../domain/trade/request.js';

/** The prices at which an open trade must look at once. */
export interface WatchedLevels {
  id: TradeId;
  broker: string;
  account: string;
  symbol: string;
  side: TradeSide;
  stopPrice: string | null;
  takeProfitPrice: string | null;
}

export async function watchedLevels(prisma: PrismaClient, brokers: string[]): Promise<WatchedLevels[]> {
  const rows = await prisma.trade.findMany({
    where: { broker: { in: brokers }, status: { in: ['open', 'partially_filled', 'needs_attention'] } },
    select: { id: true, broker: true, account: true, symbol: true, side: true, stopPrice: true, takeProfitPrice: true },
  });
  return rows.map((row) => ({
    ...row,
    id: row.id as TradeId,
    side: row.side as TradeSide,
    stopPrice: row.stopPrice?.toFixed() ?? null,
    takeProfitPrice: row.takeProfitPrice?.toFixed() ?? null,
  }));
}
