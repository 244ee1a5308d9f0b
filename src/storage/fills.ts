/** Fills of orders, each kept once. */
import type { Execution as ExecutionRow, Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { executionBeyond } from '../domain/cumulative-fills.js';
import type { BrokerOrder, Execution } from '../domain/order.js';
import { textOf } from './decimal-text.js';

export interface FilledOrder {
  id: bigint;
  broker: string;
  account: string;
}

/**
 * Records what a broker reports of an order, and the fills in it, by `keep`; returns the fills. Where the broker reports only
 * cumulative fills, whatever goes beyond those recorded becomes a new fill: one report of an order at a time. All recorded
 * fills are returned then.
 */
export async function recordWithFills(
  prisma: PrismaClient,
  order: FilledOrder,
  { executions, fillsInTotal }: BrokerOrder,
  keep: (database: Prisma.TransactionClient, fills: readonly Execution[]) => Promise<unknown>,
): Promise<Execution[]> {
  if (!fillsInTotal) {
    await keep(prisma, executions);
    return executions;
  }
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM orders WHERE id = ${order.id} FOR UPDATE`;
    const rows = await tx.execution.findMany({ where: { orderId: order.id }, orderBy: { id: 'asc' } });
    const kept = rows.map(executionOf);
    const beyond = executionBeyond(kept, fillsInTotal);
    const fresh = beyond ? [beyond] : [];
    await keep(tx, fresh);
    return [...kept, ...fresh];
  });
}

function executionOf({ executionId, quantity, price, fee, at }: ExecutionRow): Execution {
  return {
    executionId,
    quantity: textOf(quantity),
    price: textOf(price),
    fee: textOf(fee),
    at: at.getTime(),
  };
}
