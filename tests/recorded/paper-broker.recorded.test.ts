/** The paper broker on recorded prices: scenarios S11, S13, S14 and S15, and every fill against its row. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PaperBroker } from '../../src/brokers/paper/paper-broker.js';
import type { WriteOutcome } from '../../src/domain/order.js';
import { openReplay, type ReplayMarket } from '../../src/market-data/market.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { rowTime } from '../support/market-files.js';
import { orderRequest, stopRequest } from '../support/orders.js';

const DIRECTORY = resolve(process.env.MARKET_DATA_DIR ?? '../shared/market-data');
const ACCOUNT = 'paper-recorded';
const COIN = { symbol: 'BTC-USD', assetClass: 'crypto', timeInForce: 'gtc' } as const;

let database: TestDatabase;
let market: ReplayMarket;
let broker: PaperBroker;
const scratch: string[] = [];

async function start(directory = DIRECTORY): Promise<void> {
  database = await freshDatabase();
  market = await openReplay({ directory, speed: 0 }, database.pool);
  broker = new PaperBroker({ ...market, pool: database.pool, openingCash: '100000' });
}

afterEach(async () => {
  await database.close();
  await Promise.all(scratch.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
});

function goTo(minute: string): Promise<void> {
  return market.clock.setMarketTime(rowTime(minute));
}

function acceptedId(outcome: WriteOutcome): string {
  if (outcome.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.order.orderId;
}

/** A copy of the recorded shares without the list of corporate actions. */
async function withoutAnnouncements(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-recorded-'));
  scratch.push(directory);
  await cp(join(DIRECTORY, 'equity', 'AAPL'), join(directory, 'equity', 'AAPL'), { recursive: true });
  return directory;
}

describe('recorded days', () => {
  it('S11: the stop of a fast fall triggers in the minute whose low passes it, and sells once', async () => {
    await start();
    await goTo('2017-09-04T00:00');
    await broker.place(ACCOUNT, orderRequest({ ...COIN, quantity: '0.1' }));
    const stop = acceptedId(await broker.place(ACCOUNT, stopRequest('4394.75', { ...COIN, quantity: '0.1' })));
    await goTo('2017-09-04T08:26');
    expect(await broker.order(ACCOUNT, stop)).toMatchObject({ status: 'working', triggered: false });
    await goTo('2017-09-04T08:27');
    // The row's bid, 4,400, is of its end: the stop triggered within it.
    expect(await broker.order(ACCOUNT, stop)).toMatchObject({
      status: 'filled',
      executions: [{ quantity: '0.1', price: '4394.75', at: rowTime('2017-09-04T08:27') }],
    });
    await goTo('2017-09-04T23:59');
    expect((await broker.positions(ACCOUNT)).rows).toEqual([]);
  });

  it('S13: through hours with quotes and no trades the quote stays fresh', async () => {
    await start();
    for (
      let minute = Date.parse('2018-04-04T16:48:00Z');
      minute < Date.parse('2018-04-04T23:50:00Z');
      minute += 600_000
    ) {
      await goTo(new Date(minute).toISOString().slice(0, 16));
      const look = await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [], 0);
      expect(look.session).toBe('regular');
      expect(look.marketTime - (look.quote?.at ?? 0)).toBeLessThanOrEqual(look.staleAfterMs);
      expect(look.quote?.bid).toBeDefined();
    }
  });

  it('S14: the split turns ten shares and their stop into seventy, and the fall it shows sells nothing', async () => {
    await start();
    await goTo('2014-06-06T19:58');
    await broker.place(ACCOUNT, orderRequest());
    const stop = acceptedId(await broker.place(ACCOUNT, stopRequest('613.29')));
    await goTo('2014-06-09T08:00');
    const look = await broker.look(ACCOUNT, 'AAPL', 'equity', [stop], rowTime('2014-06-06T19:58'));
    expect(look).toMatchObject({ position: '70', splits: [{ symbol: 'AAPL', ratio: '7' }] });
    expect(look.orders[0]).toMatchObject({ status: 'working', quantity: '70', stopPrice: '87.61' });
    await goTo('2014-06-10T00:00');
    expect(await broker.order(ACCOUNT, stop)).toMatchObject({ status: 'working', filledQuantity: '0' });
    const [order] = (await broker.ledger(ACCOUNT)).orders.filter(({ orderId }) => orderId === stop);
    expect(order?.events.map(({ kind }) => kind)).toEqual(['accepted', 'split']);
  });

  it('S14 without an announcement: the stop is held and the quote says why', async () => {
    await start(await withoutAnnouncements());
    await goTo('2014-06-06T19:58');
    await broker.place(ACCOUNT, orderRequest());
    const stop = acceptedId(await broker.place(ACCOUNT, stopRequest('613.29')));
    await goTo('2014-06-09T19:59');
    const look = await broker.look(ACCOUNT, 'AAPL', 'equity', [stop], 0);
    expect(look).toMatchObject({ position: '10', orders: [{ status: 'working' }], quote: { suspectedSplit: true } });
  });

  it('S15: the stop sells in the minute of the breach', async () => {
    await start();
    await goTo('2013-10-08T13:30');
    await broker.place(ACCOUNT, orderRequest({ symbol: 'IBM' }));
    const stop = acceptedId(await broker.place(ACCOUNT, stopRequest('180.07', { symbol: 'IBM' })));
    await goTo('2013-10-08T19:59');
    expect((await broker.order(ACCOUNT, stop))?.executions).toEqual([
      expect.objectContaining({ quantity: '10', price: '180.02', at: rowTime('2013-10-08T14:48') }),
    ]);
  });

  it('every file can be read from its first row to its last', async () => {
    await start();
    for (const symbol of market.feed.symbols()) {
      const events = await market.feed.events(symbol, 0, Date.parse('2100-01-01'));
      const times = events.map(({ at }) => at);
      expect(times).toEqual([...times].sort((one, other) => one - other));
      expect(events.length).toBeGreaterThan(100);
    }
  });
});
