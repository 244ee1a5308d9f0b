/** The whole way of an order at E*TRADE: the activities that send and look, the real database, and the simulator. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderActivities, TradeActivities } from '../../../activities/contracts.js';
import { createOrderActivities } from '../../../activities/orders.activities.js';
import { createTradeActivities } from '../../../activities/trade.activities.js';
import { createStartTickets } from '../../../src/auth/start-tickets.js';
import { clientOrderId, type TradeId, type UserId } from '../../../src/domain/ids.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { OrderFact } from '../../../src/domain/trade/order-facts.js';
import type { KnownOrder, OrderRef } from '../../../src/domain/trade/order-ref.js';
import { ManualClock } from '../../simulator/exchange-fixture.js';
import { admitted } from '../../support/admitted.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { tradeRequest } from '../../support/trading.js';
import { ACCOUNT, amount, EtradeWorld, limitBuy } from './etrade-fixture.js';

const LOOKS_SHARE_MS = 600;

let world: EtradeWorld;
let database: TestDatabase;
let locks: pg.Pool;
let orders: OrderActivities;
let trades: TradeActivities;
let tradeId: TradeId;

beforeEach(async () => {
  // The database marks a send with the wall's time.
  world = await EtradeWorld.start(new ManualClock(Date.now()));
  await world.fault('session_open', '*', { seconds: 86_400 });
  database = await freshDatabase();
  locks = new pg.Pool({ connectionString: database.url });
  const { prisma } = database;
  const brokerOf = () => world.broker;
  orders = createOrderActivities({ prisma, locks, brokerOf });
  const tickets = createStartTickets('a test secret that is long enough to be one');
  const settings = {} as Parameters<typeof createTradeActivities>[0]['settings'];
  trades = createTradeActivities({
    prisma,
    tickets,
    brokerOf,
    settings,
    ensureGuardian: async () => {},
    senderOf: async () => undefined,
  });
  tradeId = await newTrade();
});
afterEach(async () => {
  await locks.end();
  await database.close();
  await world.close();
});

async function newTrade(): Promise<TradeId> {
  const [id, userId] = [randomUUID() as TradeId, randomUUID() as UserId];
  await database.prisma.user.create({ data: { id: userId, email: `${userId}@example.test`, passwordHash: 'none' } });
  const rest = { scope: 'trade', inputHash: '', issuedAt: 0, expiresAt: 0, signature: '' } as const;
  await admitted(database.prisma, {
    trade: tradeRequest({ broker: 'etrade', account: ACCOUNT, quantity: '1000' }),
    ticket: { tradeId: id, userId, ...rest },
  });
  return id;
}

function entryOf(request: OrderRequest, generation = 1): OrderRef {
  const leg = 'entry';
  const named = { ...request, clientOrderId: clientOrderId(tradeId, leg, generation) };
  const holding: OrderRef['holding'] = { side: 'buy', splits: [], external: [], absent: [] };
  return { tradeId, broker: 'etrade', account: ACCOUNT, leg, generation, request: named, holding };
}

function attempt<Order>(run: (order: Order) => Promise<OrderFact[]>, order: Order): Promise<OrderFact[]> {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return environment.run(run, order) as Promise<OrderFact[]>;
}

async function look({ leg, generation, request }: OrderRef, known: OrderFact | undefined): Promise<OrderFact[]> {
  const { brokerOrderId = '', quantity, filledQuantity, triggered } = known ?? (await fail());
  const order: KnownOrder = { leg, generation, request, brokerOrderId, quantity, filledQuantity, triggered };
  const asked = { tradeId, broker: 'etrade', account: ACCOUNT, symbol: 'AAPL', assetClass: 'equity' } as const;
  return (await trades.lookAtMarket({ ...asked, orders: [order], positionUnclear: false, splitsSince: 0 })).facts;
}

function fail(): Promise<never> {
  throw new Error('there is no order to look at');
}

describe('an order at E*TRADE, from decision to fills', () => {
  it('is filled in part and then wholly, each fill once, at its own price', async () => {
    await world.simulator.market('AAPL', '211.80', '211.90', { askSize: '15' });
    const entry = entryOf(limitBuy('212'));
    const [placed] = await attempt(orders.placeOrder, entry);
    expect(placed).toMatchObject({ standing: 'known', status: 'submitted', executions: [] });
    const [partial] = await look(entry, placed);
    const first = { quantity: '15', price: '211.9' };
    expect(partial).toMatchObject({ status: 'partially_filled', filledQuantity: '15', executions: [first] });
    await world.simulator.market('AAPL', '211.60', '211.70');
    // looks that come together share their reads
    await pause(LOOKS_SHARE_MS);
    const both = [first, { quantity: '25', price: '211.7' }];
    expect(await look(entry, partial)).toMatchObject([{ status: 'filled', executions: both }]);
    // what a look has missed is shown again, and is the same
    expect(await look(entry, placed)).toMatchObject([{ status: 'filled', executions: both }]);
    expect(await attempt(orders.resolveOrder, entry)).toMatchObject([{ executions: both }]);
  });

  it('is found when its answer was lost', async () => {
    const entry = entryOf(limitBuy('200'));
    await world.fault('timeout_after', 'place_entry');
    expect(await attempt(orders.placeOrder, entry)).toMatchObject([{ standing: 'unknown' }]);
    expect(await attempt(orders.resolveOrder, entry)).toMatchObject([{ standing: 'known', status: 'working' }]);
    expect(await world.ledger()).toHaveLength(1);
  });

  it('that is refused at its preview leaves nothing, and its successor is another', async () => {
    const poor = entryOf(limitBuy('212', { quantity: amount('1000') }));
    const [refused] = await attempt(orders.placeOrder, poor);
    expect(refused).toMatchObject({ standing: 'refused', refusal: { code: 'insufficient_funds' } });
    const [, placed] = await attempt(orders.placeOrder, entryOf(limitBuy('200'), 2));
    expect(placed).toMatchObject({ standing: 'known' });
    expect(await world.ledger()).toHaveLength(1);
  });

  it('keeps what was previewed for its one repeat', async () => {
    const entry = entryOf(limitBuy('200'));
    await world.fault('timeout_before', 'place_entry');
    await attempt(orders.placeOrder, entry);
    expect(await world.ledger()).toEqual([]);
    const [sent] = await attempt(orders.resendOrder, entry);
    expect(sent).toMatchObject({ standing: 'known', status: 'submitted' });
    expect(await attempt(orders.resendOrder, entry)).toMatchObject([{ standing: 'known' }]);
    expect(await world.ledger()).toHaveLength(1);
    const { requests } = await world.simulator.ledger();
    expect(requests.filter(({ operation }: { operation: string }) => operation === 'preview')).toHaveLength(1);
  });
});
