/** A process that refreshes one credential and is killed on the way; `crash.soak.test.ts` starts it. */
import pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { accountsOf } from '../../src/live-brokers/live-brokers.js';
import { createBrokerAccess } from '../../src/oauth/broker-access.js';
import type { LoginProvider } from '../../src/oauth/login-provider.js';
import { createLoginProviders } from '../../src/oauth/providers.js';
import { TokenRefresh } from '../../src/oauth/token-refresh.js';
import type { BrokersSettings } from '../../src/platform/broker-settings.js';
import { createDatabase } from '../../src/storage/database.js';
import { createVault } from '../../src/vault/vault.js';

export type KillPoint = 'before_lock' | 'after_lock' | 'after_http' | 'after_write' | 'before_unlock';

export interface RefreshingProcess {
  databaseUrl: string;
  brokers: BrokersSettings;
  /** keys in base64 */
  ring: { id: string; key: string }[];
  account: string;
  point: KillPoint;
}

const settings = JSON.parse(process.env.TEST_REFRESH ?? '') as RefreshingProcess;

function reach<Value>(point: KillPoint, value: Value): Value {
  if (point === settings.point) process.kill(process.pid, 'SIGKILL');
  return value;
}

function aroundProvider(provider: LoginProvider): LoginProvider {
  return {
    ...provider,
    refresh: async (grant) => {
      reach('after_lock', grant);
      return reach('after_http', await provider.refresh(grant));
    },
  };
}

function aroundPrisma(prisma: PrismaClient): PrismaClient {
  let isWritten = false;
  return prisma.$extends({
    query: {
      brokerLogin: {
        updateMany: async ({ args, query }) => {
          const result = await query(args);
          if (args.data.generation === undefined) return result;
          isWritten = true;
          return reach('after_write', result);
        },
        findUnique: async ({ args, query }) => {
          const row = await query(args);
          return isWritten ? reach('before_unlock', row) : row;
        },
      },
    },
  }) as unknown as PrismaClient;
}

const prisma = aroundPrisma(createDatabase(settings.databaseUrl).prisma);
const locks = new pg.Pool({ connectionString: settings.databaseUrl, max: 1 });
const vault = createVault(settings.ring.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })));
const providers = createLoginProviders(settings.brokers, accountsOf);
for (const [name, provider] of providers) providers.set(name, aroundProvider(provider));
const tokens = new TokenRefresh({ prisma, locks, vault, providers });
const access = createBrokerAccess({ prisma, tokens, providers });

const { credential } = await access.open(settings.account);
reach('before_lock', credential);
await access.renew(settings.account, credential);
