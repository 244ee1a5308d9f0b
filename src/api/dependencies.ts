/** Puts the API's parts together; the entry point and tests give it what they connected to. */
import type { Client } from '@temporalio/client';
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { createAccounts } from '../auth/accounts.js';
import type { Passwords } from '../auth/passwords.js';
import { createSessions } from '../auth/sessions.js';
import { createStartTickets } from '../auth/start-tickets.js';
import { createTokens } from '../auth/tokens.js';
import type { LiveBrokers } from '../brokers/live-brokers.js';
import type { PaperBroker } from '../brokers/paper/paper-broker.js';
import { Logins } from '../oauth/logins.js';
import type { Logger } from '../platform/logger.js';
import { createRateLimiter } from '../storage/rate-limits.js';
import { createConnectionClient } from '../temporal/connection-client.js';
import { createTradeClient } from '../temporal/trade-client.js';
import type { ApiDependencies, ApiSettings } from './context.js';
import { createHealthCheck } from './health.js';

export interface Connections {
  prisma: PrismaClient;
  temporal: Client;
  redis?: Redis;
  paper: PaperBroker;
  live: LiveBrokers;
  passwords: Passwords;
  sessionSecret: string;
  settings: ApiSettings;
  logger: Logger;
}

export function apiDependencies(connections: Connections): ApiDependencies {
  const { prisma, temporal, redis, paper, live, passwords, sessionSecret, settings, logger } = connections;
  return {
    prisma,
    trades: createTradeClient(temporal),
    tickets: createStartTickets(sessionSecret),
    accounts: createAccounts(prisma, passwords),
    sessions: createSessions(prisma, settings.publicUrl),
    tokens: createTokens(prisma),
    rateLimiter: createRateLimiter(prisma, redis),
    connections: createConnectionClient(temporal),
    logins: new Logins({ prisma, vault: live.vault, providers: live.providers, publicUrl: settings.publicUrl }),
    providers: live.providers,
    brokers: new Map([paper, ...live.brokers].map((broker) => [broker.name, broker])),
    paperLedger: (account) => paper.ledger(account),
    health: createHealthCheck(prisma, temporal, redis),
    settings,
    logger,
  };
}
