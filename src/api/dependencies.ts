/** Assembles the parts of the API from what the entry point, or a test, is connected to. */

import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { type Accounts, createAccounts } from '../auth/accounts.js';
import { createDevices, type Devices } from '../auth/devices.js';
import { createPasswordResets, type PasswordResets } from '../auth/password-resets.js';
import type { Passwords } from '../auth/passwords.js';
import { createRegistrations, type Registrations } from '../auth/registrations.js';
import { createSecondFactor, type SecondFactor } from '../auth/second-factor.js';
import { createSessions, type Sessions } from '../auth/sessions.js';
import { createStartTickets, type StartTickets } from '../auth/start-tickets.js';
import { createTokens, type Tokens } from '../auth/tokens.js';
import { createTurns, type Turns } from '../auth/turns.js';
import { createUserAdministration, type UserAdministration } from '../auth/user-administration.js';
import { createWebhooks, type Webhooks } from '../auth/webhooks.js';
import type { Broker } from '../broker-port/broker.js';
import type { LedgerOfPaper } from '../brokers/paper/ledger.js';
import type { PaperBroker } from '../brokers/paper/paper-broker.js';
import type { LiveBrokers } from '../live-brokers/live-brokers.js';
import type { Mailer } from '../mail/mailer.js';
import { createNotices, type Notices } from '../mail/notices.js';
import type { LoginProvider } from '../oauth/login-provider.js';
import { Logins } from '../oauth/logins.js';
import { type Background, createBackground } from '../platform/background.js';
import type { Logger } from '../platform/logger.js';
import type { RateLimits } from '../platform/rate-limit-settings.js';
import { createRateLimiter, type RateLimiter } from '../storage/rate-limits.js';
import { type BrokerLoginClient, createBrokerLoginClient } from '../temporal/broker-login-client.js';
import { createTradeClient, type TradeClient } from '../temporal/trade-client.js';
import { createHealthCheck, type HealthCheck } from './operations/health.js';

/** Everything the API works with. */
export interface ApiDependencies {
  prisma: PrismaClient;
  trades: TradeClient;
  tickets: StartTickets;
  accounts: Accounts;
  registrations: Registrations;
  sessions: Sessions;
  secondFactor: SecondFactor;
  passwordResets: PasswordResets;
  /** of requests that check a password */
  passwordTurns: Turns;
  devices: Devices;
  tokens: Tokens;
  webhooks: Webhooks;
  users: UserAdministration;
  notices: Notices;
  background: Background;
  rateLimiter: RateLimiter;
  brokerLogins: BrokerLoginClient;
  logins: Logins;
  /** by broker, for those that are set up here */
  providers: ReadonlyMap<string, LoginProvider>;
  /** by name; the paper broker is always there */
  brokers: ReadonlyMap<string, Broker>;
  /** the same for what people read, which never takes the calls that trades need */
  readers: ReadonlyMap<string, Broker>;
  /** the time of a broker's market, epoch milliseconds; a live one's is the wall clock's. @throws BrokerUnavailable */
  marketTime: (broker: string) => Promise<number>;
  /** the paper broker's ledger of one account */
  paperLedger: (account: string) => Promise<LedgerOfPaper>;
  /** encrypts what workflows carry */
  payloadCodec: PayloadCodec;
  health: HealthCheck;
  settings: ApiSettings;
  logger: Logger;
}

export interface ApiSettings {
  publicUrl: string;
  temporal: { namespace: string };
  /** where Temporal's console is */
  temporalUiUrl?: string;
  rateLimits: RateLimits;
  trustedHops: number;
  metricsToken?: string;
}

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

/**
 * Enough to keep the hashing threads busy, and a queue of some seconds of hashing. What is refused for other reasons is
 * through in milliseconds, so guesses at one account do not fill it.
 */
const PASSWORD_TURNS = { atOnce: 8, waiting: 250 };

export function apiDependencies(connections: Connections): ApiDependencies {
  const { prisma, temporal, payloadCodec, redis, paper, live, passwords, mailer, sessionSecret, settings, logger } =
    connections;
  const background = createBackground(logger);
  return {
    prisma,
    trades: createTradeClient(temporal),
    tickets: createStartTickets(sessionSecret),
    accounts: createAccounts(prisma, passwords),
    registrations: createRegistrations(prisma, passwords),
    sessions: createSessions(prisma, settings.publicUrl),
    secondFactor: createSecondFactor(prisma, live.vault),
    passwordResets: createPasswordResets(prisma, passwords),
    passwordTurns: createTurns(PASSWORD_TURNS),
    devices: createDevices(prisma, sessionSecret, settings.publicUrl),
    tokens: createTokens(prisma),
    webhooks: createWebhooks(prisma, live.vault),
    users: createUserAdministration(prisma),
    notices: createNotices(mailer, background, settings.publicUrl),
    background,
    rateLimiter: createRateLimiter(prisma, redis),
    brokerLogins: createBrokerLoginClient(temporal),
    logins: new Logins({ prisma, vault: live.vault, providers: live.providers, publicUrl: settings.publicUrl }),
    providers: live.providers,
    brokers: byName([paper, ...live.brokers]),
    readers: byName([paper, ...live.readers]),
    marketTime: async (broker) => (broker === paper.name ? paper.marketTime() : Date.now()),
    paperLedger: (account) => paper.ledger(account),
    payloadCodec,
    health: createHealthCheck(prisma, temporal, redis),
    settings,
    logger,
  };
}

function byName(brokers: readonly Broker[]): ReadonlyMap<string, Broker> {
  return new Map(brokers.map((broker) => [broker.name, broker]));
}
