import type { PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import { FINAL_STATUSES } from '../domain/trade/status.js';

/** The trade that an order of the broker's belongs to, while it is not over; undefined also before the placement is recorded. */
export async function ownerOfBrokerOrder(
  prisma: PrismaClient,
  broker: string,
  brokerOrderId: string,
): Promise<TradeId | undefined> {
  const row = await prisma.order.findFirst({
    where: { broker, brokerOrderId, trade: { status: { notIn: [...FINAL_STATUSES] } } },
    select: { tradeId: true },
  });
  return row ? (row.tradeId as TradeId) : undefined;
}
