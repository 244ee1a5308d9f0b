/** What the account's other trades hold of a symbol, by the broker's word: what they have recorded themselves may lag behind. */
import type { PrismaClient } from '../prisma/generated/client.js';
import { Decimal, type DecimalString } from '../src/domain/decimal.js';
import type { BrokerOrder } from '../src/domain/order.js';
import { applyOrderFacts } from '../src/domain/trade/order-facts.js';
import { isLong, newTradeState, totals } from '../src/domain/trade/state.js';
import { type GuardedTrade, guardedTrades } from '../src/storage/guarded-trades.js';
import { mayFillOrders, orderFacts, recordBrokerOrder, type StoredOrder } from '../src/storage/orders.js';
import type { LookRequest } from './contracts.js';

export interface OtherTrades {
  trades: GuardedTrade[];
  /** those of their orders that may still fill */
  orders: StoredOrder[];
}

export async function otherTrades(
  prisma: PrismaClient,
  { tradeId, account, symbol }: LookRequest,
): Promise<OtherTrades> {
  const all = await guardedTrades(prisma, account, new Date());
  const trades = all.filter(({ id, input }) => id !== tradeId && input.trade.symbol === symbol);
  return {
    trades,
    orders: await mayFillOrders(
      prisma,
      trades.map(({ id }) => id),
    ),
  };
}

/** `inDoubt`: nobody knows yet whether one of their orders is at the broker, and what it has done. */
export async function othersHold(
  prisma: PrismaClient,
  { trades, orders }: OtherTrades,
  seen: readonly BrokerOrder[],
): Promise<{ othersOpen: DecimalString; othersInDoubt: boolean }> {
  for (const order of seen) {
    const known = orders.find(({ brokerOrderId }) => brokerOrderId === order.orderId);
    if (known) await recordBrokerOrder(prisma, known, order);
  }
  const held: Decimal[] = [];
  for (const trade of trades) held.push(await holdingOf(prisma, trade));
  return {
    othersOpen: Decimal.sum(held).toString(),
    othersInDoubt: orders.some(({ brokerOrderId }) => brokerOrderId === null),
  };
}

/** Signed: shorts count negative. */
async function holdingOf(prisma: PrismaClient, { id, input, state, workflowId }: GuardedTrade): Promise<Decimal> {
  const now = Date.now();
  const caughtUp = state ?? newTradeState(input, workflowId, now);
  applyOrderFacts(caughtUp, await orderFacts(prisma, id), now);
  const { open } = totals(caughtUp);
  return isLong(caughtUp) ? open : open.negated();
}
