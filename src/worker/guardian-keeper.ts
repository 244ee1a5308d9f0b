import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Logger } from '../platform/logger.js';
import { accountsToGuard } from '../storage/guarded-trades.js';

export interface GuardianKeeperDependencies {
  prisma: PrismaClient;
  ensureGuardian(broker: string, account: string): Promise<void>;
  logger: Logger;
}

const PACE_MS = 30_000;

/** Calls the guardian of every account with open trades, so that one that was terminated is back within half a minute. */
export async function keepGuardians(dependencies: GuardianKeeperDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await callGuardians(dependencies).catch((error: unknown) => {
      dependencies.logger.warn({ error }, 'the guardians could not be reached; trying again');
    });
    await pause(PACE_MS, undefined, { signal: stop }).catch(() => {});
  }
}

export async function callGuardians({ prisma, ensureGuardian }: GuardianKeeperDependencies): Promise<void> {
  for (const { broker, account } of await accountsToGuard(prisma)) await ensureGuardian(broker, account);
}
