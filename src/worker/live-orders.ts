import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Broker, OrderEvents } from '../brokers/broker.js';
import { tradeIdOfClientOrder } from '../domain/ids.js';
import type { Logger } from '../platform/logger.js';
import { accountsToGuard } from '../storage/guarded-trades.js';
import { liveTradeIds } from '../storage/trade-queries.js';
import { runAsLeader } from './leader.js';
import type { Hint } from './price-hints.js';

export interface LiveOrdersDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  brokers: readonly Broker[];
  hint: Hint;
  logger: Logger;
}

const PACE_MS = 5_000;

/** Listens to the order events of every account with open trades, where its broker has them, and wakes the trades. */
export async function runLiveOrders(dependencies: LiveOrdersDependencies, stop: AbortSignal): Promise<void> {
  const { prisma, locks, brokers, hint, logger } = dependencies;
  const listening = new Map<string, AbortController>();

  async function beat(): Promise<void> {
    const wanted = await accountsToGuard(prisma);
    for (const { broker, account } of wanted) if (!listening.has(account)) listen(broker, account);
    for (const account of listening.keys()) if (!wanted.some((one) => one.account === account)) leave(account);
  }

  function listen(name: string, account: string): void {
    const broker = brokers.find((candidate) => candidate.name === name);
    if (!broker?.followOrders) return;
    const ending = new AbortController();
    listening.set(account, ending);
    const followed = broker.followOrders(account, eventsOf(account), AbortSignal.any([stop, ending.signal]));
    followed
      .catch((error: unknown) =>
        logger.warn({ error, account }, 'order events broke off; the trades look by themselves'),
      )
      .finally(() => {
        if (listening.get(account) === ending) listening.delete(account);
      });
  }

  function leave(account: string): void {
    listening.get(account)?.abort();
    listening.delete(account);
  }

  function eventsOf(account: string): OrderEvents {
    return {
      onOrder: (clientOrderId) => {
        const id = tradeIdOfClientOrder(clientOrderId);
        if (id) void wake([id]);
      },
      // What happened before is not told: every trade of the account reads for itself.
      onListening: () => void liveTradeIds(prisma, { account }).then(wake, ignored),
      onLost: (detail) => logger.info({ account, detail }, 'order events are not heard for the moment'),
    };
  }

  async function wake(ids: Parameters<Hint>[0][]): Promise<void> {
    await Promise.all(ids.map((id) => hint(id, 'brokerEvent'))).catch(ignored);
  }

  /** Only a hint was lost. */
  function ignored(error: unknown): void {
    logger.debug({ error }, 'a hint was not given; the trades look by themselves');
  }

  await runAsLeader({ name: 'live-orders', locks, paceMs: PACE_MS, beat, logger }, stop);
  for (const account of listening.keys()) leave(account);
}
