/** A worker process with a live broker's adapter, put together as in production. `worker-fleet.ts` starts and kills it. */
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { type BrokerAccess, NotConnected } from '../../src/broker-port/access.js';
import { unlimited } from '../../src/broker-port/request-budget.js';
import { createLogger } from '../../src/platform/logger.js';
import { createDatabase } from '../../src/storage/database.js';
import { createRequestBudget } from '../../src/storage/request-budgets.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { createTradeClient } from '../../src/temporal/trade-client.js';
import { brokerRegistry } from '../../src/worker/broker-registry.js';
import { keepGuardians } from '../../src/worker/guardian-keeper.js';
import { watchHeldUpTrades } from '../../src/worker/held-up-trades.js';
import { runLiveEvents } from '../../src/worker/live-events.js';
import { createTradeWorkers } from '../../src/worker/trade-worker.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { dataConverter } from '../support/encryption.js';
import { liveAdapter } from '../support/live-logins.js';
import { atExchangeTime } from './exchange-time.js';
import type { WorkerSettings } from './worker-fleet.js';

const settings = JSON.parse(process.env.CHAOS_WORKER ?? '') as WorkerSettings;
const { offsetMs, settleWindowMs, monitorIntervalMs, temporal } = settings;

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  // Killed workers and a busy machine are expected here.
  telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  shutdownSignals: [],
});
const logger = createLogger({ name: 'worker', level: 'error' });
const database = createDatabase(settings.databaseUrl);
const { prisma } = database;
const locks = new pg.Pool({ connectionString: settings.databaseUrl, max: 40 });
locks.on('error', () => {});

/** The login outlives the run: a 401 is always a fault, and the same credential works again. */
const access: BrokerAccess = {
  open: async (account) => {
    const opened = settings.accounts[account];
    if (!opened) throw new NotConnected(`nobody is logged in to ${account}`);
    return opened;
  },
  renew: (account) => access.open(account),
};
const clock = { now: () => Date.now() + offsetMs };
const budget = settings.budget ? createRequestBudget(prisma) : unlimited;
const adapter = liveAdapter(settings.broker, { url: settings.simulatorUrl, clock }, access, budget);
const broker = atExchangeTime(adapter, { offsetMs, settleWindowMs });

const connection = await NativeConnection.connect({ address: temporal.address });
const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
const guardians = createGuardianClient(client);
const { hint } = createTradeClient(client);
const workers = await createTradeWorkers({
  connection,
  namespace: temporal.namespace,
  dataConverter,
  workflowBundle: await workflowBundle(),
  dependencies: {
    ...guardians,
    prisma,
    locks,
    brokerOf: brokerRegistry([broker]),
    tickets: createStartTickets(settings.ticketSecret),
    settings: { monitorIntervalMs, continueAsNewEvents: 150 },
  },
});

const stop = new AbortController();
for (const worker of workers) void worker.run();
void runLiveEvents({ prisma, locks, brokers: [broker], hint, logger }, stop.signal);
void keepGuardians({ prisma, logger, ...guardians }, stop.signal);
void watchHeldUpTrades({ prisma, locks, logger }, stop.signal);
process.on('disconnect', () => process.exit(0));
process.send?.('at work');
