/** The worker process: runs trades, guards them, and moves the paper market on. */
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets } from '../auth/start-tickets.js';
import { PaperBroker } from '../brokers/paper/paper-broker.js';
import { createMarket } from '../market-data/market.js';
import { loadConfig } from '../platform/config.js';
import { settingsFromHome } from '../platform/home.js';
import { createLogger } from '../platform/logger.js';
import { assertSchemaCurrent, createDatabase } from '../storage/database.js';
import { connectionOptions } from '../temporal/connection.js';
import { createGuardianClient } from '../temporal/guardian-client.js';
import { createTradeClient } from '../temporal/trade-client.js';
import { brokerRegistry } from './broker-registry.js';
import { keepGuardians } from './guardian-keeper.js';
import { runMarketPump } from './market-pump.js';
import { monitorInterval } from './monitor-interval.js';
import { temporalLogger } from './temporal-logger.js';
import { createTradeWorkers } from './trade-worker.js';
import { workflowBundle } from './workflow-bundle.js';

/** One for every order write under way at once, and one for the market pump. */
const LOCK_CONNECTIONS = 60;

const config = loadConfig(settingsFromHome(process.env), ['databaseUrl', 'sessionSecret']);
const logger = createLogger({ name: 'worker', level: config.logLevel });
Runtime.install({ logger: temporalLogger(logger), shutdownSignals: [] });

const database = createDatabase(config.databaseUrl);
await assertSchemaCurrent(database);
const { prisma } = database;
const locks = new pg.Pool({ connectionString: config.databaseUrl, max: LOCK_CONNECTIONS });
locks.on('error', (error) => logger.warn({ error }, 'a lock connection broke; its lock is free'));

const market = await createMarket(config.marketData, database.pool);
const paper = new PaperBroker({ ...market, pool: database.pool, openingCash: config.paperCash });
const connection = await NativeConnection.connect(connectionOptions(config.temporal));
const { namespace } = config.temporal;
const client = new Client({ connection, namespace });
const trades = createTradeClient(client);
const guardians = createGuardianClient(client);

const workers = await createTradeWorkers({
  connection,
  namespace,
  workflowBundle: await workflowBundle(),
  dependencies: {
    prisma,
    locks,
    brokerOf: brokerRegistry([paper]),
    tickets: createStartTickets(config.sessionSecret),
    settings: {
      monitorIntervalMs: monitorInterval(config.monitorIntervalMs, config.marketData),
      continueAsNewEvents: config.continueAsNewEvents,
    },
    ...guardians,
  },
});

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    logger.info({ signal }, 'stopping: running activities finish first');
    stop.abort();
    for (const worker of workers) worker.shutdown();
  });
}

const running = workers.map((worker) => worker.run());
const pumping = runMarketPump({ prisma, locks, broker: paper, hint: trades.hint, logger }, stop.signal);
const keeping = keepGuardians({ prisma, logger, ...guardians }, stop.signal);
logger.info('worker ready');

await Promise.all([...running, pumping, keeping]);
await connection.close();
await locks.end();
await database.close();
