/** Intents and fills: what was decided, what was sent, and what the broker said. */

import type { OrderRef } from '../../activities/contracts.js';
import type {
  Execution as ExecutionRow,
  Order as OrderRow,
  Prisma,
  PrismaClient,
} from '../../prisma/generated/client.js';
import { type DecimalString, decimal } from '../domain/decimal.js';
import type { Leg, TradeId } from '../domain/ids.js';
import {
  type BrokerOrder,
  type Execution,
  isFinal,
  type OrderRequest,
  type OrderStatus,
  type Refusal,
} from '../domain/order.js';
import { type Holding, type RecordedOrder, wouldOversell } from '../domain/trade/holding.js';
import type { OrderFact } from '../domain/trade/order-facts.js';
import type { TradeOrder } from '../domain/trade/state.js';
import { executionOf, type FilledOrder, recordWithFills } from './fills.js';
import { textOf } from './trade-view.js';

/** `PREPARED`: certainly not sent · `SENT`, `UNKNOWN`: perhaps at the broker · the rest: the broker has spoken. */
export type IntentState = 'PREPARED' | 'SENT' | 'UNKNOWN' | 'ACKED' | 'REFUSED' | 'CLOSED';

const MAY_FILL: readonly IntentState[] = ['SENT', 'UNKNOWN', 'ACKED'];

export type StoredOrder = Omit<OrderRow, 'intent' | 'request'> & { intent: IntentState; request: OrderRequest };

/** An order that is looked for can only be newer than this; a month covers every order that was open at its send. */
const TAKEN_SINCE_MS = 31 * 86_400_000;

/** Writes the intent, or answers the one that is there: the same decision is one row. */
export async function prepareIntent(prisma: PrismaClient, order: OrderRef): Promise<StoredOrder> {
  const { tradeId, leg, generation, broker, account, request } = order;
  await prisma.order.createMany({
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
  const stored = await findIntent(prisma, request.clientOrderId);
  if (!stored) throw new Error(`the intent ${request.clientOrderId} was not written`);
  return stored;
}

export async function findIntent(prisma: PrismaClient, clientOrderId: string): Promise<StoredOrder | undefined> {
  const row = await prisma.order.findUnique({ where: { clientOrderId } });
  return row ? toStored(row) : undefined;
}

/**
 * The last mark before a send. Answers false when it would close more than the trade holds: then nothing may be sent. One
 * trade's marks are made one after the other, so that two closing orders at once are never both within what it holds.
 * @throws when the intent is not in the state the caller thinks: then nothing may be sent either.
 */
export async function markSent(
  prisma: PrismaClient,
  order: StoredOrder,
  holding: Holding,
  from: IntentState,
): Promise<boolean> {
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM trades WHERE id = ${order.tradeId}::uuid FOR UPDATE`;
    const leg = order.leg as Leg;
    if (leg !== 'entry' && wouldOversell(order.request, leg, await recordedOrders(tx, order.tradeId), holding))
      return false;
    const { count } = await tx.order.updateMany({
      where: { id: order.id, intent: from, sends: order.sends },
      data: { intent: 'SENT', sends: order.sends + 1, sentAt: new Date() },
    });
    if (count !== 1) throw new Error(`the intent ${order.clientOrderId} was changed by somebody else`);
    return true;
  });
}

async function recordedOrders(tx: Prisma.TransactionClient, tradeId: string): Promise<RecordedOrder[]> {
  const rows = await tx.order.findMany({ where: { tradeId }, include: { executions: true } });
  return rows.map((row) => ({
    leg: row.leg as Leg,
    request: row.request as unknown as OrderRequest,
    mayFill: MAY_FILL.includes(row.intent as IntentState),
    remaining: decimal(textOf(row.quantity)).minus(decimal(textOf(row.filledQuantity))),
    executions: row.executions.map(executionOf),
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

/**
 * The trade has concluded that these orders never reached the broker: they count as refused, and hold no twin up any longer.
 * One whose outcome became known all the same stays as it is.
 */
export async function markAbsent(database: Prisma.TransactionClient, orders: readonly TradeOrder[]): Promise<void> {
  for (const { request, refusal } of orders.filter(({ absent }) => absent)) {
    await database.order.updateMany({
      where: { clientOrderId: request.clientOrderId, intent: { in: ['SENT', 'UNKNOWN'] } },
      data: { intent: 'REFUSED', status: 'rejected', ...(refusal && { refusal: { ...refusal } }) },
    });
  }
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
export async function hasTwinInDoubt(prisma: PrismaClient, order: StoredOrder): Promise<boolean> {
  const doubtful = await prisma.order.findMany({
    where: { account: order.account, symbol: order.symbol, intent: { in: ['SENT', 'UNKNOWN'] }, id: { not: order.id } },
  });
  return doubtful.some((row) => termsOf(toStored(row).request) === termsOf(order.request));
}

/** What orders are told apart by at a broker that does not know our ids. */
export function termsOf({ symbol, side, type, quantity, limitPrice, stopPrice, trailPercent }: OrderRequest): string {
  const amounts = [quantity, limitPrice, stopPrice, trailPercent].map((text) =>
    text === undefined ? '' : decimal(text).toString(),
  );
  return [symbol, side, type, ...amounts].join(' ');
}

/**
 * Takes over the broker's word on an order, fills included; answers its fills. A final order stays final; its late fills
 * still count.
 */
export async function recordBrokerOrder(
  prisma: PrismaClient,
  order: FilledOrder,
  known: BrokerOrder,
): Promise<Execution[]> {
  const { orderId, status, quantity, filledQuantity, stopPrice, triggered } = known;
  const spoken = {
    brokerOrderId: orderId,
    status,
    quantity,
    filledQuantity,
    triggered,
    intent: isFinal(status) ? 'CLOSED' : 'ACKED',
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(known.rejectReason === undefined ? {} : { refusal: { code: 'refused', message: known.rejectReason } }),
  };
  const where = { id: order.id, intent: { not: 'CLOSED' } };
  return recordWithFills(prisma, order, known, (database) => database.order.updateMany({ where, data: spoken }));
}

/** What is known of all orders of a trade, in the order of their decisions. */
export async function orderFacts(prisma: PrismaClient, tradeId: TradeId): Promise<OrderFact[]> {
  const rows = await prisma.order.findMany({
    where: { tradeId },
    include: { executions: true },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => factOf(toStored(row), row.executions));
}

function factOf(row: StoredOrder, executions: ExecutionRow[]): OrderFact {
  return {
    leg: row.leg as OrderFact['leg'],
    generation: row.generation,
    request: row.request,
    standing: standingOf(row),
    quantity: textOf(row.quantity),
    filledQuantity: textOf(row.filledQuantity),
    triggered: row.triggered,
    ...(row.brokerOrderId === null ? {} : { brokerOrderId: row.brokerOrderId }),
    ...(row.status === null ? {} : { status: row.status as OrderStatus }),
    ...(row.stopPrice === null ? {} : { stopPrice: textOf(row.stopPrice) }),
    ...(row.refusal === null ? {} : { refusal: row.refusal as unknown as Refusal }),
    executions: executions.map(executionOf),
  };
}

function standingOf({ intent, status }: StoredOrder): OrderFact['standing'] {
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
