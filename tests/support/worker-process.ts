/** A worker in a process of its own, for tests that kill it. `killable-worker.ts` starts it. */
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { PaperBroker } from '../../src/brokers/paper/paper-broker.js';
import { openReplay } from '../../src/market-data/market.js';
import { createDatabase } from '../../src/storage/database.js';
import { accountsToGuard } from '../../src/storage/guarded-trades.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { brokerRegistry } from '../../src/worker/broker-registry.js';
import { createTradeWorkers } from '../../src/worker/trade-worker.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { dataConverter } from './encryption.js';
import { KillPoints } from './kill-points.js';
import type { FromParent, ToParent, WorkerSettings } from './killable-worker.js';

const settings = JSON.parse(process.env.TEST_WORKER ?? '') as WorkerSettings;
const points = new KillPoints();

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const database = createDatabase(settings.databaseUrl);
const prisma = points.aroundPrisma(database.prisma);
const locks = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
const market = await openReplay({ directory: settings.directory, speed: 0 }, database.pool);
const paper = new PaperBroker({ ...market, pool: database.pool, openingCash: '100000' });
const connection = await NativeConnection.connect({ address: settings.address });
const client = new Client({ connection, namespace: settings.namespace, dataConverter });
const guardians = createGuardianClient(client, settings.guardianPauseMs);

const workers = await createTradeWorkers({
  connection,
  namespace: settings.namespace,
  dataConverter,
  workflowBundle: await workflowBundle(),
  dependencies: {
    ...guardians,
    prisma,
    locks,
    brokerOf: brokerRegistry([points.aroundBroker(paper)]),
    tickets: createStartTickets(settings.sessionSecret),
    settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
    ensureGuardian: points.aroundEnsureGuardian(guardians.ensureGuardian),
  },
  overrides: {
    interceptors: { activity: [points.interceptor] },
    dataConverter: { ...dataConverter, payloadCodecs: [...(dataConverter.payloadCodecs ?? []), points.codec] },
  },
});

async function run(): Promise<void> {
  for (const worker of workers) void worker.run();
  for (const { broker, account } of await accountsToGuard(prisma)) await guardians.ensureGuardian(broker, account);
}

const say = (message: ToParent) => process.send?.(message);

process.on('message', (message: FromParent) => {
  if (message.kind === 'arm') points.arm(message.order);
  else void run();
  say({ kind: 'done' });
});
process.on('disconnect', () => process.exit(0));
say({ kind: 'done' });
