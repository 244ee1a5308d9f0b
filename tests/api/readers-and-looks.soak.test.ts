/** Somebody who reads takes no calls from the looks of trades: at Schwab, with the real budget. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { shownTrade } from '../../src/api/trades/valuation.js';
import { type Broker, OutOfCalls } from '../../src/broker-port/broker.js';
import { LOOK_QUOTE_AGE_MS } from '../../src/broker-port/quote-ages.js';
import { forPeople } from '../../src/broker-port/request-budget.js';
import { createRequestBudget } from '../../src/storage/request-budgets.js';
import { MARKET_HOURS, ManualClock } from '../simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { freshDatabase } from '../support/database.js';
import { LiveLogins, liveAdapter } from '../support/live-logins.js';

const ACCOUNT = 'account';
const READS = 40;
const LOOKS = 8;

interface AtSchwab {
  trading: Broker;
  readers: Broker;
  quoteCalls(): Promise<number>;
}

/** An account half of whose calls are used up, as they were after half a minute of such reads. */
async function busyAccount(): Promise<AtSchwab> {
  const simulator = await TestSimulator.start(undefined, new ManualClock(MARKET_HOURS));
  const database = await freshDatabase();
  onTestFinished(async () => {
    await simulator.close();
    await database.close();
  });
  for (const symbol of ['AAPL', 'MSFT']) await simulator.market(symbol, '149.90', '150');
  const logins = new LiveLogins(simulator, 'schwab');
  await logins.add(ACCOUNT, '100000');
  const budget = createRequestBudget(database.prisma);
  await budget.take({ broker: 'schwab', account: ACCOUNT, priority: 'stop', kind: 'read' }, 0);
  await database.prisma.requestBucket.updateMany({ data: { tokens: 17 } });
  return {
    trading: liveAdapter('schwab', simulator, logins, budget),
    readers: liveAdapter('schwab', simulator, logins, forPeople(budget)),
    quoteCalls: async () => {
      const { requests } = await simulator.ledger();
      return requests.filter(({ operation }: Body) => operation === 'quote').length;
    },
  };
}

/** Reads one trade twice a second, whether or not the answer before has come. */
async function readOn(readers: Broker): Promise<void> {
  const trade = { broker: 'schwab', account: ACCOUNT, symbol: 'AAPL', side: 'buy', openQuantity: '10' };
  const markets = { readers: new Map([['schwab', readers]]), marketTime: async () => Date.now() };
  const view = { ...trade, assetClass: 'equity', averageFillPrice: '100', realizedPnl: '0', fees: '0', status: 'open' };
  const reads: Promise<unknown>[] = [];
  for (let count = 0; count < READS; count++) {
    reads.push(shownTrade(markets, { view: { ...view, remainingQuantity: '0' } }));
    await pause(500);
  }
  await Promise.all(reads);
}

/** How many looks of another trade fail meanwhile. */
async function failedLooks(trading: Broker): Promise<number> {
  let failed = 0;
  for (let count = 0; count < LOOKS; count++) {
    const next = pause(2_500);
    try {
      const look = await trading.look(ACCOUNT, 'MSFT', 'equity', [], 0, LOOK_QUOTE_AGE_MS);
      if (look.quote === undefined) failed += 1;
    } catch (error) {
      if (!(error instanceof OutOfCalls)) throw error;
      failed += 1;
    }
    await next;
  }
  return failed;
}

test('while one trade is read twice a second, no look of another fails', async () => {
  const { trading, readers, quoteCalls } = await busyAccount();
  const [failed] = await Promise.all([failedLooks(trading), readOn(readers)]);
  expect(failed).toBe(0);
  // Each look's own at most, and a person's every ten seconds.
  expect(await quoteCalls()).toBeLessThanOrEqual(LOOKS + 3);
});
