import type { PrismaClient } from '../../prisma/generated/client.js';
import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../broker-port/access.js';
import { findAccount } from '../storage/connections.js';
import type { LoginProvider } from './login-provider.js';
import type { HeldGrant, TokenRefresh } from './token-refresh.js';

export interface AccessDependencies {
  prisma: PrismaClient;
  tokens: TokenRefresh;
  providers: ReadonlyMap<string, LoginProvider>;
}

/** No call is made with a credential that another process took the place of longer ago. */
const REMEMBERED_MS = 5_000;

interface Opened {
  account: BrokerAccount;
  connectionId: string;
  readAt: number;
}

/** Gives the adapters the credentials of accounts, and newer ones for those that a broker refused. */
export function createBrokerAccess({ prisma, tokens, providers }: AccessDependencies): BrokerAccess {
  const remembered = new Map<string, Opened>();
  /** which generation a credential is that was handed out */
  const generations = new WeakMap<Credential, number>();

  function handOut(id: string, key: string, { connection, grant }: HeldGrant, readAt: number): BrokerAccount {
    const provider = providers.get(connection.broker);
    if (!provider) throw new NotConnected(`${connection.broker} is not configured`);
    const credential = provider.credentialOf(grant);
    generations.set(credential, connection.generation);
    const account = { key, credential };
    remembered.set(id, { account, connectionId: connection.id, readAt });
    return account;
  }

  async function find(id: string) {
    const found = await findAccount(prisma, id);
    if (!found) throw new NotConnected(`the account ${id} is not connected`);
    return found;
  }

  return {
    open: async (id) => {
      const known = remembered.get(id);
      const readAt = Date.now();
      if (known && readAt - known.readAt < REMEMBERED_MS) return known.account;
      remembered.delete(id);
      const { accountKey, connection } = await find(id);
      return handOut(id, accountKey, await tokens.current(connection), readAt);
    },
    renew: async (id, refused) => {
      const { accountKey, connection } = await find(id);
      const generation = generations.get(refused) ?? connection.generation;
      remembered.delete(id);
      const readAt = Date.now();
      return handOut(id, accountKey, await tokens.newerThan(connection.id, generation), readAt);
    },
  };
}
