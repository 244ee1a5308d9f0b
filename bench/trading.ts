/** Workers and a client on the benchmark's servers. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets, type StartTickets } from '../src/auth/start-tickets.js';
import { PaperBroker } from '../src/brokers/paper/paper-broker.js';
import type { DecimalString } from '../src/domain/decimal.js';
import { paperAccountId, type TradeId, type UserId } from '../src/domain/ids.js';
import type { TradeInput, TradeRequest } from '../src/domain/trade/request.js';
import { createMarket } from '../src/market-data/market.js';
import { ReplayFeed } from '../src/market-data/replay-feed.js';
import { createLogger } from '../src/platform/logger.js';
import { createDatabase, type Database } from '../src/storage/database.js';
import { createDataConverter } from '../src/temporal/data-converter.js';
import { createGuardianClient } from '../src/temporal/guardian-client.js';
import { createTradeClient } from '../src/temporal/trade-client.js';
import { brokerRegistry } from '../src/worker/broker-registry.js';
import { runMarketPump } from '../src/worker/market-pump.js';
import { createTradeWorkers } from '../src/worker/trade-worker.js';
import { workflowBundle } from '../src/worker/workflow-bundle.js';
import type { Servers } from './servers.js';

const LIMITS = { perTrade: '1000000', daily: '100000000', concentrationPercent: '100' };

export interface WorkOptions {
  monitorIntervalMs: number;
  continueAsNewEvents?: number;
  /** as the SDK ships it: with stack traces and a watchdog of its own */
  stackTraces?: boolean;
  /** prices that move, and the pump that moves them on; without, a single quote */
  market?: 'synthetic';
}

/** A client of trades, and workers of this process. */
export async function openTrading(servers: Servers, options: WorkOptions) {
  const client = await openClient(servers);
  const workers = await startWorkers(servers, options);
  return {
    ...client,
    close: async () => {
      await workers.stop();
      await client.close();
    },
  };
}

export async function openClient({ databaseUrl, temporalAddress, secret, key }: Servers) {
  const database = createDatabase(databaseUrl, { poolSize: 20 });
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection, dataConverter: converterOf(key) });
  const tickets = createStartTickets(secret);
  return {
    ...{ client, database, trades: createTradeClient(client) },
    newInput: (userId: UserId) => newInput(userId, tickets),
    addUser: () => addUser(database),
    close: async () => {
      await connection.close();
      await database.close();
    },
  };
}

export async function startWorkers(
  { directory, databaseUrl, temporalAddress, secret, key }: Servers,
  { monitorIntervalMs, continueAsNewEvents = 150, stackTraces = false, market }: WorkOptions,
) {
  const dataConverter = converterOf(key);
  const database = createDatabase(databaseUrl, { poolSize: 20 });
  const native = await NativeConnection.connect({ address: temporalAddress });
  const locks = new pg.Pool({ connectionString: databaseUrl, max: 40 });
  const broker = await openBroker(directory, database, market);
  const client = new Client({ connection: native, dataConverter });
  const workers = await createTradeWorkers({
    connection: native,
    namespace: 'default',
    dataConverter,
    workflowBundle: await workflowBundle(),
    stackTraces,
    dependencies: {
      prisma: database.prisma,
      locks,
      brokerOf: brokerRegistry([broker]),
      tickets: createStartTickets(secret),
      settings: { monitorIntervalMs, continueAsNewEvents },
      ...createGuardianClient(client),
    },
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  const stopPump = new AbortController();
  const { hint } = createTradeClient(client);
  const logger = createLogger({ name: 'bench', level: 'silent' });
  const pump = market && runMarketPump({ prisma: database.prisma, locks, broker, hint, logger }, stopPump.signal);
  return {
    stop: async () => {
      stopPump.abort();
      await pump;
      for (const worker of workers) worker.shutdown();
      await running;
      await native.close();
      await locks.end();
      await database.close();
    },
  };
}

function converterOf(key: string): DataConverter {
  return createDataConverter([{ id: 'bench', key: Buffer.from(key, 'hex') }]);
}

async function openBroker(directory: string, { pool }: Database, market: WorkOptions['market']): Promise<PaperBroker> {
  if (market === 'synthetic') {
    return new PaperBroker({ ...(await createMarket({ kind: market }, pool)), pool, openingCash: '100000000' });
  }
  const feed = await ReplayFeed.open(await stillMarket(directory));
  // The default market uses the machine's clock; a replay's clock would be a row in Postgres, read with every call.
  const clock = { now: () => Promise.resolve(feed.startsAt) };
  return new PaperBroker({ feed, clock, pool, openingCash: '100000000' });
}

function newInput(userId: UserId, tickets: StartTickets): TradeInput {
  const trade = bitcoin(paperAccountId(userId));
  return { trade, ticket: tickets.sign({ tradeId: randomUUID() as TradeId, userId, trade, now: Date.now() }) };
}

async function addUser({ prisma }: Database): Promise<UserId> {
  const id = randomUUID() as UserId;
  await prisma.user.create({
    data: { id, email: `${id}@bench.invalid`, passwordHash: 'none', limits: { create: LIMITS } },
  });
  return id;
}

export type BenchClient = Awaited<ReturnType<typeof openClient>>;
export type BenchTrading = Awaited<ReturnType<typeof openTrading>>;

/** A single quote, valid for the whole run. */
async function stillMarket(directory: string): Promise<string> {
  const folder = join(directory, 'market', 'crypto', 'BTC-USD');
  await mkdir(folder, { recursive: true });
  const header = 'minute_utc,open,high,low,close,volume,bid,ask,bid_size,ask_size';
  const row = '2018-04-04T00:00:00Z,7000,7000,7000,7000,1,7000,7000,1000000,1000000';
  await writeFile(join(folder, '2018-04-04.csv'), `${header}\n${row}\n`);
  return join(directory, 'market');
}

function bitcoin(account: string): TradeRequest {
  return {
    broker: 'paper',
    account,
    symbol: 'BTC-USD',
    assetClass: 'crypto',
    side: 'buy',
    quantity: '0.01' as DecimalString,
    orderType: 'market',
    timeInForce: 'gtc',
    session: 'regular',
    stopLoss: { percent: '20' as DecimalString },
    onCancel: 'flatten',
    onUnprotected: 'flatten',
    onPartialFill: 'emulate',
    onStopMissing: 'restore',
  };
}
