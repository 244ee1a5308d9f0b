import type { PrismaClient } from '../../prisma/generated/client.js';
import { Decimal, type DecimalString, decimalString } from '../domain/decimal.js';
import type { UserId } from '../domain/ids.js';

/** Dollars of a user's limits that are used. */
export interface RiskUsage {
  /** entries accepted today less what ended unfilled: of the exchange's day, or of the UTC day for crypto */
  daily: DecimalString;
  /** working or held now */
  exposure: DecimalString;
  bySymbol: { symbol: string; exposure: DecimalString }[];
}

export async function usageOf(
  prisma: PrismaClient,
  userId: UserId,
  days: { exchange: string; utc: string },
): Promise<RiskUsage> {
  const [today] = await prisma.$queryRaw<{ daily: string }[]>`
    SELECT coalesce(sum(r.daily), 0)::text AS daily FROM reservations r JOIN trades t ON t.id = r.trade_id
    WHERE r.user_id = ${userId}::uuid
      AND r.day = (CASE WHEN t.asset_class = 'crypto' THEN ${days.utc} ELSE ${days.exchange} END)::date`;
  const bySymbol = await prisma.$queryRaw<{ symbol: string; exposure: string }[]>`
    SELECT symbol, sum(exposure)::text AS exposure FROM reservations
    WHERE user_id = ${userId}::uuid AND released_at IS NULL GROUP BY symbol HAVING sum(exposure) > 0 ORDER BY symbol`;
  return {
    daily: decimalString(today?.daily ?? '0'),
    exposure: Decimal.sum(bySymbol.map(({ exposure }) => Decimal.parse(exposure))).toString(),
    bySymbol: bySymbol.map(({ symbol, exposure }) => ({ symbol, exposure: decimalString(exposure) })),
  };
}
