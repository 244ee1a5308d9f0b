/** Whose shares are missing when several trades hold the same symbol in one account. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOrderActivities } from '../../activities/orders.activities.js';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type Leg, paperAccountId, type TradeId, type UserId } from '../../src/domain/ids.js';
import type { OrderRequest } from '../../src/domain/order.js';
import type { TradeLook } from '../../src/domain/trade/look.js';
import type { KnownOrder, OrderRef } from '../../src/domain/trade/order-ref.js';
import { admitted } from '../support/admitted.js';
import { orderRequest } from '../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at } from '../support/prices.js';
import { SESSION_SECRET, tradeRequest } from '../support/trading.js';

const tickets = createStartTickets(SESSION_SECRET);
const userId = randomUUID() as UserId;
const account = paperAccountId(userId);

let market: PaperMarketForTest;
let locks: pg.Pool;
let mine: TradeId;
let others: TradeId;

beforeEach(async () => {
  market = await paperMarket(aapl(at('150'), at('139'), at('139')));
  await market.goTo('2013-10-08T13:30');
  locks = new pg.Pool({ connectionString: market.database.url });
  const { prisma } = market.database;
  await prisma.user.create({ data: { id: userId, email: 'somebody@example.test', passwordHash: 'none' } });
  [mine, others] = [await heldTrade(), await heldTrade()];
});
afterEach(async () => {
  await locks.end();
  await market.close();
});

/** A trade that has held ten shares for long, as it has recorded itself. */
async function heldTrade(): Promise<TradeId> {
  const { prisma } = market.database;
  const trade = tradeRequest({ account });
  const tradeId = randomUUID() as TradeId;
  await admitted(prisma, { trade, ticket: tickets.sign({ tradeId, userId, trade, now: Date.now() }) });
  await place(tradeId, 'entry', { side: 'buy', type: 'market' });
  await prisma.trade.update({ where: { id: tradeId }, data: { status: 'open', openQuantity: '10' } });
  await prisma.order.updateMany({ where: { tradeId }, data: { updatedAt: new Date(Date.now() - 60_000) } });
  return tradeId;
}

async function place(tradeId: TradeId, leg: Leg, terms: Parameters<typeof orderRequest>[0]): Promise<void> {
  const { placeOrder } = createOrderActivities({
    prisma: market.database.prisma,
    locks,
    brokerOf: () => market.broker,
  });
  const request = orderRequest({ ...terms, clientOrderId: clientOrderId(tradeId, leg, 1) });
  const holding: OrderRef['holding'] = { side: 'buy', splits: [], external: [], absent: [] };
  await new MockActivityEnvironment().run(placeOrder, {
    ...{ tradeId, broker: 'paper', account, leg, generation: 1, request, holding },
  });
}

function look(positionUnclear: boolean, tradeId = mine, orders: KnownOrder[] = []): Promise<TradeLook> {
  const { lookAtMarket } = createTradeActivities({
    ...{ prisma: market.database.prisma, tickets, brokerOf: () => market.broker },
    settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
    ensureGuardian: async () => {},
    senderOf: async () => undefined,
  });
  const asked = { tradeId, broker: 'paper', account, symbol: 'AAPL', assetClass: 'equity' } as const;
  return new MockActivityEnvironment().run(lookAtMarket, { ...asked, orders, splitsSince: 0, positionUnclear });
}

describe("another trade's stop has sold, and its workflow has not looked since", () => {
  beforeEach(async () => {
    await place(others, 'stop', { side: 'sell', type: 'stop', stopPrice: '140', timeInForce: 'gtc' });
    await market.goTo('2013-10-08T13:31');
  });

  it('a look goes by what that trade has recorded', async () => {
    expect(await look(false)).toMatchObject({ market: { position: '10' }, othersOpen: '10' });
  });

  it('a look at an unclear position asks the broker, and leaves the fill for that trade to find', async () => {
    expect(await look(true)).toMatchObject({ market: { position: '10' }, othersOpen: '0', othersInDoubt: false });
    const { prisma } = market.database;
    const stop = await prisma.order.findFirstOrThrow({ where: { tradeId: others, leg: 'stop' } });
    expect(stop).toMatchObject({ intent: 'CLOSED', status: 'filled' });
    const { facts } = await look(false, others, [
      {
        ...{ leg: 'stop', generation: 1, brokerOrderId: stop.brokerOrderId ?? '', triggered: false },
        ...{ request: stop.request as unknown as OrderRequest, status: 'working' },
        ...{ quantity: decimalString('10'), filledQuantity: decimalString('0') },
      },
    ]);
    expect(facts).toMatchObject([{ leg: 'stop', status: 'filled', executions: [{ quantity: '10' }] }]);
    expect(await prisma.execution.count({ where: { orderId: stop.id } })).toBe(1);
  });
});

it('of two trades that miss the same shares one comes before the other', async () => {
  const before = [await look(true, mine), await look(true, others)].map(({ othersBefore }) => othersBefore);
  expect(new Set(before)).toEqual(new Set([0, 1]));
});

it('nobody knows what another trade holds while the answer to a send of it is lost', async () => {
  await place(others, 'stop', { side: 'sell', type: 'stop', stopPrice: '140', timeInForce: 'gtc' });
  const lost = { intent: 'UNKNOWN', brokerOrderId: null };
  await market.database.prisma.order.updateMany({ where: { tradeId: others, leg: 'stop' }, data: lost });
  expect(await look(true)).toMatchObject({ othersInDoubt: true });
});

it('nobody knows what is there while the position may lag behind what another trade has bought', async () => {
  expect(await look(true)).toMatchObject({ othersEntered: false });
  await market.database.prisma.order.updateMany({ where: { tradeId: others }, data: { updatedAt: new Date() } });
  expect(await look(true)).toMatchObject({ othersEntered: true });
  expect(await look(true, others)).toMatchObject({ othersEntered: false });
});
