import { log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import { NotConnected } from '../src/broker-port/access.js';
import { type BrokerLoginFacts, upkeepOf } from '../src/domain/broker-login.js';
import type { TokenRefresh } from '../src/oauth/token-refresh.js';
import { raiseLoginDue } from '../src/storage/broker-login-alerts.js';
import { type BrokerLogin, findBrokerLogin } from '../src/storage/broker-logins.js';
import type { BrokerLoginActivities, BrokerLoginPass } from './contracts.js';

export interface BrokerLoginDependencies {
  prisma: PrismaClient;
  tokens: TokenRefresh;
}

const SHORTEST_REST_MS = 1_000;

export function createBrokerLoginActivities({ prisma, tokens }: BrokerLoginDependencies): BrokerLoginActivities {
  async function keepConnection({ connectionId }: { connectionId: string }): Promise<BrokerLoginPass> {
    const before = await findBrokerLogin(prisma, connectionId);
    if (before && upkeepOf(factsOf(before), Date.now()).refresh) await refresh(before);
    const brokerLogin = await findBrokerLogin(prisma, connectionId);
    // Its user was deleted.
    if (!brokerLogin) return { broker: 'none', state: 'disconnected', code: null, nextInMs: SHORTEST_REST_MS };
    const now = Date.now();
    const { warning, nextAt } = upkeepOf(factsOf(brokerLogin), now);
    if (warning) await raiseLoginDue(prisma, brokerLogin, warning);
    const { broker, state, code } = brokerLogin;
    return { broker, state, code, nextInMs: Math.max(SHORTEST_REST_MS, nextAt - now) };
  }

  async function refresh({ id, generation }: BrokerLogin): Promise<void> {
    try {
      await tokens.newerThan(id, generation);
    } catch (error) {
      if (!(error instanceof NotConnected)) throw error;
      log.warn('a credential could not be refreshed now', { connectionId: id, reason: error.message });
    }
  }

  return { keepConnection };
}

function factsOf({ broker, state, expiresAt, loginDueAt }: BrokerLogin): BrokerLoginFacts {
  return {
    broker,
    state,
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(loginDueAt && { loginDueAt: loginDueAt.getTime() }),
  };
}
