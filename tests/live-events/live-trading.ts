import { rm } from 'node:fs/promises';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { createLogger } from '../../src/platform/logger.js';
import { runLiveEvents } from '../../src/worker/live-events.js';
import { MARKET_HOURS, ManualClock } from '../simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { breakLocks } from '../support/break-locks.js';
import { freshDatabase } from '../support/database.js';
import { LiveLogins, liveAdapter } from '../support/live-logins.js';
import { openTradingAt, type PlainRequest, type Trades } from '../support/trading.js';

/** Nothing that happens in a test looks by itself so soon: only a streamed message can have made the trade look. */
const NEVER_MS = 24 * 3_600_000;

export interface LiveTrading extends Trades {
  simulator: TestSimulator;
  symbol: string;
  /** all hints that were given, in their order */
  hints: Hints;
  /** a position of 10, with its stop at rest at the broker */
  open(request?: PlainRequest): Promise<TradeView>;
  /** the broker's own order that rests for the trade */
  restingOrder(): Promise<Body>;
  /** how often the broker was asked for prices */
  quoteCalls(): Promise<number>;
  alerts(): Promise<{ severity: number; code: string }[]>;
  /** Another process listens for the same trades with an adapter of its own; answers the hints that it gives. */
  listenToo(): Hints;
  /** The first process cannot lead any more, and knows it. */
  loseTheLead(): Promise<void>;
}

type Hints = { id: TradeId; event: string }[];

interface Options {
  /** the exchange's time; it stands still */
  clock?: ManualClock;
}

/** Trades at a live broker, with the process's one listener to its events, until the test is over. */
export async function liveTrading(
  name: LiveBroker,
  { clock = new ManualClock(MARKET_HOURS) }: Options = {},
): Promise<LiveTrading> {
  const simulator = await TestSimulator.start(undefined, clock);
  const database = await freshDatabase();
  const logins = new LiveLogins(simulator, name);
  const adapter = () => liveAdapter(name, simulator, logins);
  const broker = adapter();
  const assetClass: AssetClass = name === 'coinbase' ? 'crypto' : 'equity';
  const symbol = name === 'coinbase' ? 'BTC-USD' : 'AAPL';
  await simulator.market(symbol, '149.90', '150', { last: '150' });
  const market = {
    ...{ database, broker, marketTimeAt: clock.now },
    accountOf: (user: string) => `${name}-${user}`,
    openAccount: (account: string) => logins.add(account, '100000'),
    goTo: () => Promise.reject(new Error('a test moves this market by the simulator')),
    ledger: () => simulator.ledger(),
    close: async () => {
      await simulator.close();
      await rm(simulator.directory, { recursive: true, force: true });
      await database.close();
    },
  };
  const request = { broker: name, symbol, assetClass };
  const trading = await openTradingAt(market, { request, settings: { monitorIntervalMs: NEVER_MS } });

  const stop = new AbortController();
  const listening: Promise<void>[] = [];
  const pools: pg.Pool[] = [];
  const listenToo = (listener = adapter()) => {
    const hints: Hints = [];
    const hint: LiveTrading['trades']['hint'] = async (id, event) => {
      hints.push({ id, event });
      await trading.trades.hint(id, event);
    };
    const locks = new pg.Pool({ connectionString: database.url, max: 2 });
    locks.on('error', () => {});
    pools.push(locks);
    const logger = createLogger({ name: 'live-events', level: 'silent' });
    const parts = { prisma: database.prisma, locks, brokers: [listener], hint, logger };
    listening.push(runLiveEvents(parts, stop.signal));
    return hints;
  };
  // As in a worker's process, where looks and listener have one adapter.
  const hints = listenToo(broker);
  onTestFinished(async () => {
    stop.abort();
    await Promise.all(listening);
    await Promise.all(pools.map((pool) => pool.ending || pool.end()));
    await trading.close();
  });

  return {
    ...trading,
    ...{ simulator, symbol, hints },
    listenToo: () => listenToo(),
    open: async (more) => {
      const trade = await trading.start(more);
      return trading.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
    },
    restingOrder: async () => {
      const { orders } = await simulator.ledger();
      const resting = orders.filter(({ status }: Body) => status === 'working');
      expect(resting).toHaveLength(1);
      return resting[0];
    },
    quoteCalls: async () => {
      const { requests } = await simulator.ledger();
      return requests.filter(({ operation }: Body) => operation === 'quote').length;
    },
    loseTheLead: async () => {
      const ended = pools[0]?.end();
      await breakLocks(database.pool);
      await ended;
    },
    alerts: () => database.prisma.alert.findMany({ select: { severity: true, code: true } }),
  };
}
