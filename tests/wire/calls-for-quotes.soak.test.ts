/** How often the brokers are asked for quotes, counted at the simulator. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Broker } from '../../src/broker-port/broker.js';
import { LOOK_QUOTE_AGE_MS } from '../../src/broker-port/quote-ages.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { TradeId } from '../../src/domain/ids.js';
import { createLogger } from '../../src/platform/logger.js';
import type { WatchedLevels } from '../../src/storage/watched-levels.js';
import { LevelIndex } from '../../src/worker/level-index.js';
import { LiveAccount } from '../../src/worker/live-account.js';
import { MARKET_HOURS, ManualClock } from '../simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { freshDatabase } from '../support/database.js';
import { LiveLogins, liveAdapter } from '../support/live-logins.js';

const ACCOUNTS = ['one', 'other'];
/** A minute's looks of two hundred trades, in a few beats. */
const LOOKS = 200;
const BEAT_MS = 2_000;
const BEATS = 4;

interface Watched {
  broker: Broker;
  symbols: string[];
  quoteCalls(): Promise<number>;
  /** what the leader does every two seconds */
  beat(): void;
}

async function watched(name: LiveBroker): Promise<Watched> {
  const clock = new ManualClock(MARKET_HOURS);
  const simulator = await TestSimulator.start(undefined, clock);
  const database = await freshDatabase();
  const logins = new LiveLogins(simulator, name);
  const ofCoins = name === 'coinbase';
  const symbols = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'].map((symbol) => (ofCoins ? `${symbol}-USD` : symbol));
  for (const symbol of symbols) await simulator.market(symbol, '99', '100', { last: '100' });
  for (const account of ACCOUNTS) await logins.add(account, '100000');
  const broker = liveAdapter(name, simulator, logins);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const parts = { prisma: database.prisma, broker, hint: async () => {}, logger };
  const levels = new LevelIndex(({ account }) => account);
  for (const account of ACCOUNTS) for (const symbol of symbols) levels.take(held(account, symbol));
  const accounts = ACCOUNTS.map((account) => new LiveAccount({ ...parts, account, levels }));
  onTestFinished(async () => {
    for (const listener of accounts) listener.leave();
    await simulator.close();
    await database.close();
  });
  return {
    ...{ broker, symbols },
    quoteCalls: async () => {
      const { requests } = await simulator.ledger();
      return requests.filter(({ operation }: Body) => operation === 'quote').length;
    },
    beat: () => {
      for (const listener of accounts) listener.watch();
    },
  };
}

/** A trade whose stop is far from the market. */
function held(account: string, symbol: string): WatchedLevels {
  const none = { limitPrice: null, remainingQuantity: '0', takeProfitPrice: null };
  const id = `${account}-${symbol}` as TradeId;
  const open = { status: 'open', side: 'buy', openQuantity: '1', stopPrice: '1', recordedAt: new Date(0) };
  return { id, account, symbol, ...none, ...open } as WatchedLevels;
}

/** The quotes that so many looks have seen, spread over the beats. */
async function looks({ broker, symbols, beat }: Watched, name: LiveBroker): Promise<number> {
  const assetClass = name === 'coinbase' ? 'crypto' : 'equity';
  let seen = 0;
  for (let count = 0; count < BEATS; count++) {
    beat();
    const some = Array.from({ length: LOOKS / BEATS }, async (_, index) => {
      // The first looks come after the first answer.
      await pause(count === 0 ? 500 + index * 20 : index * 40);
      const [account, symbol] = [ACCOUNTS[index % 2], symbols[index % symbols.length]];
      if (account === undefined || symbol === undefined) throw new Error('no such account or symbol');
      const { quote } = await broker.look(account, symbol, assetClass, [], 0, LOOK_QUOTE_AGE_MS);
      if (quote?.bid === '99') seen += 1;
    });
    await Promise.all([...some, pause(BEAT_MS)]);
  }
  return seen;
}

// What one beat asks: Schwab and E*TRADE with one call for each account, Coinbase with two for all of them.
test.each([
  ['schwab', ACCOUNTS.length],
  ['etrade', ACCOUNTS.length],
  ['coinbase', 2],
] as const)('looks at %s ask for no quotes while the beat brings them', async (name, callsOfBeat) => {
  const at = await watched(name);
  expect(await looks(at, name)).toBe(LOOKS);
  const calls = await at.quoteCalls();
  expect(calls).toBeGreaterThan(0);
  expect(calls - BEATS * callsOfBeat).toBeLessThanOrEqual(1);
});
