import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Logger } from '../platform/logger.js';
import { raiseAccountAlertToAll } from '../storage/account-alerts.js';
import { accountsToGuard } from '../storage/guarded-trades.js';
import type { GuardianClient } from '../temporal/guardian-client.js';

export interface GuardianKeeperDependencies extends Pick<GuardianClient, 'ensureGuardian' | 'reviveGuardian'> {
  prisma: PrismaClient;
  logger: Logger;
}

const PACE_MS = 30_000;
const HOUR_MS = 3_600_000;
/** What was wrong with a guardian, for people. */
const FAULTS = { stuck: 'failed again and again', ended: 'was terminated or had failed' };

/**
 * Who guards the guardians: calls that of every account with open trades, so that one which was terminated is back within
 * half a minute, and puts another in the place of one whose workflow task fails again and again.
 */
export async function keepGuardians(dependencies: GuardianKeeperDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await callGuardians(dependencies).catch((error: unknown) => {
      dependencies.logger.warn({ error }, 'the guardians could not be reached; trying again');
    });
    await pause(PACE_MS, undefined, { signal: stop }).catch(() => {});
  }
}

export async function callGuardians(dependencies: GuardianKeeperDependencies): Promise<void> {
  const { prisma, ensureGuardian, reviveGuardian } = dependencies;
  for (const { broker, account } of await accountsToGuard(prisma)) {
    const fault = await reviveGuardian(broker, account);
    if (fault) await report(dependencies, account, fault);
    else await ensureGuardian(broker, account);
  }
}

/** One alert an hour: what made the last one fail may make the next one fail, too. */
async function report({ prisma, logger }: GuardianKeeperDependencies, account: string, fault: keyof typeof FAULTS) {
  logger.error({ account, fault }, 'a guardian was started anew');
  const message = `The guardian of account ${account} ${FAULTS[fault]} and was started anew. If this comes again, read the worker's log and the workflow guardian-${account} in Temporal's console.`;
  const key = `${account}:guardian_restarted:${Math.floor(Date.now() / HOUR_MS)}`;
  await raiseAccountAlertToAll(prisma, account, { severity: 2, code: 'guardian_restarted', message, key });
}
