/** Workers and a client on the benchmark's servers. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets, type StartTickets } from '../src/auth/start-tickets.js';
import { PaperBroker } from '../src/brokers/paper/paper-broker.js';
import type { DecimalString } from '../src/domain/decimal.js';
import { paperAccountId, type TradeId, type UserId } from '../src/domain/ids.js';
import type { TradeInput, TradeRequest } from '../src/domain/trade/request.js';
import { wallClock } from '../src/market-data/clock.js';
import { createMarket } from '../src/market-data/market.js';
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
import { SetMarket, SYMBOL } from './set-market.js';

const LIMITS = { perTrade: '1000000', daily: '100000000', concentrationPercent: '100' };

export interface WorkOptions {
  monitorIntervalMs: number;
  continueAsNewEvents?: number;
  /** as the SDK ships it: with stack traces and a watchdog of its own */
  stackTraces?: boolean;
  /** prices that move; without, the one that is set */
  market?: 'synthetic';
  /** the first one that is set */
  price?: number;
}

/** A client of trades, and workers of this process. */
export async function openTrading(servers: Servers, options: WorkOptions) {
  const client = await openClient(servers);
  const workers = await startWorkers(servers, options);
  return {
    ...client,
    setMarket: workers.setMarket,
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
    newInput: (userId: UserId, more: Partial<TradeRequest> = {}) => newInput(userId, tickets, more),
    addUser: () => addUser(database),
    close: async () => {
      await connection.close();
      await database.close();
    },
  };
}

export async function startWorkers(
  { databaseUrl, temporalAddress, secret, key }: Servers,
  { monitorIntervalMs, continueAsNewEvents = 150, stackTraces = false, market, price }: WorkOptions,
) {
  const dataConverter = converterOf(key);
  const database = createDatabase(databaseUrl, { poolSize: 20 });
  const native = await NativeConnection.connect({ address: temporalAddress });
  const locks = new pg.Pool({ connectionString: databaseUrl, max: 40 });
  const setMarket = new SetMarket(price);
  const broker = await openBroker(database, market, setMarket);
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
  const pump = runMarketPump({ prisma: database.prisma, locks, broker, hint, logger }, stopPump.signal);
  return {
    setMarket,
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

async function openBroker(
  { pool }: Database,
  market: WorkOptions['market'],
  setMarket: SetMarket,
): Promise<PaperBroker> {
  const openingCash = '100000000';
  if (market === 'synthetic')
    return new PaperBroker({ ...(await createMarket({ kind: market }, pool)), pool, openingCash });
  return new PaperBroker({ feed: setMarket, clock: wallClock, pool, openingCash });
}

function newInput(userId: UserId, tickets: StartTickets, more: Partial<TradeRequest>): TradeInput {
  const trade = { ...bitcoin(paperAccountId(userId)), ...more };
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

function bitcoin(account: string): TradeRequest {
  return {
    broker: 'paper',
    account,
    symbol: SYMBOL,
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
