import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Broker } from '../broker-port/broker.js';
import type { Logger } from '../platform/logger.js';
import { accountsToGuard } from '../storage/guarded-trades.js';
import { runAsLeader } from './leader.js';
import { LevelIndex } from './level-index.js';
import { createLevelReader } from './level-reader.js';
import { LiveAccount } from './live-account.js';
import type { Hint } from './price-hints.js';

export interface LiveEventsDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  brokers: readonly Broker[];
  hint: Hint;
  logger: Logger;
}

/** One call for all symbols of an account: 30 a minute at most, which leaves every broker's budget its stops. */
const PACE_MS = 2_000;

/**
 * Wakes the trades at live brokers whose orders something happened to, or whose entry, stop or target was crossed. One
 * process does both: a broker may allow a login only one stream for orders and quotes.
 */
export async function runLiveEvents(dependencies: LiveEventsDependencies, stop: AbortSignal): Promise<void> {
  const { prisma, locks, brokers, logger } = dependencies;
  const byName = new Map(brokers.map((broker) => [broker.name, broker]));
  const accounts = new Map<string, LiveAccount>();
  const levels = new LevelIndex(({ account }) => account);
  const readLevels = createLevelReader(prisma, [...byName.keys()], levels);

  async function beat(): Promise<void> {
    const [wanted] = await Promise.all([accountsToGuard(prisma), readLevels()]);
    for (const { broker, account } of wanted) enter(broker, account);
    for (const id of accounts.keys()) if (!wanted.some(({ account }) => account === id)) leave(id);
    for (const account of accounts.values()) account.watch();
  }

  function enter(name: string, account: string): void {
    const broker = byName.get(name);
    if (!broker || accounts.has(account)) return;
    accounts.set(account, new LiveAccount({ ...dependencies, broker, account, levels }));
  }

  function leave(account: string): void {
    accounts.get(account)?.leave();
    accounts.delete(account);
  }

  function resign(): void {
    for (const account of accounts.keys()) leave(account);
  }

  await runAsLeader({ name: 'live-events', locks, paceMs: PACE_MS, beat, resign, logger }, stop);
}
