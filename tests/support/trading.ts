/** Trades on real parts: a Temporal server, Postgres, a broker on generated prices, and a worker of this process. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import pg from 'pg';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import type { Broker } from '../../src/broker-port/broker.js';
import type { DecimalString } from '../../src/domain/decimal.js';
import { Refused } from '../../src/domain/errors.js';
import { type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { StartTicket, TradeInput, TradeRequest } from '../../src/domain/trade/request.js';
import type { TradeSettings } from '../../src/domain/trade/settings.js';
import { isFinalStatus, type TradeStatus } from '../../src/domain/trade/status.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { viewOf } from '../../src/storage/trade-view.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { createTradeClient, type TradeClient } from '../../src/temporal/trade-client.js';
import { brokerRegistry } from '../../src/worker/broker-registry.js';
import { createTradeWorkers } from '../../src/worker/trade-worker.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import type { TestDatabase } from './database.js';
import { dataConverter } from './encryption.js';
import type { AnnouncedSplit, PricePaths } from './market-files.js';
import { type PaperMarketForTest, paperMarket } from './paper-market.js';
import { devServer } from './temporal.js';
import type { TestMarket } from './test-market.js';

// Faults are part of these tests, so only errors of the workers themselves are logged.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export const SESSION_SECRET = 'a test secret that is long enough to be one';

export interface TradingOptions extends WorkOptions {
  prices: PricePaths;
  splits?: readonly AnnouncedSplit[];
  openingCash?: string;
}

/** Options that do not concern the market. */
export interface WorkOptions {
  settings?: Partial<TradeSettings>;
  /** puts a fault plan around the real broker */
  aroundBroker?: (broker: Broker) => Broker;
  worker?: Partial<WorkerOptions>;
  guardianPauseMs?: number;
  limits?: { perTrade?: string; daily?: string; concentrationPercent?: string };
  /** another server than the run's dev server, such as one that skips time */
  temporal?: { address: string; namespace: string };
  /** defaults for every request */
  request?: PlainRequest;
}

/** The same with decimals as plain texts, as tests like to write them. */
type Plain<T> = T extends DecimalString ? string : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

export type PlainRequest = Plain<Partial<TradeRequest>>;

export type Trading<Market extends TestMarket = PaperMarketForTest> = Market & Trades;

export interface Trades {
  client: Client;
  trades: TradeClient;
  namespace: string;
  userId: UserId;
  account: string;
  /** Starts a trade with a ticket, as the API does, and answers its view after the risk check. */
  start(request?: PlainRequest, user?: UserId): Promise<TradeView>;
  inputOf(request?: PlainRequest, by?: { user?: UserId; issuedAt?: number }): TradeInput;
  /**
   * The trade after it has looked at the current market and done everything that follows from it. One that the market's own
   * event has woken may have ended a moment before it is asked.
   */
  look(trade: { id: TradeId }): Promise<TradeView>;
  /** The trade's current state in its workflow; its record may lag behind. */
  view(trade: { id: TradeId }): Promise<TradeView>;
  row(trade: { id: TradeId }): ReturnType<TestDatabase['prisma']['trade']['findUniqueOrThrow']>;
  /** Waits until the trade's record fulfils the condition. */
  until(trade: { id: TradeId }, what: (view: TradeView) => boolean, timeoutMs?: number): Promise<TradeView>;
  addUser(limits?: WorkOptions['limits'], role?: string): Promise<UserId>;
  /** Replays the history of an ended trade: the workflow must decide the same again. */
  replay(trade: { id: TradeId }): Promise<void>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
}

let bundling: ReturnType<typeof workflowBundle> | undefined;

/** Concurrent tests of this process share one bundle. */
function bundleOnce(): ReturnType<typeof workflowBundle> {
  bundling ??= workflowBundle();
  return bundling;
}

/** Opens everything at the paper broker; `close` ends it. */
export async function openTrading(options: TradingOptions): Promise<Trading> {
  const market = await paperMarket(options.prices, {
    ...(options.splits === undefined ? {} : { splits: options.splits }),
    ...(options.openingCash === undefined ? {} : { openingCash: options.openingCash }),
  });
  return openTradingAt(market, options);
}

