import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Logger } from '../platform/logger.js';
import { connectionsToKeep } from '../storage/connections.js';

export interface ConnectionKeeperDependencies {
  prisma: PrismaClient;
  lookAt(connectionId: string): Promise<void>;
  logger: Logger;
}

const PACE_MS = 10 * 60_000;

/** Calls every connection's workflow now and then, so that one that was terminated, or never started, comes back. */
export async function keepConnections(dependencies: ConnectionKeeperDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await callConnections(dependencies).catch((error: unknown) => {
      dependencies.logger.warn({ error }, 'the connections could not be called; trying again');
    });
    await pause(PACE_MS, undefined, { signal: stop }).catch(() => {});
  }
}

async function callConnections({ prisma, lookAt }: ConnectionKeeperDependencies): Promise<void> {
  for (const id of await connectionsToKeep(prisma)) await lookAt(id);
}
