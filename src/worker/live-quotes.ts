import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Broker } from '../brokers/broker.js';
import type { Logger } from '../platform/logger.js';
import { type WatchedLevels, watchedLevels } from '../storage/watched-levels.js';
import { runAsLeader } from './leader.js';
import { type Hint, PriceHints } from './price-hints.js';

export interface LiveQuotesDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  brokers: readonly Broker[];
  hint: Hint;
  logger: Logger;
}

/** One call for all symbols of an account: 30 a minute, which leaves every broker's budget its stops. */
const PACE_MS = 2_000;

/** Reads the quotes of all open live trades, one call an account, and wakes those whose stop or target was crossed. */
export function runLiveQuotes(dependencies: LiveQuotesDependencies, stop: AbortSignal): Promise<void> {
  const { prisma, locks, brokers, hint, logger } = dependencies;
  const hints = new PriceHints(hint);
  const byName = new Map(brokers.map((broker) => [broker.name, broker]));

  async function beat(): Promise<void> {
    const watched = await watchedLevels(prisma, [...byName.keys()]);
    const accounts = new Set(watched.map(({ account }) => account));
    await Promise.all(
      [...accounts].map((id) =>
        watch(
          id,
          watched.filter(({ account }) => account === id),
        ),
      ),
    );
  }

  async function watch(account: string, levels: readonly WatchedLevels[]): Promise<void> {
    const broker = byName.get(levels[0]?.broker ?? '');
    if (!broker) return;
    try {
      await hints.give(levels, await broker.quotes([...new Set(levels.map(({ symbol }) => symbol))], account));
    } catch (error) {
      // The trades look by themselves every minute, and tell a person when they cannot.
      logger.debug({ error, account }, 'no live quotes for this account at the moment');
    }
  }

  return runAsLeader({ name: 'live-quotes', locks, paceMs: PACE_MS, beat, logger }, stop);
}
