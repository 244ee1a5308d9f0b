import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { PayloadCodec } from '@temporalio/common';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import type { Accounts } from '../../auth/accounts.js';
import type { Caller } from '../../auth/caller.js';
import type { Devices } from '../../auth/devices.js';
import type { PasswordResets } from '../../auth/password-resets.js';
import type { SecondFactor } from '../../auth/second-factor.js';
import type { Sessions } from '../../auth/sessions.js';
import type { StartTickets } from '../../auth/start-tickets.js';
import type { Tokens } from '../../auth/tokens.js';
import type { UserAdministration } from '../../auth/user-administration.js';
import type { Webhook, Webhooks } from '../../auth/webhooks.js';
import type { Broker } from '../../broker-port/broker.js';
import type { LedgerOfPaper } from '../../brokers/paper/ledger.js';
import type { Notices } from '../../mail/notices.js';
import type { LoginProvider } from '../../oauth/login-provider.js';
import type { Logins } from '../../oauth/logins.js';
import type { Background } from '../../platform/background.js';
import type { Logger } from '../../platform/logger.js';
import type { RateLimits } from '../../platform/rate-limit-settings.js';
import type { RateLimiter } from '../../storage/rate-limits.js';
import type { BrokerLoginClient } from '../../temporal/broker-login-client.js';
import type { TradeClient } from '../../temporal/trade-client.js';
import type { HealthCheck } from '../operations/health.js';

/** Everything the API works with; made by the entry point alone. */
export interface ApiDependencies {
  prisma: PrismaClient;
  trades: TradeClient;
  tickets: StartTickets;
  accounts: Accounts;
  sessions: Sessions;
  secondFactor: SecondFactor;
  passwordResets: PasswordResets;
  devices: Devices;
  tokens: Tokens;
  webhooks: Webhooks;
  users: UserAdministration;
  notices: Notices;
  background: Background;
  rateLimiter: RateLimiter;
  brokerLogins: BrokerLoginClient;
  logins: Logins;
  /** of the brokers that are set up here */
  providers: ReadonlyMap<string, LoginProvider>;
  /** by name; the paper broker is always there */
  brokers: ReadonlyMap<string, Broker>;
  /** the paper broker's own books of one account */
  paperLedger: (account: string) => Promise<LedgerOfPaper>;
  /** encrypts what workflows carry */
  payloadCodec: PayloadCodec;
  health: HealthCheck;
  settings: ApiSettings;
  logger: Logger;
}

export interface ApiSettings {
  publicUrl: string;
  /** the origin of Temporal's console */
  temporalUiUrl: string;
  rateLimits: RateLimits;
  trustedHops: number;
  metricsToken?: string;
}

/** What a request carries from one middleware to the next. */
export interface AppEnv {
  /** absent when a test calls the app without a server */
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    logger: Logger;
    clientAddress: string;
    /** absent for an anonymous request */
    caller?: Caller | undefined;
    /** why there is no caller although the request brought a credential */
    refusedCredential?: 'unauthenticated' | 'session-expired' | undefined;
    /** the one that a signal has proven to be of; only where signals are taken */
    webhook?: Webhook;
  };
}

/** A part of the API that routes are added to. */
export type Routes = OpenAPIHono<AppEnv>;
