/** Puts together what a process needs to speak to the brokers that are configured. */
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { type BrokerAccess, type Credential, NotConnected } from '../broker-port/access.js';
import type { Broker } from '../broker-port/broker.js';
import { forPeople, type RequestBudget, unlimited } from '../broker-port/request-budget.js';
import type { SharedQuotes } from '../broker-port/shared-quotes.js';
import { AlpacaBroker } from '../brokers/alpaca/alpaca-broker.js';
import { CoinbaseBroker } from '../brokers/coinbase/coinbase-broker.js';
import { EtradeBroker } from '../brokers/etrade/etrade-broker.js';
import { SchwabBroker } from '../brokers/schwab/schwab-broker.js';
import type { LiveBroker } from '../domain/broker-login.js';
import { createBrokerAccess } from '../oauth/broker-access.js';
import { createLoginProviders } from '../oauth/providers.js';
import { TokenRefresh } from '../oauth/token-refresh.js';
import type { BrokerSettings, BrokersSettings } from '../platform/broker-settings.js';
import type { EncryptionKey } from '../platform/settings.js';
import { createRequestBudget } from '../storage/request-budgets.js';
import { createSharedQuotes } from '../storage/shared-quotes.js';
import { createVault } from '../vault/vault.js';

/** An account that a login opens: the broker's own name of it, and one for people. */
interface NamedAccount {
  key: string;
  label: string;
}

type LiveAdapter = Broker & { accounts(account: string): Promise<NamedAccount[]> };

export interface LiveParts {
  prisma: PrismaClient;
  /** connections for locks alone */
  locks: pg.Pool;
  redis?: Redis;
  encryptionKeys: readonly EncryptionKey[];
  settings: BrokersSettings;
}
export type LiveBrokers = ReturnType<typeof connectBrokers>;

interface Ways {
  access: BrokerAccess;
  budget: RequestBudget;
  sharedQuotes?: SharedQuotes;
}

const ADAPTERS: Record<LiveBroker, (baseUrl: string, ways: Ways) => LiveAdapter> = {
  schwab: (baseUrl, ways) => new SchwabBroker({ baseUrl, ...ways }),
  coinbase: (baseUrl, ways) => new CoinbaseBroker({ baseUrl: `${baseUrl}/api/v3/brokerage`, ...ways }),
  etrade: (baseUrl, ways) => new EtradeBroker({ baseUrl, ...ways }),
  alpaca: (baseUrl, ways) => new AlpacaBroker({ baseUrl, ...ways }),
};

export function connectBrokers({ prisma, locks, redis, encryptionKeys, settings }: LiveParts) {
  const vault = createVault(encryptionKeys);
  const providers = createLoginProviders(settings, accountsOf);
  const tokens = new TokenRefresh({ prisma, locks, vault, providers });
  const ways = {
    access: createBrokerAccess({ prisma, tokens, providers }),
    budget: createRequestBudget(prisma, redis),
    ...(redis && { sharedQuotes: createSharedQuotes(redis) }),
  };
  const waysOfPeople = { ...ways, budget: forPeople(ways.budget) };
  const configured = Object.entries(settings) as [LiveBroker, BrokerSettings][];
  const brokers = configured.map(([name, { baseUrl }]) => ADAPTERS[name](baseUrl, ways));
  /** for what people read: trades come first */
  const readers = configured.map(([name, { baseUrl }]) => ADAPTERS[name](baseUrl, waysOfPeople));
  return { vault, providers, tokens, brokers, readers };
}

/** The accounts that a credential opens, or `refused` when the broker does not take it. @throws BrokerUnavailable */
export async function accountsOf(
  name: LiveBroker,
  { baseUrl }: BrokerSettings,
  credential: Credential,
): Promise<NamedAccount[] | 'refused'> {
  let isRefused = false;
  const access: BrokerAccess = {
    open: async () => ({ key: '', credential }),
    renew: async () => {
      isRefused = true;
      throw new NotConnected(`${name} does not take the credential`);
    },
  };
  try {
    return await ADAPTERS[name](baseUrl, { access, budget: unlimited }).accounts('');
  } catch (error) {
    if (isRefused) return 'refused';
    throw error;
  }
}
