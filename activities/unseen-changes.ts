/** What changed at the broker and was not seen by its trade: the trade is woken, and when it still does not look, a person is alerted. */
import type { PrismaClient } from '../prisma/generated/client.js';
import type { Listing } from '../src/broker-port/listing.js';
import { decimal } from '../src/domain/decimal.js';
import type { TradeId } from '../src/domain/ids.js';
import type { BrokerOrder } from '../src/domain/order.js';
import { raiseAlert, type WorkingOrder } from '../src/storage/guarded-trades.js';
import type { UnseenSince } from './contracts.js';

interface Seen {
  /** what works by the trades' own records, read before the broker was asked */
  working: readonly WorkingOrder[];
  listed: Listing<BrokerOrder>;
}

/** Answers the changes that are unseen now. `before`: what the pass before had noticed. */
export async function reportUnseen(
  prisma: PrismaClient,
  wake: (id: TradeId) => Promise<void>,
  { working, listed }: Seen,
  before: UnseenSince,
): Promise<UnseenSince> {
  const unseen: UnseenSince = {};
  for (const order of working.filter((known) => hasChanged(known, listed))) {
    const since = before[order.brokerOrderId];
    // It knows what the broker shows, whatever it makes of that.
    if (since !== undefined && (order.lookedAt?.getTime() ?? 0) >= since) continue;
    unseen[order.brokerOrderId] = since ?? Date.now();
    if (since !== undefined) await alertTo(prisma, order, since);
    await wake(order.tradeId);
  }
  return unseen;
}

/** It is not at work any more, or has filled further. Of a row that nobody can read nothing is known, if it may be this order. */
function hasChanged({ brokerOrderId, filledQuantity }: WorkingOrder, { rows, passedOver }: Listing<BrokerOrder>) {
  const now = rows.find(({ orderId }) => orderId === brokerOrderId);
  if (!now) return !passedOver.some(({ orderId }) => orderId === undefined || orderId === brokerOrderId);
  return decimal(now.filledQuantity).greaterThan(decimal(filledQuantity));
}

async function alertTo(prisma: PrismaClient, order: WorkingOrder, since: number): Promise<void> {
  const { tradeId, userId, leg, brokerOrderId, symbol } = order;
  const message = `The ${leg} order ${brokerOrderId} of ${symbol} changed at the broker at ${new Date(since).toISOString()} or before, and its trade has not looked since: some of the position may have no stop. Arbion keeps waking the trade. Check the workers.`;
  const alert = { severity: 1, code: 'change_unseen', message, key: `${tradeId}:unseen:${brokerOrderId}` } as const;
  await raiseAlert(prisma, { id: tradeId, userId }, alert);
}
