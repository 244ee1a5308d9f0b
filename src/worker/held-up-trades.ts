/**
 * Watches the database for shares without a stop whose trade says nothing of them. A workflow alerts when it comes to rest;
 * while a step of it waits for a worker or is tried again, only the orders' rows show that its stop is gone.
 */
import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import { newTradeState } from '../domain/trade/new-trade.js';
import { applyOrderFacts } from '../domain/trade/order-facts.js';
import { isUncovered } from '../domain/trade/protection.js';
import type { Logger } from '../platform/logger.js';
import { type GuardedTrade, maybeUncoveredTrades, raiseAlert } from '../storage/guarded-trades.js';
import { orderFacts } from '../storage/orders.js';
import { runAsLeader } from './leader.js';

export interface HeldUpDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  logger: Logger;
}

const PACE_MS = 5_000;
/** A step takes seconds, and a trade at rest alerts by itself after ten. */
const HELD_UP_AFTER_MS = 15_000;

/** One worker process of all looks, every five seconds. */
export function watchHeldUpTrades({ prisma, locks, logger }: HeldUpDependencies, stop: AbortSignal): Promise<void> {
  const beat = createHeldUpWatch(prisma);
  return runAsLeader({ name: 'held-up-trades', locks, paceMs: PACE_MS, beat, logger }, stop);
}

/** Each call looks once; what the one before saw is remembered. */
export function createHeldUpWatch(prisma: PrismaClient): () => Promise<void> {
  let uncoveredSince = new Map<TradeId, number>();

  return async () => {
    const seen = new Map<TradeId, number>();
    for (const { trade, at } of await maybeUncoveredTrades(prisma)) {
      if (!(await isSilentlyUncovered(prisma, trade))) continue;
      const since = Math.min(uncoveredSince.get(trade.id) ?? Date.now(), at.getTime());
      seen.set(trade.id, since);
      if (Date.now() - since >= HELD_UP_AFTER_MS) await alertTo(prisma, trade, since);
    }
    uncoveredSince = seen;
  };
}

async function isSilentlyUncovered(prisma: PrismaClient, { id, state, input, workflowId }: GuardedTrade) {
  const now = Date.now();
  const current = structuredClone(state) ?? newTradeState(input, workflowId, now);
  applyOrderFacts(current, await orderFacts(prisma, id), now);
  const { emulated, boundReported } = current.protection;
  // The owner knows that an emulated stop rests nowhere; that nobody watches it is an alert of its own.
  return !emulated && !boundReported && isUncovered(current);
}

async function alertTo(prisma: PrismaClient, trade: GuardedTrade, since: number): Promise<void> {
  const message = `Trade ${trade.id} has had shares without a stop at the broker since ${new Date(since).toISOString()}, and its step goes no further. Arbion goes on as soon as a worker takes it. Check the workers.`;
  const key = `${trade.id}:held_up:${since}`;
  await raiseAlert(prisma, trade, { severity: 1, code: 'trade_held_up', message, key });
}
