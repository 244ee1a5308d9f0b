/** Puts the API's parts together; the entry point and tests give it what they connected to. */
import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { createAccounts } from '../auth/accounts.js';
import { createDevices } from '../auth/devices.js';
import { createPasswordResets } from '../auth/password-resets.js';
import type { Passwords } from '../auth/passwords.js';
import { createSecondFactor } from '../auth/second-factor.js';
import { createSessions } from '../auth/sessions.js';
import { createStartTickets } from '../auth/start-tickets.js';
import { createTokens } from '../auth/tokens.js';
import { createUserAdministration } from '../auth/user-administration.js';
import { createWebhooks } from '../auth/webhooks.js';
import type { PaperBroker } from '../brokers/paper/paper-broker.js';
import type { LiveBrokers } from '../live-brokers/live-brokers.js';
import type { Mailer } from '../mail/mailer.js';
import { createNotices } from '../mail/notices.js';
import { Logins } from '../oauth/logins.js';
import { createBackground } from '../platform/background.js';
import type { Logger } from '../platform/logger.js';
import { createRateLimiter } from '../storage/rate-limits.js';
import { createBrokerLoginClient } from '../temporal/broker-login-client.js';
import { createTradeClient } from '../temporal/trade-client.js';
import type { ApiDependencies, ApiSettings } from './http/context.js';
import { createHealthCheck } from './operations/health.js';

export interface Connections {
  prisma: PrismaClient;
  temporal: Client;
  payloadCodec: PayloadCodec;
  redis?: Redis;
  paper: PaperBroker;
  live: LiveBrokers;
  passwords: Passwords;
  mailer: Mailer;
  sessionSecret: string;
  settings: ApiSettings;
  logger: Logger;
}

export function apiDependencies(connections: Connections): ApiDependencies {
  const { prisma, temporal, payloadCodec, redis, paper, live, passwords, mailer, sessionSecret, settings, logger } =
    connections;
  const background = createBackground(logger);
  return {
    prisma,
    trades: createTradeClient(temporal),
    tickets: createStartTickets(sessionSecret),
    accounts: createAccounts(prisma, passwords),
    sessions: createSessions(prisma, settings.publicUrl),
    secondFactor: createSecondFactor(prisma, live.vault),
    passwordResets: createPasswordResets(prisma, passwords),
    devices: createDevices(sessionSecret, settings.publicUrl),
    tokens: createTokens(prisma),
    webhooks: createWebhooks(prisma, live.vault),
    users: createUserAdministration(prisma),
    notices: createNotices(mailer, background, settings.publicUrl),
    background,
    rateLimiter: createRateLimiter(prisma, redis),
    brokerLogins: createBrokerLoginClient(temporal),
    logins: new Logins({ prisma, vault: live.vault, providers: live.providers, publicUrl: settings.publicUrl }),
    providers: live.providers,
    brokers: new Map([paper, ...live.brokers].map((broker) => [broker.name, broker])),
    paperLedger: (account) => paper.ledger(account),
    payloadCodec,
    health: createHealthCheck(prisma, temporal, redis),
    settings,
    logger,
  };
}
