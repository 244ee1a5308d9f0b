import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { ManualClock } from '../simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { freshDatabase } from './database.js';
import { type AccountType, LiveLogins, liveAdapter } from './live-logins.js';
import { type AnnouncedSplit, type PricePaths, type PriceRow, rowTime } from './market-files.js';
import type { TestMarket } from './test-market.js';

/** How long the looks of an account share what was read: after a step of the market they must read again. */
const LOOKS_SHARED_MS = 550;
/** More than the calls of any test. */
const ALWAYS = 1_000_000;

interface ShownRow extends PriceRow {
  symbol: string;
  at: number;
}

interface LiveMarketOptions {
  openingCash?: string;
  accountType?: AccountType;
  /** before the first row of their day; the broker announces none */
  splits?: readonly AnnouncedSplit[];
}

export interface LiveMarket extends TestMarket {
  simulator: TestSimulator;
}

/** A live broker, spoken to over HTTP, at an exchange simulator of its own that shows generated prices. */
export async function liveMarket(
  name: LiveBroker,
  paths: PricePaths,
  { openingCash = '100000', accountType, splits = [] }: LiveMarketOptions = {},
): Promise<LiveMarket> {
  const rows = rowsByTime(paths);
  const start = rows[0]?.at ?? 0;
  const simulator = await TestSimulator.start(undefined, new ManualClock(start));
  const database = await freshDatabase();
  const logins = new LiveLogins(simulator, name);
  const moves = [{ wall: 0, market: start }];

  const passTo = async (market: number) => {
    const before = simulator.clock.now();
    simulator.clock.advance((market - before) / 1_000);
    moves.push({ wall: Date.now(), market });
    if (dayOf(market) === dayOf(before)) return;
    await logins.logInAgain();
    for (const { symbol, ratio } of splits.filter(({ exDate }) => exDate === dayOf(market))) {
      await simulator.control('splits', { symbol, ratio });
    }
  };
  const showUntil = async (time: number) => {
    while (rows[0] && rows[0].at <= time) {
      const { at, ...row } = rows[0];
      rows.shift();
      await passTo(at);
      await show(simulator, row);
    }
    await passTo(time);
  };
  await showUntil(start);

  return {
    database,
    simulator,
    broker: liveAdapter(name, simulator, logins),
    accountOf: (user) => `${name}-${user}`,
    openAccount: (account) => logins.add(account, openingCash, accountType),
    goTo: async (minute) => {
      await showUntil(rowTime(minute));
      await pause(LOOKS_SHARED_MS);
    },
    marketTimeAt: (wall) => moves.findLast((move) => move.wall <= wall)?.market ?? start,
    ledger: async (account) => {
      const owner = account === undefined ? '' : `&account=${logins.ownerOf(account)}`;
      const { body } = await simulator.call('GET', `/control/ledger?broker=${name}${owner}`);
      return {
        ...body,
        orders: body.orders.map((order: Body) => ({ ...order, account: logins.accountOf(order.account) })),
      };
    },
    close: async () => {
      await simulator.close();
      await rm(simulator.directory, { recursive: true, force: true });
      await database.close();
    },
  };
}

/** `YYYY-MM-DD`: no test's market is open at midnight of either zone. */
function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function rowsByTime(paths: PricePaths): ShownRow[] {
  const rows = Object.entries(paths).flatMap(([path, ofSymbol]) => {
    const symbol = path.slice(path.indexOf('/') + 1);
    return ofSymbol.map((row) => ({ ...row, symbol, at: rowTime(row.minute) }));
  });
  return rows.sort((one, other) => one.at - other.at);
}

/** In a minute without a quote the broker leaves the bid out, of whatever symbol. */
async function show(
  simulator: TestSimulator,
  { symbol, bid, ask, last, size, bidSize = size, askSize = size }: Omit<ShownRow, 'at'>,
) {
  await simulator.call('DELETE', '/control/faults');
  if (bid === undefined || ask === undefined) {
    await simulator.fault('quote_missing_field', 'quote', { count: ALWAYS });
  } else {
    const shown = Object.entries({ last, bidSize, askSize }).filter(([, amount]) => amount !== undefined);
    await simulator.market(symbol, bid, ask, Object.fromEntries(shown));
  }
}
