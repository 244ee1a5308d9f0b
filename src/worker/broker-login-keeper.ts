import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Logger } from '../platform/logger.js';
import { brokerLoginsToKeep } from '../storage/broker-logins.js';

export interface BrokerLoginKeeperDependencies {
  prisma: PrismaClient;
  lookAt(loginId: string): Promise<void>;
  logger: Logger;
}

const PACE_MS = 10 * 60_000;

/** Signals every broker login's workflow now and then: this starts again one that was terminated or never started. */
export async function keepBrokerLogins(dependencies: BrokerLoginKeeperDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await callBrokerLogins(dependencies).catch((error: unknown) => {
      dependencies.logger.warn({ error }, 'the workflows of the broker logins could not be reached; trying again');
    });
    await pause(PACE_MS, undefined, { signal: stop }).catch(() => {});
  }
}

async function callBrokerLogins({ prisma, lookAt }: BrokerLoginKeeperDependencies): Promise<void> {
  for (const id of await brokerLoginsToKeep(prisma)) await lookAt(id);
}
