/** How often a broker is asked for prices by the looks of many trades, counted at the simulator. */
import { setTimeout as pause } from 'node:timers/promises';
import { LOOK_QUOTE_AGE_MS } from '../src/broker-port/quote-ages.js';
import type { LiveBroker } from '../src/domain/broker-login.js';
import type { TradeId } from '../src/domain/ids.js';
import { createLogger } from '../src/platform/logger.js';
import { createDatabase } from '../src/storage/database.js';
import type { WatchedLevels } from '../src/storage/watched-levels.js';
import { LevelIndex } from '../src/worker/level-index.js';
import { LiveAccount } from '../src/worker/live-account.js';
import { MARKET_HOURS, ManualClock } from '../tests/simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../tests/simulator/simulator-fixture.js';
import { LiveLogins, liveAdapter } from '../tests/support/live-logins.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';

const TRADES = 5_000;
const SYMBOLS = 50;
const ACCOUNT = 'one';
const BROKERS: readonly LiveBroker[] = ['schwab', 'alpaca', 'coinbase', 'etrade'];
/** What the leader's listener does. */
const BEAT_MS = 2_000;
const MINUTE_MS = 60_000;

/** One minute, in which each trade looks once. */
export async function quotes(servers: Servers, report: Report): Promise<void> {
  for (const name of BROKERS) {
    const looking = await callsInAMinute(servers, name, TRADES);
    const idle = await callsInAMinute(servers, name, 0);
    report({
      ...{ name: `calls for quotes at ${name} in a minute of ${TRADES} looks at ${SYMBOLS} symbols`, unit: 'calls' },
      value: looking,
      reference: { name: 'the same minute without looks', value: idle },
    });
  }
}

async function callsInAMinute(servers: Servers, name: LiveBroker, looks: number): Promise<number> {
  const simulator = await TestSimulator.start(undefined, new ManualClock(MARKET_HOURS));
  const database = createDatabase(servers.databaseUrl, { poolSize: 4 });
  const symbols = Array.from({ length: SYMBOLS }, (_, index) => symbolOf(name, index));
  for (const symbol of symbols) await simulator.market(symbol, '99', '100', { last: '100' });
  const logins = new LiveLogins(simulator, name);
  await logins.add(ACCOUNT, '100000');
  const broker = liveAdapter(name, simulator, logins);
  const levels = new LevelIndex(({ account }) => account);
  for (const symbol of symbols) levels.take(held(symbol));
  const logger = createLogger({ name: 'bench', level: 'silent' });
  const parts = { prisma: database.prisma, broker, hint: async () => {}, logger };
  const listener = new LiveAccount({ ...parts, account: ACCOUNT, levels });
  const look = async (index: number) => {
    await pause((index * MINUTE_MS) / TRADES + BEAT_MS);
    const symbol = symbolOf(name, index % SYMBOLS);
    await broker.look(ACCOUNT, symbol, name === 'coinbase' ? 'crypto' : 'equity', [], 0, LOOK_QUOTE_AGE_MS);
  };
  const beats = setInterval(() => listener.watch(), BEAT_MS);
  try {
    listener.watch();
    await Promise.all([...Array.from({ length: looks }, (_, index) => look(index)), pause(MINUTE_MS + BEAT_MS)]);
    const { requests } = await simulator.ledger();
    return requests.filter(({ operation }: Body) => operation === 'quote').length;
  } finally {
    clearInterval(beats);
    listener.leave();
    await simulator.close();
    await database.close();
  }
}

function symbolOf(name: LiveBroker, index: number): string {
  const letters = String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26));
  return name === 'coinbase' ? `Q${letters}-USD` : `Q${letters}`;
}

/** A trade whose stop is far from the market. */
function held(symbol: string): WatchedLevels {
  const none = { limitPrice: null, remainingQuantity: '0', takeProfitPrice: null };
  const open = { status: 'open', side: 'buy', openQuantity: '1', stopPrice: '1', recordedAt: new Date(0) };
  return { id: symbol as TradeId, account: ACCOUNT, symbol, ...none, ...open } as WatchedLevels;
}