/** The same at another market; `close` ends the market too. */
export async function openTradingAt<Market extends TestMarket>(
  market: Market,
  options: WorkOptions,
): Promise<Trading<Market>> {
  const { database, broker } = market;
  const { address, namespace } = options.temporal ?? (await devServer());
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const trades = createTradeClient(client);
  const guardians = createGuardianClient(client, options.guardianPauseMs);
  const tickets = createStartTickets(SESSION_SECRET);
  const locks = new pg.Pool({ connectionString: database.url, max: 40 });
  locks.on('error', () => {});
  const port = options.aroundBroker?.(broker) ?? broker;
  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();

  const startWorker = async () => {
    workers = await createTradeWorkers({
      connection: native,
      namespace,
      dataConverter,
      workflowBundle: await bundleOnce(),
      dependencies: {
        prisma: database.prisma,
        locks,
        brokerOf: brokerRegistry([port]),
        tickets,
        settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150, ...options.settings },
        ...guardians,
      },
      overrides: { shutdownGraceTime: '2s', ...options.worker },
    });
    running = Promise.all(workers.map((worker) => worker.run()));
  };
  const stopWorker = async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    workers = [];
  };
  await startWorker();

  const addUser = async (limits = options.limits, role = 'standard') => {
    const id = randomUUID() as UserId;
    const { perTrade = '2000', daily = '20000', concentrationPercent = '100' } = limits ?? {};
    await database.prisma.user.create({
      data: {
        id,
        email: `${id}@example.test`,
        passwordHash: 'none',
        role,
        limits: { create: { perTrade, daily, concentrationPercent } },
      },
    });
    await market.openAccount(market.accountOf(id));
    return id;
  };
  const userId = await addUser();
  const account = market.accountOf(userId);

  const inputOf: Trades['inputOf'] = (request, { user = userId, issuedAt = Date.now() } = {}) => {
    const trade = tradeRequest({ account: market.accountOf(user), ...options.request, ...request });
    const ticket: StartTicket = tickets.sign({
      tradeId: randomUUID() as TradeId,
      userId: user,
      trade,
      now: issuedAt,
    });
    return { trade, ticket };
  };
  const view = (trade: { id: TradeId }) => trades.state(trade.id);
  const start: Trades['start'] = async (request, user = userId) => {
    const input = inputOf(request, { user });
    // A slow machine may need more time than the API gives a caller; asking again is the same start, unless it has ended.
    for (let tries = 0; tries < 12; tries++) {
      const verdict = await trades.startForVerdict(input);
      if (verdict) return verdict.trade;
      const recorded = await database.prisma.trade.findUnique({ where: { id: input.ticket.tradeId } });
      if (recorded && isFinalStatus(recorded.status as TradeStatus)) return viewOf(recorded);
    }
    throw new Error('the risk verdict did not come in time');
  };
  const row: Trades['row'] = ({ id }) => database.prisma.trade.findUniqueOrThrow({ where: { id } });
  const until: Trades['until'] = async (trade, what, timeoutMs = 60_000) => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const recorded = await database.prisma.trade.findUnique({ where: { id: trade.id } });
      const now = recorded && viewOf(recorded);
      if (now && what(now)) return now;
      if (Date.now() > deadline) throw new Error(`the trade did not get there: ${JSON.stringify(now, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  return {
    ...market,
    client,
    trades,
    namespace,
    userId,
    account,
    start,
    inputOf,
    look: ({ id }) =>
      trades.lookNow(id).catch((error: unknown) => {
        if (error instanceof Refused && error.reason.code === 'TRADE_ENDED') return trades.state(id);
        throw error;
      }),
    row,
    view,
    until,
    addUser,
    replay: async ({ id }) => {
      const workflowId = tradeWorkflowId(id);
      const handle = client.workflow.getHandle(workflowId);
      await handle.result();
      const history = await handle.fetchHistory();
      await Worker.runReplayHistory({ workflowBundle: await bundleOnce(), dataConverter }, history, workflowId);
    },
    startWorker,
    stopWorker,
    close: async () => {
      await stopWorker();
      await native.close();
      await connection.close();
      await locks.end();
      await market.close();
    },
  };
}

export function tradeRequest(request: PlainRequest & { account: string }): TradeRequest {
  const complete: Plain<TradeRequest> = {
    broker: 'paper',
    symbol: 'AAPL',
    assetClass: 'equity',
    side: 'buy',
    quantity: '10',
    orderType: 'market',
    timeInForce: 'day',
    session: 'regular',
    stopLoss: { percent: '5' },
    onCancel: 'flatten',
    onUnprotected: 'flatten',
    onPartialFill: 'emulate',
    onStopMissing: 'restore',
    ...request,
  };
  return complete as TradeRequest;
}
