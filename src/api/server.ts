/** The API process: connects, checks its preconditions, serves, and drains at SIGTERM. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import pg from 'pg';
import { createPasswords } from '../auth/passwords.js';
import { ensureSuperadmin, superadminProblems } from '../auth/superadmin.js';
import { feeOf } from '../brokers/paper/fees.js';
import { PaperBroker } from '../brokers/paper/paper-broker.js';
import { connectBrokers } from '../live-brokers/live-brokers.js';
import { createFileOutbox, createSmtpMailer, type Mailer } from '../mail/mailer.js';
import { createMarket } from '../market-data/market.js';
import { loadConfig } from '../platform/config.js';
import { homePaths, settingsFromHome } from '../platform/home.js';
import { createLogger } from '../platform/logger.js';
import type { MailSettings } from '../platform/mail-settings.js';
import { shutdownOnSignal } from '../platform/shutdown.js';
import { assertNoProblems, cannotStart } from '../platform/start-up.js';
import { assertSchemaCurrent, clockProblems, createDatabase } from '../storage/database.js';
import { createRedis } from '../storage/redis.js';
import { createTemporalClient } from '../temporal/connection.js';
import { createDataConverter } from '../temporal/data-converter.js';
import { payloadEncryption } from '../temporal/payload-encryption.js';
import { keyProblems } from '../vault/key-problems.js';
import { knownKeys } from '../vault/known-keys.js';
import { createApp } from './app.js';
import { apiDependencies } from './dependencies.js';
import { createHttpServer } from './http/http-server.js';
import { runOutbox } from './trades/outbox.js';

const DRAIN_MS = 10_000;
const EXIT_AFTER_MS = 18_000;
/** For refreshing credentials, a few at a time. */
const LOCK_CONNECTIONS = 5;

async function main(): Promise<void> {
  const config = loadConfig(settingsFromHome(process.env), ['databaseUrl', 'sessionSecret', 'encryptionKeys']);
  const logger = createLogger({ name: 'api', level: config.logLevel });
  const shutdown = shutdownOnSignal({ logger, timeoutMs: EXIT_AFTER_MS });

  const database = createDatabase(config.databaseUrl);
  shutdown.add('database', () => database.close());
  await assertSchemaCurrent(database);
  const { prisma, pool } = database;
  assertNoProblems([
    ...(await clockProblems(database)),
    ...(await keyProblems(database, config.encryptionKeys)),
    ...(config.superadmin ? await superadminProblems(prisma, config.superadmin) : []),
  ]);

  const temporal = createTemporalClient(config.temporal, createDataConverter(config.encryptionKeys, knownKeys(prisma)));
  shutdown.add('temporal', () => temporal.connection.close());
  const redis = config.redisUrl === undefined ? undefined : createRedis(config.redisUrl);
  if (redis) shutdown.add('redis', () => redis.disconnect());

  const locks = new pg.Pool({ connectionString: config.databaseUrl, max: LOCK_CONNECTIONS });
  locks.on('error', (error) =>
    logger.warn({ error }, 'a database connection that held a lock was lost; the lock is free'),
  );
  shutdown.add('locks', () => locks.end());
  const live = connectBrokers({
    prisma,
    locks,
    ...(redis && { redis }),
    encryptionKeys: config.encryptionKeys,
    settings: config.brokers,
  });

  const passwords = createPasswords();
  if (config.superadmin && (await ensureSuperadmin(prisma, passwords, config.superadmin))) {
    logger.info('created the superadmin');
  }

  const market = await createMarket(config.marketData, pool);
  const dependencies = apiDependencies({
    prisma,
    temporal,
    payloadCodec: payloadEncryption(config.encryptionKeys),
    ...(redis && { redis }),
    paper: new PaperBroker({ ...market, pool, openingCash: config.paperCash, fee: feeOf(config.paperFees) }),
    live,
    passwords,
    mailer: createMailer(config.mail),
    sessionSecret: config.sessionSecret,
    settings: config,
    logger,
  });
  shutdown.add('mail and other work in the background', () => dependencies.background.finished());
  const outbox = runOutbox(dependencies);
  shutdown.add('outbox', () => outbox.stop());

  const server = createHttpServer(createApp(dependencies), config.publicUrl);
  server.listen(config.port, config.host);
  await once(server, 'listening');
  shutdown.add('http server', () => drain(server));
  logger.info({ url: config.publicUrl }, 'listening');
}

function createMailer({ smtp, from }: MailSettings): Mailer {
  return smtp ? createSmtpMailer(smtp, from) : createFileOutbox(homePaths(process.env).outbox, from);
}

/** Takes no new requests, lets running ones finish, and then cuts streams, which would never end. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(cut);
}

await main().catch((error: unknown) => cannotStart('The API', error));
