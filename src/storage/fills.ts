/** Fills of orders, each kept once. */
import type { Execution as ExecutionRow, Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { executionBeyond } from '../domain/fills-in-total.js';
import type { BrokerOrder, Execution, OrderSide } from '../domain/order.js';
import { textOf } from './trade-view.js';

export interface FilledOrder {
  id: bigint;
  broker: string;
  account: string;
}

/**
 * Takes over a broker's word on an order by `update`, and the fills that it tells; answers them. Where they are told in total
 * only, what goes beyond those kept before becomes a fill, one report of an order at a time, and all kept ones are answered.
 */
export async function recordWithFills(
  prisma: PrismaClient,
  order: FilledOrder,
  known: BrokerOrder,
  update: (database: PrismaClient | Prisma.TransactionClient) => Prisma.PrismaPromise<unknown>,
): Promise<Execution[]> {
  const { executions, fillsInTotal, side } = known;
  if (fillsInTotal) {
    return prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM orders WHERE id = ${order.id} FOR UPDATE`;
      await update(tx);
      return keepTotal(tx, order, fillsInTotal, side);
    });
  }
  if (executions.length === 0) await update(prisma);
  else await prisma.$transaction([update(prisma), keep(prisma, order, executions, side)]);
  return executions;
}

export function executionOf({ executionId, quantity, price, fee, at }: ExecutionRow): Execution {
  return {
    executionId,
    quantity: textOf(quantity),
    price: textOf(price),
    fee: textOf(fee),
    at: at.getTime(),
  };
}

async function keepTotal(
  tx: Prisma.TransactionClient,
  order: FilledOrder,
  total: Execution,
  side: OrderSide,
): Promise<Execution[]> {
  const rows = await tx.execution.findMany({ where: { orderId: order.id }, orderBy: { id: 'asc' } });
  const kept = rows.map(executionOf);
  const beyond = executionBeyond(kept, total);
  if (!beyond) return kept;
  await keep(tx, order, [beyond], side);
  return [...kept, beyond];
}

function keep(
  database: PrismaClient | Prisma.TransactionClient,
  order: FilledOrder,
  executions: readonly Execution[],
  side: OrderSide,
): Prisma.PrismaPromise<unknown> {
  const { id: orderId, broker, account } = order;
  const data = executions.map(({ at, ...fill }) => ({ ...fill, at: new Date(at), orderId, broker, account, side }));
  return database.execution.createMany({ data, skipDuplicates: true });
}
