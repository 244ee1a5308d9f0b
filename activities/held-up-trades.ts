/**
 * Trades whose orders have changed since their own last record: in the middle of a step, for a moment or held up. While a
 * step waits for a worker, its workflow can alert nobody; whether shares are without a stop is in the database all the same.
 */
import type { PrismaClient } from '../prisma/generated/client.js';
import { newTradeState } from '../src/domain/trade/new-trade.js';
import { applyOrderFacts } from '../src/domain/trade/order-facts.js';
import { isUncovered } from '../src/domain/trade/protection.js';
import { type GuardedTrade, orderChanges, raiseAlert } from '../src/storage/guarded-trades.js';
import { orderFacts } from '../src/storage/orders.js';

/** A step takes seconds. */
const HELD_UP_AFTER_MS = 30_000;

/** Answers how many of the account's trades have shares without a stop and have not recorded that. */
export async function reportHeldUp(
  prisma: PrismaClient,
  account: string,
  trades: readonly GuardedTrade[],
): Promise<number> {
  let uncovered = 0;
  for (const { tradeId, at } of await orderChanges(prisma, account)) {
    const trade = trades.find(({ id }) => id === tradeId);
    if (!trade || !(await isUncoveredNow(prisma, trade))) continue;
    uncovered += 1;
    if (Date.now() - at.getTime() >= HELD_UP_AFTER_MS) await alertTo(prisma, trade, at);
  }
  return uncovered;
}

async function isUncoveredNow(prisma: PrismaClient, { id, state, input, workflowId }: GuardedTrade): Promise<boolean> {
  const now = Date.now();
  const current = structuredClone(state) ?? newTradeState(input, workflowId, now);
  applyOrderFacts(current, await orderFacts(prisma, id), now);
  // The owner knows that an emulated stop rests nowhere; that nobody watches it is an alert of its own.
  return !current.protection.emulated && isUncovered(current);
}

async function alertTo(prisma: PrismaClient, trade: GuardedTrade, at: Date): Promise<void> {
  const message = `Trade ${trade.id} has shares without a stop at the broker, and has done nothing since ${at.toISOString()}. Arbion goes on as soon as a worker takes it. Check the workers.`;
  const key = `${trade.id}:held_up:${at.getTime()}`;
  await raiseAlert(prisma, trade, { severity: 1, code: 'trade_held_up', message, key });
}
