/** The worker process: runs trades, guards them, and moves the paper market on. */
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets } from '../auth/start-tickets.js';
import { feeOf } from '../brokers/paper/fees.js';
import { PaperBroker } from '../brokers/paper/paper-broker.js';
import { connectBrokers } from '../live-brokers/live-brokers.js';
import { createMarket } from '../market-data/market.js';
import { loadConfig } from '../platform/config.js';
import { settingsFromHome } from '../platform/home.js';
import { createLogger } from '../platform/logger.js';
import { onStopSignal } from '../platform/shutdown.js';
import { assertNoProblems, cannotStart } from '../platform/start-up.js';
import { assertSchemaCurrent, clockProblems, createDatabase } from '../storage/database.js';
import { createRedis } from '../storage/redis.js';
import { createBrokerLoginClient } from '../temporal/broker-login-client.js';
import { connectionOptions } from '../temporal/connection.js';
import { createDataConverter } from '../temporal/data-converter.js';
import { createGuardianClient } from '../temporal/guardian-client.js';
import { createTradeClient } from '../temporal/trade-client.js';
import { keyProblems } from '../vault/key-problems.js';
import { knownKeys } from '../vault/known-keys.js';
import { keepBrokerLogins } from './broker-login-keeper.js';
import { createBrokerLoginWorker } from './broker-login-worker.js';
import { brokerRegistry } from './broker-registry.js';
import { keepGuardians } from './guardian-keeper.js';
import { watchHeldUpTrades } from './held-up-trades.js';
import { runLiveEvents } from './live-events.js';
import { runMarketPump } from './market-pump.js';
import { temporalLogger } from './temporal-logger.js';
import { tradeSettings } from './trade-settings.js';
import { createTradeWorkers } from './trade-worker.js';
import { workflowBundle } from './workflow-bundle.js';

/** One for every order write under way at once, one for each work of a leader, and a few for refreshes. */
const LOCK_CONNECTIONS = 60;

const { config, database } = await prepare().catch((error: unknown) => cannotStart('The worker', error));
const { prisma } = database;
const logger = createLogger({ name: 'worker', level: config.logLevel });
Runtime.install({
  logger: temporalLogger(logger),
  // Else the native part of the library writes lines of its own between ours.
  telemetryOptions: { logging: { forward: {} } },
  shutdownSignals: [],
});

const locks = new pg.Pool({ connectionString: config.databaseUrl, max: LOCK_CONNECTIONS });
locks.on('error', (error) => logger.warn({ error }, 'a lock connection broke; its lock is free'));

const redis = config.redisUrl === undefined ? undefined : createRedis(config.redisUrl);
const live = connectBrokers({
  prisma,
  locks,
  ...(redis && { redis }),
  encryptionKeys: config.encryptionKeys,
  settings: config.brokers,
});

const market = await createMarket(config.marketData, database.pool);
const paper = new PaperBroker({
  ...market,
  pool: database.pool,
  openingCash: config.paperCash,
  fee: feeOf(config.paperFees),
});
const connection = await NativeConnection.connect(connectionOptions(config.temporal));
const { namespace } = config.temporal;
const dataConverter = createDataConverter(config.encryptionKeys, knownKeys(prisma));
const client = new Client({ connection, namespace, dataConverter });
const trades = createTradeClient(client);
const guardians = createGuardianClient(client);
const bundle = await workflowBundle();

const workers = await createTradeWorkers({
  connection,
  namespace,
  dataConverter,
  workflowBundle: bundle,
  stackTraces: config.workflowStackTraces,
  dependencies: {
    prisma,
    locks,
    brokerOf: brokerRegistry([paper, ...live.brokers]),
    tickets: createStartTickets(config.sessionSecret),
    settings: tradeSettings(config),
    ...guardians,
  },
});
workers.push(
  await createBrokerLoginWorker({
    connection,
    namespace,
    dataConverter,
    workflowBundle: bundle,
    dependencies: { prisma, tokens: live.tokens },
  }),
);

const stop = new AbortController();
onStopSignal((signal) => {
  logger.info({ signal }, 'stopping when the running activities have finished');
  stop.abort();
  for (const worker of workers) worker.shutdown();
});

const running = workers.map((worker) => worker.run());
const pumping = runMarketPump({ prisma, locks, broker: paper, hint: trades.hint, logger }, stop.signal);
const hearing = runLiveEvents({ prisma, locks, brokers: live.brokers, hint: trades.hint, logger }, stop.signal);
const keeping = keepGuardians({ prisma, logger, ...guardians }, stop.signal);
const watching = watchHeldUpTrades({ prisma, locks, logger }, stop.signal);
const keepingBrokerLogins = keepBrokerLogins({ prisma, logger, ...createBrokerLoginClient(client) }, stop.signal);
logger.info('worker ready');

await Promise.all([...running, pumping, hearing, keeping, watching, keepingBrokerLogins]);
await connection.close();
await locks.end();
redis?.disconnect();
await database.close();

/** What everything else rests on, once nothing speaks against a start. */
async function prepare() {
  const config = loadConfig(settingsFromHome(process.env), ['databaseUrl', 'sessionSecret', 'encryptionKeys']);
  const database = createDatabase(config.databaseUrl);
  await assertSchemaCurrent(database);
  assertNoProblems([...(await clockProblems(database)), ...(await keyProblems(database, config.encryptionKeys))]);
  return { config, database };
}
