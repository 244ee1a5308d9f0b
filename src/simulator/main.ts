/** `npm run simulator`: the exchange and its brokers on this machine. Settings are explained in docs/simulator.md. */
import { join } from 'node:path';
import { z } from 'zod';
import { decimal } from '../domain/decimal.js';
import { SyntheticFeed } from '../market-data/synthetic-feed.js';
import { homePaths } from '../platform/home.js';
import { createLogger } from '../platform/logger.js';
import { shutdownOnSignal } from '../platform/shutdown.js';
import { listen } from './server.js';
import { openSimulator, type RunningSimulator } from './simulator.js';

const settings = z
  .object({
    SIMULATOR_HOME: z.string().optional(),
    SIMULATOR_HOST: z.string().default('127.0.0.1'),
    SIMULATOR_PORT: z.coerce.number().int().min(1).max(65_535).default(8100),
    SIMULATOR_RATE_LIMITS: z.enum(['on', 'off']).default('on'),
    SIMULATOR_LAGS: z.enum(['on', 'off']).default('off'),
    /** `certificate:key`, the paths of two files */
    SIMULATOR_TLS: z
      .string()
      .regex(/^[^:]+:[^:]+$/)
      .optional(),
    SIMULATOR_TLS_PORT: z.coerce.number().int().min(1).max(65_535).default(8143),
    LOG_LEVEL: z.string().default('info'),
  })
  .parse(process.env);

const logger = createLogger({ name: 'simulator', level: settings.LOG_LEVEL });
const shutdown = shutdownOnSignal({ logger, timeoutMs: 5_000 });
const directory = settings.SIMULATOR_HOME ?? join(homePaths(process.env).root, 'simulator');
const simulator = openSimulator({
  directory,
  source: new SyntheticFeed(),
  keepsRateLimits: settings.SIMULATOR_RATE_LIMITS === 'on',
  hasLags: settings.SIMULATOR_LAGS === 'on',
});
shutdown.add('ledger', () => simulator.close());
openFirstAccounts(simulator);

const { app, streams } = simulator;
const host = settings.SIMULATOR_HOST;
const plain = await listen({ app, streams, host, port: settings.SIMULATOR_PORT });
shutdown.add('http', () => plain.close());
logger.info({ url: `http://${host}:${plain.port}`, directory }, 'exchange simulator ready');
if (settings.SIMULATOR_TLS !== undefined) {
  const [certificate = '', key = ''] = settings.SIMULATOR_TLS.split(':');
  const secure = await listen({ app, streams, host, port: settings.SIMULATOR_TLS_PORT, tls: { certificate, key } });
  shutdown.add('https', () => secure.close());
  logger.info({ url: `https://${host}:${secure.port}` }, 'exchange simulator ready over TLS');
}

/** Opens one account at each broker when the ledger is new. */
function openFirstAccounts({ exchange, protocols }: RunningSimulator): void {
  if (exchange.accounts.all().length > 0) return;
  const login = { username: 'trader', password: 'trader' };
  for (const { broker, newAccountId, newCredentials } of protocols) {
    const account = newAccountId();
    const credentials = newCredentials?.(account) ?? {};
    exchange.openAccount({ broker, account, login, openedAt: exchange.now(), credentials }, decimal('100000'), []);
    const redirectUris = [`http://localhost:8000/api/v1/oauth/${broker}/callback`];
    exchange.accounts.register(broker, { clientId: 'arbion', clientSecret: 'arbion-secret', redirectUris });
  }
}
