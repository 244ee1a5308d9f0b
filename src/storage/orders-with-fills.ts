import type { Prisma } from '../../prisma/generated/client.js';
import { type DecimalString, decimalString } from '../domain/decimal.js';
import type { Leg } from '../domain/ids.js';
import type { Execution, OrderRequest, OrderStatus, Refusal } from '../domain/order.js';
import type { IntentState } from './orders.js';

/** An order of a trade as the database knows it, with its fills by arrival. */
export interface OrderWithFills {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  intent: IntentState;
  brokerOrderId: string | null;
  /** epoch milliseconds */
  sentAt: number | null;
  status: OrderStatus | null;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice: DecimalString | null;
  triggered: boolean;
  refusal: Refusal | null;
  executions: Execution[];
}

/** The orders of a trade in the order of their decisions. One statement, for every order activity ends with it. */
export async function ordersWithFills(database: Prisma.TransactionClient, tradeId: string): Promise<OrderWithFills[]> {
  const rows = await database.$queryRaw<OrderWithFills[]>`
    SELECT leg, generation, request, intent, broker_order_id AS "brokerOrderId",
      round(extract(epoch FROM sent_at) * 1000)::float8 AS "sentAt", status, quantity::text,
      filled_quantity::text AS "filledQuantity", stop_price::text AS "stopPrice", triggered, refusal,
      (SELECT coalesce(json_agg(fill), '[]') FROM (
        SELECT execution_id AS "executionId", quantity::text, price::text, fee::text,
          round(extract(epoch FROM at) * 1000) AS at
        FROM executions WHERE order_id = o.id ORDER BY id) AS fill) AS executions
    FROM orders o WHERE trade_id = ${tradeId}::uuid ORDER BY id`;
  return rows.map((row) => ({
    ...row,
    quantity: decimalString(row.quantity),
    filledQuantity: decimalString(row.filledQuantity),
    stopPrice: row.stopPrice === null ? null : decimalString(row.stopPrice),
    executions: row.executions.map((fill) => ({
      ...fill,
      quantity: decimalString(fill.quantity),
      price: decimalString(fill.price),
      fee: decimalString(fill.fee),
    })),
  }));
}
