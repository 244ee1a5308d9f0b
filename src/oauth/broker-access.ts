import type { PrismaClient } from '../../prisma/generated/client.js';
import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../broker-port/access.js';
import { findAccount } from '../storage/broker-logins.js';
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
  loginId: string;
  readAt: number;
}

/** Gives the adapters the credentials of accounts, and newer ones for those that a broker refused. */
export function createBrokerAccess({ prisma, tokens, providers }: AccessDependencies): BrokerAccess {
  const remembered = new Map<string, Opened>();
  /** which generation a credential is that was handed out */
  const generations = new WeakMap<Credential, number>();

  function handOut(id: string, key: string, { brokerLogin, grant }: HeldGrant, readAt: number): BrokerAccount {
    const provider = providers.get(brokerLogin.broker);
    if (!provider) throw new NotConnected(`${brokerLogin.broker} is not configured`);
    const credential = provider.credentialOf(grant);
    generations.set(credential, brokerLogin.generation);
    const account = { key, credential };
    remembered.set(id, { account, loginId: brokerLogin.id, readAt });
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
      const { accountKey, brokerLogin } = await find(id);
      return handOut(id, accountKey, await tokens.current(brokerLogin), readAt);
    },
    renew: async (id, refused) => {
      const { accountKey, brokerLogin } = await find(id);
      const generation = generations.get(refused) ?? brokerLogin.generation;
      remembered.delete(id);
      const readAt = Date.now();
      return handOut(id, accountKey, await tokens.newerThan(brokerLogin.id, generation), readAt);
    },
  };
}
