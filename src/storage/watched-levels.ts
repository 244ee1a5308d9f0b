import type { PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import type { TradeSide } from '../domain/trade/request.js';

/** The prices at which an open trade must look at once. */
export interface WatchedLevels {
  id: TradeId;
  symbol: string;
  side: TradeSide;
  stopPrice: string | null;
  takeProfitPrice: string | null;
}

export async function watchedLevels(prisma: PrismaClient): Promise<WatchedLevels[]> {
  const rows = await prisma.trade.findMany({
    where: { broker: 'paper', status: { in: ['open', 'partially_filled', 'needs_attention'] } },
    select: { id: true, symbol: true, side: true, stopPrice: true, takeProfitPrice: true },
  });
  return rows.map((row) => ({
    id: row.id as TradeId,
    symbol: row.symbol,
    side: row.side as TradeSide,
    stopPrice: row.stopPrice?.toFixed() ?? null,
    takeProfitPrice: row.takeProfitPrice?.toFixed() ?? null,
  }));
}
