import { randomBytes } from 'node:crypto';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { createFirstTrader } from '../auth/first-trader.js';
import {
  type Credentials,
  type HomePaths,
  readCredentials,
  readSecrets,
  type Secrets,
  writeCredentials,
  writeSecrets,
} from '../platform/home.js';

/** The secrets of this installation, created at its first start; one from before gets what it lacks. */
export function secretsOf(paths: HomePaths): Secrets & { applicationPassword: string } {
  const kept = readSecrets(paths);
  const { applicationPassword = randomBytes(24).toString('base64url') } = kept ?? {};
  const secrets = {
    sessionSecret: randomBytes(48).toString('base64url'),
    encryptionKey: `k1:${randomBytes(32).toString('base64')}`,
    postgresPassword: randomBytes(24).toString('base64url'),
    ...kept,
    applicationPassword,
  };
  if (kept?.applicationPassword === undefined) writeSecrets(paths, secrets);
  return secrets;
}

/** Where the parts of the installation listen at this start. */
export type Addresses = Pick<Credentials, 'url' | 'databaseUrl' | 'temporalAddress'>;

/**
 * Brings the credentials file up to date; the first time with a new trader and a token. `isNew`: this was the first
 * time.
 */
export async function credentialsOf(
  paths: HomePaths,
  addresses: Addresses,
  prisma: PrismaClient,
): Promise<Credentials & { isNew: boolean }> {
  const kept = readCredentials(paths);
  const credentials = { ...(kept ?? (await createFirstTrader(prisma))), ...addresses };
  writeCredentials(paths, credentials);
  return { ...credentials, isNew: kept === undefined };
}
