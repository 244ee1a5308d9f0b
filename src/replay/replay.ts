/** Runs a plan against recorded prices: the real workflow, a real Temporal server, the paper broker, minute by minute. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import { toTradeRequest } from '../api/trades/trade-body.js';
import { createStartTickets } from '../auth/start-tickets.js';
import type { LedgerOfPaper } from '../brokers/paper/ledger.js';
import { PaperBroker } from '../brokers/paper/paper-broker.js';
import { Decimal, type DecimalString, decimal } from '../domain/decimal.js';
import { paperAccountId, type TradeId, type UserId } from '../domain/ids.js';
import { isFinalStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { openReplay, type ReplayMarket } from '../market-data/market.js';
import { createDatabase, type Database } from '../storage/database.js';
import { createDataConverter } from '../temporal/data-converter.js';
import { createGuardianClient } from '../temporal/guardian-client.js';
import { createTradeClient, type TradeClient } from '../temporal/trade-client.js';
import { brokerRegistry } from '../worker/broker-registry.js';
import { createTradeWorkers } from '../worker/trade-worker.js';
import { workflowBundle } from '../worker/workflow-bundle.js';
import { disagreements } from './disagreements.js';
import type { PlannedAct, PlannedTrade, ReplayPlan } from './plan.js';
import type { ReplayServers } from './replay-stack.js';

export interface ReplayOptions {
  directory: string;
  plan: ReplayPlan;
  servers: ReplayServers;
  openingCash: string;
  /** called with the progress: minutes done, and minutes in all */
  progress?: (done: number, all: number, marketTime: number) => void;
}

export interface ReplayResult {
  trades: TradeView[];
  ledger: LedgerOfPaper;
  /** dollars realised by all trades, fees deducted */
  pnl: DecimalString;
  /** disagreements between the broker's ledger, the database, the workflows and the recorded quotes; none when all is well */
  disagreements: string[];
}

/** Limits so high that a replay never meets them. */
const LIMITS = { perTrade: '1000000', daily: '10000000', concentrationPercent: '100' };

export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const database = createDatabase(options.servers.databaseUrl);
  const market = await openReplay({ directory: options.directory, speed: 0 }, database.pool);
  const broker = new PaperBroker({ ...market, pool: database.pool, openingCash: options.openingCash });
  const run = await startTrading(options, database, broker);
  try {
    const trades = await playPlan(options, market, run.trades, database);
    const ledger = await broker.ledger();
    const net = trades.map((trade) => decimal(trade.realizedPnl).minus(decimal(trade.fees)));
    const problems = await disagreements({ database, market, ledger, trades });
    return { trades, ledger, pnl: Decimal.sum(net).toString(), disagreements: problems };
  } finally {
    await run.stop();
    await database.close();
  }
}

async function startTrading({ servers }: ReplayOptions, { prisma }: Database, broker: PaperBroker) {
  const connection = await NativeConnection.connect({ address: servers.temporalAddress });
  const dataConverter = createDataConverter([{ id: 'replay', key: randomBytes(32) }]);
  const client = new Client({ connection, namespace: servers.namespace, dataConverter });
  const locks = new pg.Pool({ connectionString: servers.databaseUrl, max: 20 });
  const workers = await createTradeWorkers({
    connection,
    namespace: servers.namespace,
    dataConverter,
    workflowBundle: await workflowBundle(),
    dependencies: {
      prisma,
      locks,
      brokerOf: brokerRegistry([broker]),
      tickets: createStartTickets(TICKET_SECRET),
      settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
      ...createGuardianClient(client),
    },
    overrides: { shutdownGraceTime: '1s' },
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    trades: createTradeClient(client),
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await locks.end();
    },
  };
}

/** A replay's tickets are signed and used in this process only. */
const TICKET_SECRET = randomUUID() + randomUUID();

interface RunningTrade {
  id: TradeId;
  view: TradeView;
  acts: PlannedAct[];
}

/** The market moves row by row, each time after every trade has finished reacting to the row before. */
async function playPlan(
  options: ReplayOptions,
  market: ReplayMarket,
  trades: TradeClient,
  database: Database,
): Promise<TradeView[]> {
  const userId = await addUser(database);
  const waiting = [...options.plan].sort((one, other) => one.at - other.at);
  const running: RunningTrade[] = [];
  const times = await rowTimes(market, options.plan);
  for (const [index, time] of times.entries()) {
    await market.clock.setMarketTime(time);
    await lookAll(running, trades);
    while (waiting[0] && waiting[0].at <= time)
      running.push(await begin(waiting.shift() as PlannedTrade, userId, trades));
    for (const trade of running) await actOn(trade, time, trades);
    options.progress?.(index + 1, times.length, time);
    if (waiting.length === 0 && running.every(({ view }) => isFinalStatus(view.status))) break;
  }
  return running.map(({ view }) => view);
}

/** The times at which anything can happen: those of the traded symbols' rows and those in the plan. */
async function rowTimes(market: ReplayMarket, plan: ReplayPlan): Promise<number[]> {
  const first = Math.min(...plan.map(({ at }) => at));
  const times = new Set<number>();
  for (const symbol of new Set(plan.map(({ trade }) => trade.symbol))) {
    for (const event of await market.feed.events(symbol, market.feed.startsAt - 1, Number.MAX_SAFE_INTEGER)) {
      times.add(event.at);
    }
  }
  return [...times].filter((time) => time >= first).sort((one, other) => one - other);
}

async function begin({ trade, acts }: PlannedTrade, userId: UserId, trades: TradeClient): Promise<RunningTrade> {
  const id = randomUUID() as TradeId;
  const request = toTradeRequest(trade, trade.account ?? accountFor(trade, userId));
  const ticket = createStartTickets(TICKET_SECRET).sign({ tradeId: id, userId, trade: request, now: Date.now() });
  const verdict = await trades.startForVerdict({ trade: request, ticket });
  if (!verdict) throw new Error(`the start of ${trade.symbol} was not answered`);
  const running = { id, view: verdict.trade, acts: [...acts].sort((one, other) => one.at - other.at) };
  await look(running, trades);
  return running;
}

/** Longs and shorts trade in two accounts, because a broker nets them within one. */
function accountFor({ side }: PlannedTrade['trade'], userId: UserId): string {
  return side === 'buy' ? paperAccountId(userId) : `${paperAccountId(userId)}-short`;
}

async function actOn(trade: RunningTrade, time: number, trades: TradeClient): Promise<void> {
  for (let act = trade.acts[0]; act && act.at <= time; act = trade.acts[0]) {
    trade.acts.shift();
    if (isFinalStatus(trade.view.status)) return;
    if (act.action === 'cancel') await trades.cancel(trade.id, { by: 'plan' });
    else if (act.action === 'close') await trades.close(trade.id, { by: 'plan' });
    else await trades.adjustExits(trade.id, act.body as Parameters<TradeClient['adjustExits']>[1]);
    await look(trade, trades);
  }
}

async function lookAll(running: RunningTrade[], trades: TradeClient): Promise<void> {
  await Promise.all(running.filter(({ view }) => !isFinalStatus(view.status)).map((trade) => look(trade, trades)));
}

/** When a trade has ended in the meantime, its record is read instead. */
async function look(trade: RunningTrade, trades: TradeClient): Promise<void> {
  trade.view = await trades.lookNow(trade.id).catch(() => trades.state(trade.id));
}

async function addUser({ prisma }: Database): Promise<UserId> {
  const id = randomUUID() as UserId;
  await prisma.user.create({
    data: { id, email: `${id}@replay.invalid`, passwordHash: 'none', limits: { create: LIMITS } },
  });
  return id;
}
