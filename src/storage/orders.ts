/** Intents and fills: what was decided, what was sent, and what the broker said. */

import type { Order as OrderRow, Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { type DecimalString, decimal } from '../domain/decimal.js';
import type { TradeId } from '../domain/ids.js';
import {
  type BrokerOrder,
  type Execution,
  isFinal,
  type OrderRequest,
  type OrderStatus,
  type Refusal,
} from '../domain/order.js';
import type { Holding, RecordedOrder } from '../domain/trade/holding.js';
import type { OrderFact } from '../domain/trade/order-facts.js';
import type { OrderRef } from '../domain/trade/order-ref.js';
import { type FilledOrder, recordWithFills } from './fills.js';
import { type OrderWithFills, ordersWithFills } from './orders-with-fills.js';
import { whyNotSent } from './send-permits.js';

/** `PREPARED`: certainly not sent · `SENT`, `UNKNOWN`: perhaps at the broker · the rest: the broker has spoken. */
export type IntentState = 'PREPARED' | 'SENT' | 'UNKNOWN' | 'ACKED' | 'REFUSED' | 'CLOSED';

const MAY_FILL: readonly IntentState[] = ['SENT', 'UNKNOWN', 'ACKED'];

export type StoredOrder = Omit<OrderRow, 'intent' | 'request'> & { intent: IntentState; request: OrderRequest };

/** An order that is looked for can only be newer than this; a month covers every order that was open at its send. */
const TAKEN_SINCE_MS = 31 * 86_400_000;

/** Writes the intent, or answers the one that is there: the same decision is one row. */
export async function prepareIntent(prisma: PrismaClient, order: OrderRef): Promise<StoredOrder> {
  const { tradeId, leg, generation, broker, account, request } = order;
  const [written] = await prisma.order.createManyAndReturn({
    data: {
      tradeId,
      leg,
      generation,
      broker,
      account,
      symbol: request.symbol,
      clientOrderId: request.clientOrderId,
      request: { ...request },
      intent: 'PREPARED',
      quantity: request.quantity,
      stopPrice: request.stopPrice ?? null,
    },
    skipDuplicates: true,
  });
  const stored = written ? toStored(written) : await findIntent(prisma, request.clientOrderId);
  if (!stored) throw new Error(`the intent ${request.clientOrderId} was not written`);
  return stored;
}

export async function findIntent(prisma: PrismaClient, clientOrderId: string): Promise<StoredOrder | undefined> {
  const row = await prisma.order.findUnique({ where: { clientOrderId } });
  return row ? toStored(row) : undefined;
}

/**
 * The last mark before a send. Answers why the order may not be sent: then nothing is marked, and nothing may leave.
 * @throws when the intent is not in the state the caller thinks: then nothing may be sent either.
 */
export async function markSent(
  prisma: PrismaClient,
  order: StoredOrder,
  holding: Holding,
  from: IntentState,
): Promise<Refusal | undefined> {
  return prisma.$transaction(async (tx) => {
    const refusal = await whyNotSent(tx, order, () => recordedOrders(tx, order.tradeId), holding);
    if (!refusal) await mark(tx, order, from);
    return refusal;
  });
}

async function mark(database: Prisma.TransactionClient, order: StoredOrder, from: IntentState): Promise<void> {
  const { count } = await database.order.updateMany({
    where: { id: order.id, intent: from, sends: order.sends },
    data: { intent: 'SENT', sends: order.sends + 1, sentAt: new Date() },
  });
  if (count !== 1) throw new Error(`the intent ${order.clientOrderId} was changed by somebody else`);
}

async function recordedOrders(tx: Prisma.TransactionClient, tradeId: string): Promise<RecordedOrder[]> {
  const rows = await ordersWithFills(tx, tradeId);
  return rows.map(({ leg, request, intent, quantity, filledQuantity, executions }) => ({
    leg,
    request,
    mayFill: MAY_FILL.includes(intent),
    remaining: decimal(quantity).minus(decimal(filledQuantity)),
    executions,
  }));
}

/** Keeps what the broker wants to see again with the send. @throws when the intent was sent meanwhile. */
export async function keepPreparation(prisma: PrismaClient, order: StoredOrder, token: string): Promise<StoredOrder> {
  const { count } = await prisma.order.updateMany({
    where: { id: order.id, intent: 'PREPARED' },
    data: { preparation: token },
  });
  if (count !== 1) throw new Error(`the intent ${order.clientOrderId} was changed by somebody else`);
  return { ...order, preparation: token };
}

/**
 * The send certainly did not reach the broker: the intent is what it was before. `order` is as it was before the send; when
 * somebody else has sent since then, that stands.
 */
export async function markNotPlaced(prisma: PrismaClient, order: StoredOrder): Promise<void> {
  await prisma.order.updateMany({
    where: { id: order.id, intent: 'SENT', sends: order.sends + 1 },
    data: {
      intent: order.intent,
      sends: order.sends,
      preparation: order.intent === 'PREPARED' ? null : order.preparation,
    },
  });
}

/** `turnedDown`: in which words the broker seems to have refused it. */
export async function markUnknown(prisma: PrismaClient, order: StoredOrder, turnedDown?: string): Promise<void> {
  const refusal = turnedDown === undefined ? undefined : { code: 'refused', message: turnedDown };
  await prisma.order.updateMany({
    where: { id: order.id, intent: 'SENT' },
    data: { intent: 'UNKNOWN', ...(refusal && { refusal }) },
  });
}

export async function markRefused(prisma: PrismaClient, order: StoredOrder, refusal: Refusal): Promise<void> {
  await prisma.order.updateMany({
    where: { id: order.id, intent: { in: ['PREPARED', 'SENT', 'UNKNOWN'] } },
    data: { intent: 'REFUSED', status: 'rejected', refusal: { ...refusal } },
  });
}

/** The trades' orders that are, or may be, at the broker and not final; unknown ones have no broker order id. */
export async function mayFillOrders(prisma: PrismaClient, tradeIds: readonly TradeId[]): Promise<StoredOrder[]> {
  const rows = await prisma.order.findMany({
    where: { tradeId: { in: [...tradeIds] }, intent: { in: [...MAY_FILL] } },
  });
  return rows.map(toStored);
}

/** Whether a fill of an entry of these trades was recorded since then. */
export async function enteredSince(
  prisma: PrismaClient,
  tradeIds: readonly TradeId[],
  updatedAt: Date,
): Promise<boolean> {
  const where = { tradeId: { in: [...tradeIds] }, leg: 'entry', filledQuantity: { gt: 0 } };
  return (await prisma.order.count({ where: { ...where, updatedAt: { gte: updatedAt } } })) > 0;
}

/** Broker order ids of the account that belong to intents: none of them is the one that is looked for. */
export async function takenOrderIds(prisma: PrismaClient, account: string, sentAt: number): Promise<Set<string>> {
  const rows = await prisma.order.findMany({
    where: { account, brokerOrderId: { not: null }, preparedAt: { gte: new Date(sentAt - TAKEN_SINCE_MS) } },
    select: { brokerOrderId: true },
  });
  return new Set(rows.flatMap(({ brokerOrderId }) => brokerOrderId ?? []));
}

/** Whether another order that looks the same to the broker may have been sent and was not found yet. */
export async function hasUnknownTwin(prisma: PrismaClient, order: StoredOrder): Promise<boolean> {
  const unknown = await prisma.order.findMany({
    where: { account: order.account, symbol: order.symbol, intent: { in: ['SENT', 'UNKNOWN'] }, id: { not: order.id } },
  });
  return unknown.some((row) => termsOf(toStored(row).request) === termsOf(order.request));
}

/** By these terms orders are distinguished at a broker that does not know our ids. */
export function termsOf({ symbol, side, type, quantity, limitPrice, stopPrice, trailPercent }: OrderRequest): string {
  const amounts = [quantity, limitPrice, stopPrice, trailPercent].map((text) =>
    text === undefined ? '' : decimal(text).toString(),
  );
  return [symbol, side, type, ...amounts].join(' ');
}

/**
 * Records what the broker reports of an order, and returns its fills. A final order stays final; its late fills still
 * count.
 */
export async function recordBrokerOrder(
  prisma: PrismaClient,
  order: FilledOrder,
  known: BrokerOrder,
): Promise<Execution[]> {
  return recordWithFills(prisma, order, known, (database, fills) => keepReport(database, order, known, fills));
}

/** One statement, all or nothing. A fill that is kept already stays as it is. */
function keepReport(
  database: Prisma.TransactionClient,
  { id, broker, account }: FilledOrder,
  known: BrokerOrder,
  fills: readonly Execution[],
): Promise<unknown> {
  const { orderId, status, quantity, filledQuantity, stopPrice = null, triggered, rejectReason, side } = known;
  const intent: IntentState = isFinal(status) ? 'CLOSED' : 'ACKED';
  const refusal = rejectReason === undefined ? null : JSON.stringify({ code: 'refused', message: rejectReason });
  return database.$executeRaw`
    WITH spoken AS (
      UPDATE orders SET broker_order_id = ${orderId}, status = ${status}, intent = ${intent}, triggered = ${triggered},
        quantity = ${quantity}::numeric, filled_quantity = ${filledQuantity}::numeric,
        stop_price = coalesce(${stopPrice}::numeric, stop_price), refusal = coalesce(${refusal}::jsonb, refusal),
        updated_at = now()
      WHERE id = ${id} AND intent <> 'CLOSED'
    )
    INSERT INTO executions (broker, account, execution_id, order_id, side, quantity, price, fee, at)
    SELECT ${broker}, ${account}, fill."executionId", ${id}, ${side}, fill.quantity, fill.price, fill.fee,
      to_timestamp(fill.at / 1000)
    FROM json_to_recordset(${JSON.stringify(fills)}::json)
      AS fill ("executionId" text, quantity numeric, price numeric, fee numeric, at double precision)
    ON CONFLICT DO NOTHING`;
}

/** What is known of all orders of a trade, in the order of their decisions. */
export async function orderFacts(prisma: PrismaClient, tradeId: TradeId): Promise<OrderFact[]> {
  return (await ordersWithFills(prisma, tradeId)).map(factOfRow);
}

/** A row of the database as a fact: unlike a broker's order, it may not have been sent. */
function factOfRow(row: OrderWithFills): OrderFact {
  const { leg, generation, request, quantity, filledQuantity, triggered, executions } = row;
  return {
    ...{ leg, generation, request, standing: standingOf(row), quantity, filledQuantity, triggered },
    ...(row.brokerOrderId === null ? {} : { brokerOrderId: row.brokerOrderId }),
    ...(row.sentAt === null ? {} : { placedAt: row.sentAt }),
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.stopPrice === null ? {} : { stopPrice: row.stopPrice }),
    ...(row.refusal === null ? {} : { refusal: row.refusal }),
    executions,
  };
}

function standingOf({ intent, status }: OrderWithFills): OrderFact['standing'] {
  if (intent === 'PREPARED') return 'prepared';
  if (intent === 'REFUSED') return 'refused';
  return intent === 'SENT' || intent === 'UNKNOWN' || status === null ? 'unknown' : 'known';
}

/** Whether the broker says anything about an order that was not known before. */
export function isNews(
  known: {
    status?: OrderStatus;
    quantity: DecimalString;
    filledQuantity: DecimalString;
    stopPrice?: DecimalString;
    triggered: boolean;
  },
  now: BrokerOrder,
): boolean {
  return (
    known.status !== now.status ||
    known.triggered !== now.triggered ||
    !decimal(known.filledQuantity).equals(decimal(now.filledQuantity)) ||
    !decimal(known.quantity).equals(decimal(now.quantity)) ||
    (now.stopPrice !== undefined && known.stopPrice !== now.stopPrice)
  );
}

function toStored(row: OrderRow): StoredOrder {
  return { ...row, intent: row.intent as IntentState, request: row.request as unknown as OrderRequest };
}
