import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { PaperBroker } from '../../../src/brokers/paper/paper-broker.js';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import { wallClock } from '../../../src/market-data/clock.js';
import { SyntheticFeed } from '../../../src/market-data/synthetic-feed.js';
import { steadyRows } from '../../support/market-files.js';
import { orderRequest, stopRequest } from '../../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../../support/paper-market.js';

const ACCOUNT = 'paper-test';
const STEADY = { 'equity/AAPL': steadyRows('2013-10-08T13:30', 60, { bid: '149.99', ask: '150.00', last: '150.00' }) };

let open: PaperMarketForTest | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(...parameters: Parameters<typeof paperMarket>): Promise<PaperMarketForTest> {
  open = await paperMarket(...parameters);
  return open;
}

async function idOf(outcome: ReturnType<PaperBroker['place']>): Promise<string> {
  const result = await outcome;
  if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
  return result.order.orderId;
}

describe('while no process lives, the market goes on', () => {
  it('a stop of three days ago is found triggered in its own minute, by another process', async () => {
    const coin = { symbol: 'BTC-USD', assetClass: 'crypto', quantity: '1', timeInForce: 'gtc' } as const;
    const steady = { bid: '4400', ask: '4401', last: '4400' };
    const { broker, database, market, goTo } = await start({
      'crypto/BTC-USD': [
        { minute: '2017-09-01T00:00', ...steady },
        { minute: '2017-09-01T12:00', ...steady },
        { minute: '2017-09-02T12:00', ...steady },
        { minute: '2017-09-03T12:00', bid: '3990', ask: '3991', last: '3990' },
        { minute: '2017-09-04T12:00', bid: '5000', ask: '5001', last: '5000' },
      ],
    });
    await broker.place(ACCOUNT, orderRequest(coin));
    const stop = await idOf(broker.place(ACCOUNT, stopRequest('4000', coin)));
    await goTo('2017-09-04T12:00');
    const other = new PaperBroker({ ...market, pool: database.pool, openingCash: '1' });
    expect(await other.order(ACCOUNT, stop)).toMatchObject({
      status: 'filled',
      executions: [{ price: '3990', at: Date.parse('2017-09-03T12:01:00Z') }],
    });
  });

  it('shares that nothing works on are split all the same, once', async () => {
    const rows = [
      { minute: '2013-10-08T13:30', bid: '700', ask: '700', last: '700' },
      { minute: '2013-10-09T13:30', bid: '100', ask: '100', last: '100' },
    ];
    const splits = [{ symbol: 'AAPL', exDate: '2013-10-09', ratio: '7' }];
    const { broker, goTo } = await start({ 'equity/AAPL': rows }, { splits });
    await broker.place(ACCOUNT, orderRequest());
    await goTo('2013-10-09T13:30');
    const seventy = [{ symbol: 'AAPL', quantity: '70', averagePrice: '100' }];
    expect((await broker.positions(ACCOUNT)).rows).toEqual(seventy);
    expect((await broker.positions(ACCOUNT)).rows).toEqual(seventy);
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ equity: '100000' });
  });

  it('an account from another market begins anew in this one, orders and all', async () => {
    const { broker, database, goTo } = await start(STEADY);
    const synthetic = new PaperBroker({
      ...{ feed: new SyntheticFeed(), clock: wallClock },
      ...{ pool: database.pool, openingCash: '100000' },
    });
    const far = { type: 'limit', limitPrice: '1', timeInForce: 'gtc' } as const;
    const order = await idOf(synthetic.place(ACCOUNT, orderRequest(far)));
    await goTo('2013-10-08T13:40');
    expect(await broker.order(ACCOUNT, order)).toMatchObject({ status: 'working' });
    expect(await idOf(broker.place(ACCOUNT, orderRequest()))).toBeDefined();
  });
});

