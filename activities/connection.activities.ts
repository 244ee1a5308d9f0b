import { log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import { NotConnected } from '../src/broker-port/access.js';
import { type ConnectionFacts, upkeepOf } from '../src/domain/connection.js';
import type { TokenRefresh } from '../src/oauth/token-refresh.js';
import { raiseLoginDue } from '../src/storage/connection-alerts.js';
import { type Connection, findConnection } from '../src/storage/connections.js';
import type { ConnectionActivities, ConnectionPass } from './contracts.js';

export interface ConnectionDependencies {
  prisma: PrismaClient;
  tokens: TokenRefresh;
}

const SHORTEST_REST_MS = 1_000;

export function createConnectionActivities({ prisma, tokens }: ConnectionDependencies): ConnectionActivities {
  async function keepConnection({ connectionId }: { connectionId: string }): Promise<ConnectionPass> {
    const before = await findConnection(prisma, connectionId);
    if (before && upkeepOf(factsOf(before), Date.now()).refresh) await refresh(before);
    const connection = await findConnection(prisma, connectionId);
    // Its user was deleted.
    if (!connection) return { broker: 'none', state: 'disconnected', code: null, nextInMs: SHORTEST_REST_MS };
    const now = Date.now();
    const { warning, nextAt } = upkeepOf(factsOf(connection), now);
    if (warning) await raiseLoginDue(prisma, connection, warning);
    const { broker, state, code } = connection;
    return { broker, state, code, nextInMs: Math.max(SHORTEST_REST_MS, nextAt - now) };
  }

  async function refresh({ id, generation }: Connection): Promise<void> {
    try {
      await tokens.newerThan(id, generation);
    } catch (error) {
      if (!(error instanceof NotConnected)) throw error;
      log.warn('a credential could not be refreshed now', { connectionId: id, reason: error.message });
    }
  }

  return { keepConnection };
}

function factsOf({ broker, state, expiresAt, loginDueAt }: Connection): ConnectionFacts {
  return {
    broker,
    state,
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(loginDueAt && { loginDueAt: loginDueAt.getTime() }),
  };
}
