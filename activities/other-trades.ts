/** What the account's other trades hold of a symbol, as the broker reports it: what they have recorded themselves may lag behind. */
import type { PrismaClient } from '../prisma/generated/client.js';
import { Decimal } from '../src/domain/decimal.js';
import type { TradeId } from '../src/domain/ids.js';
import type { BrokerOrder } from '../src/domain/order.js';
import type { LookRequest, TradeLook } from '../src/domain/trade/look.js';
import { newTradeState } from '../src/domain/trade/new-trade.js';
import { applyOrderFacts } from '../src/domain/trade/order-facts.js';
import { isLong, totals } from '../src/domain/trade/state.js';
import { type GuardedTrade, guardedTrades } from '../src/storage/guarded-trades.js';
import { enteredSince, mayFillOrders, orderFacts, recordBrokerOrder, type StoredOrder } from '../src/storage/orders.js';

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

/**
 * Their orders as `seen` at the broker are recorded on the way: what has filled counts, whoever finds it first.
 * `settleWindowMs`: so much later the broker may report the position than a fill.
 */
export async function othersHold(
  prisma: PrismaClient,
  tradeId: TradeId,
  { trades, orders }: OtherTrades,
  seen: readonly BrokerOrder[],
  settleWindowMs: number,
): Promise<Required<Pick<TradeLook, 'othersOpen' | 'othersInDoubt' | 'othersEntered' | 'othersBefore'>>> {
  for (const order of seen) {
    const known = orders.find(({ brokerOrderId }) => brokerOrderId === order.orderId);
    if (known) await recordBrokerOrder(prisma, known, order);
  }
  const holders: { id: TradeId; held: Decimal }[] = [];
  for (const trade of trades) holders.push({ id: trade.id, held: await holdingOf(prisma, trade) });
  const ids = trades.map(({ id }) => id);
  return {
    othersOpen: Decimal.sum(holders.map(({ held }) => held)).toString(),
    othersInDoubt: orders.some(({ brokerOrderId }) => brokerOrderId === null),
    othersEntered: await enteredSince(prisma, ids, new Date(Date.now() - settleWindowMs)),
    othersBefore: holders.filter(({ id, held }) => id < tradeId && !held.isZero()).length,
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