describe('when Postgres fails', () => {
  it('reads say that the broker cannot be asked, writes that nobody knows', async () => {
    const { broker, database } = await start(STEADY);
    const away = new pg.Pool({ connectionString: 'postgresql://nobody@127.0.0.1:9/none' });
    const lost = new PaperBroker({ feed: new SyntheticFeed(), clock: wallClock, pool: away, openingCash: '1' });
    await expect(lost.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    expect(await lost.place(ACCOUNT, orderRequest())).toMatchObject({ outcome: 'unknown' });
    expect(await lost.cancel(ACCOUNT, '1')).toMatchObject({ outcome: 'unknown' });
    expect((await broker.positions(ACCOUNT)).rows).toEqual([]);
    expect(database.pool.totalCount).toBeGreaterThan(0);
  });

  it('connections that are cut at any moment leave whole orders or none, and the process alive', async () => {
    const { broker, database } = await start(STEADY, { openingCash: '1000000' });
    // a connection that is cut in the very moment it is made belongs to nobody yet
    database.pool.on('connect', (client) => client.on('error', () => {}));
    const killer = new pg.Client({ connectionString: database.ownerUrl });
    await killer.connect();
    const requests = Array.from({ length: 60 }, () => orderRequest({ quantity: '1' }));
    const outcomes = requests.map((request) => broker.place(ACCOUNT, request));
    for (let round = 0; round < 10; round++) {
      await killer.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await killer.end();
    const answers = await Promise.all(outcomes);
    let bought = 0;
    for (const [index, outcome] of answers.entries()) {
      const found = await broker.find(ACCOUNT, requests[index] ?? orderRequest());
      if (outcome.outcome === 'accepted') expect(found?.status).toBe('filled');
      if (found) bought += 1;
    }
    expect(answers.some(({ outcome }) => outcome === 'unknown')).toBe(true);
    expect((await broker.positions(ACCOUNT)).rows[0]?.quantity ?? '0').toBe(String(bought));
    expect((await broker.accountSnapshot(ACCOUNT)).cash).toBe(String(1_000_000 - 150 * bought));
  });
});

describe('many at once', () => {
  it('buyers, sellers, stops and the market on one account, in three processes: the ledger adds up', async () => {
    const swing = Array.from({ length: 60 }, (_, index) => {
      const price = 150 + Math.round(3 * Math.sin(index / 3));
      return { minute: minuteAfter(index), bid: `${price - 0.01}`, ask: `${price}`, last: `${price}`, size: '7' };
    });
    const { broker, market, database, goTo } = await start({ 'equity/AAPL': swing });
    const another = () => new PaperBroker({ ...market, pool: database.pool, openingCash: '100000' });
    const [second, third] = [another(), another()];
    for (let index = 1; index < 40; index++) {
      await goTo(minuteAfter(index));
      const live = (await broker.openOrders(ACCOUNT)).rows[0];
      await Promise.all([
        broker.place(ACCOUNT, orderRequest({ quantity: '9' })),
        second.place(ACCOUNT, stopRequest('148', { quantity: '5' })),
        third.place(ACCOUNT, orderRequest({ side: 'sell', quantity: '3' })),
        second.advanceAll(),
        broker.look(ACCOUNT, 'AAPL', 'equity', [], 0),
        live && third.cancel(ACCOUNT, live.orderId),
      ]);
    }
    const { orders, positions } = await broker.ledger(ACCOUNT);
    const fills = orders.flatMap(({ side, events }) =>
      events.filter(({ kind }) => kind === 'fill').map((event) => ({ side, ...event })),
    );
    const signed = fills.map(({ side, quantity = '0' }) => decimal(side === 'buy' ? quantity : `-${quantity}`));
    const cost = fills.map(({ price = '0' }, index) => decimal(price).times(signed[index] ?? Decimal.zero));
    expect(fills.length).toBeGreaterThan(60);
    expect(new Set(fills.map(({ executionId }) => executionId)).size).toBe(fills.length);
    expect(positions[0]?.quantity ?? '0').toBe(Decimal.sum(signed).toString());
    const cash = decimal('100000').minus(Decimal.sum(cost));
    expect((await broker.accountSnapshot(ACCOUNT)).cash).toBe(cash.toString());
    for (const order of orders) {
      const filled = order.events.filter(({ kind }) => kind === 'fill').map(({ quantity = '0' }) => decimal(quantity));
      expect(Decimal.sum(filled).toString()).toBe(order.filledQuantity);
    }
  });

  it('processes that remember an account, and one that does not, always see the same', async () => {
    const waves = Array.from({ length: 60 }, (_, index) => {
      const price = 150 + Math.round(4 * Math.sin(index / 2));
      return { minute: minuteAfter(index), bid: `${price - 0.01}`, ask: `${price}`, last: `${price}`, size: '7' };
    });
    const { broker, market, database, goTo } = await start({ 'equity/AAPL': waves });
    const another = () => new PaperBroker({ ...market, pool: database.pool, openingCash: '100000' });
    const processes = [broker, another()];
    for (let index = 1; index < 60; index++) {
      await goTo(minuteAfter(index));
      const [first = broker, second = broker] = index % 2 === 0 ? processes : [...processes].reverse();
      await first.advanceAll();
      const oldest = (await second.openOrders(ACCOUNT)).rows[0];
      await second.place(ACCOUNT, orderRequest({ quantity: '9' }));
      await first.place(ACCOUNT, stopRequest('147', { quantity: '4' }));
      if (oldest && index % 3 === 0) await first.cancel(ACCOUNT, oldest.orderId);
      const seen = await Promise.all([first, second, another()].map(overview));
      expect(seen[0]).toEqual(seen[2]);
      expect(seen[1]).toEqual(seen[2]);
    }
    expect((await broker.openOrders(ACCOUNT)).rows.length).toBeGreaterThan(2);
  });
});

async function overview(broker: PaperBroker) {
  return {
    orders: await broker.openOrders(ACCOUNT),
    positions: await broker.positions(ACCOUNT),
    account: await broker.accountSnapshot(ACCOUNT),
  };
}

function minuteAfter(index: number): string {
  return new Date(Date.parse('2013-10-08T13:30:00Z') + index * 60_000).toISOString().slice(0, 16);
}
