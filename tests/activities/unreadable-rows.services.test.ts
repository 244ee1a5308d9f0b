/** What the guardian makes of rows that a broker's lists show and nobody can read, and of a comparison that keeps failing. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuardedAccount, GuardianPass } from '../../activities/contracts.js';
import { createGuardianActivities } from '../../activities/guardian.activities.js';
import { type Broker, BrokerUnavailable } from '../../src/broker-port/broker.js';
import type { PassedOver } from '../../src/broker-port/listing.js';
import { clientOrderId, paperAccountId, type TradeId, type UserId } from '../../src/domain/ids.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at } from '../support/prices.js';
import { tradeRequest } from '../support/trading.js';

const userId = randomUUID() as UserId;
const account = paperAccountId(userId);
const spread: PassedOver = { what: 'order', orderId: '7001', reason: 'an order with 2 legs' };

let market: PaperMarketForTest;
let passedOver: PassedOver[];
let isAway: boolean;
let listingMs: number;
let failure: Error;

beforeEach(async () => {
  market = await paperMarket(aapl(at('150')));
  passedOver = [];
  isAway = false;
  listingMs = 0;
  failure = new BrokerUnavailable('by plan');
  const { prisma } = market.database;
  await prisma.user.create({ data: { id: userId, email: 'owner@example.test', passwordHash: 'none', limits: {} } });
  const id = randomUUID();
  const terms = { symbol: 'AAPL', quantity: '10', ...{ account, broker: 'paper' } };
  const trade = { ...terms, assetClass: 'equity', side: 'buy', status: 'open', startedAt: new Date() };
  await prisma.trade.create({ data: { ...trade, id, userId, request: { ...tradeRequest({ account }) }, view: {} } });
  await prisma.order.create({
    data: {
      ...{ ...terms, tradeId: id, leg: 'entry', generation: 1, request: {}, intent: 'ACKED', brokerOrderId: '42' },
      clientOrderId: clientOrderId(id as TradeId, 'entry', 1),
    },
  });
});
afterEach(() => market.close());

/** The paper broker, whose lists also show the rows that a test plans. */
function brokerWithRows(): Broker {
  const broker = Object.create(market.broker) as Broker;
  broker.openOrders = async (of) => {
    await pause(listingMs);
    if (isAway) throw failure;
    return { ...(await market.broker.openOrders(of)), passedOver };
  };
  return broker;
}

function pass(
  guarded: Partial<GuardedAccount> = {},
  onHeartbeat: (details: unknown) => void = () => {},
): Promise<GuardianPass> {
  const { prisma } = market.database;
  const { guardAccount } = createGuardianActivities({
    prisma,
    brokerOf: brokerWithRows,
    standingOf: async () => 'running',
    terminate: async () => {},
    wake: async () => {},
    missedCommands: async () => [],
    restart: async () => {},
  });
  const environment = new MockActivityEnvironment(
    { heartbeatTimeoutMs: 3_000 },
    { logger: new DefaultLogger('ERROR') },
  );
  environment.on('heartbeat', onHeartbeat);
  return environment.run(guardAccount, { broker: 'paper', account, ...guarded });
}

function alerts() {
  return market.database.prisma.alert.findMany({
    select: { severity: true, code: true, userId: true },
    orderBy: { id: 'asc' },
  });
}

describe('a row that cannot be read', () => {
  it('and is nobody’s of ours is reported to the owner, once for its kind', async () => {
    passedOver = [spread, { ...spread, orderId: '7002', reason: 'an order with 3 legs' }];
    expect((await pass()).blindSince).toBeUndefined();
    await pass();
    expect(await alerts()).toEqual([{ severity: 3, code: 'unreadable_stranger', userId }]);
  });

  it.each<[string, PassedOver, string]>([
    ['an order whose broker id is in the database', { ...spread, orderId: '42' }, 'unreadable_order'],
    ['an order with an id of ours', { ...spread, clientOrderId: 'arb-1' }, 'unreadable_order'],
    ['a position that a trade holds', { what: 'position', symbol: 'AAPL', reason: 'null' }, 'unreadable_position'],
  ])('and is %s is an alarm after 90 seconds, once', async (_, row, code) => {
    passedOver = [row];
    const { blindSince, unreadableSince } = await pass();
    expect([blindSince, typeof unreadableSince]).toEqual([undefined, 'number']);
    // a fill that is not listed yet may explain it
    expect(await alerts()).toEqual([]);
    const since = Date.now() - 91_000;
    for (const _ of ['once', 'twice']) await pass({ unreadableSince: since });
    expect(await alerts()).toEqual([{ severity: 1, code, userId }]);
    // readable in between, and unreadable again
    await pass({ unreadableSince: since + 500 });
    expect(await alerts()).toHaveLength(2);
  });
});

it('a pass that waits for the broker says so every second, with what the one before could not see', async () => {
  listingMs = 2_500;
  const heard: unknown[] = [];
  await pass({ blindSince: 1 }, (details) => heard.push(details));
  expect(heard.length).toBeGreaterThanOrEqual(2);
  expect(heard[0]).toEqual({ blindSince: 1 });
  expect(heard.at(-1)).toMatchObject({ blindSince: undefined });
});

describe('a comparison that fails', () => {
  beforeEach(() => {
    isAway = true;
  });

  it('is an alert to the owner and to operators after 90 seconds', async () => {
    const now = Date.now();
    const { blindSince } = await pass({ blindSince: now - 80_000 });
    expect([blindSince, await alerts()]).toEqual([now - 80_000, []]);
    await pass({ blindSince: now - 91_000 });
    await pass({ blindSince: now - 91_000 });
    const alert = { severity: 1, code: 'guardian_blind' };
    expect(await alerts()).toEqual([
      { ...alert, userId },
      { ...alert, userId: null },
    ]);
  });

  it('in whatever way is one', async () => {
    failure = new TypeError('Cannot read properties of undefined');
    await pass({ blindSince: Date.now() - 91_000 });
    expect((await alerts()).map(({ code }) => code)).toContain('guardian_blind');
  });

  it('once does not make the guardian blind after a row of ours was unreadable', async () => {
    await pass({ unreadableSince: Date.now() - 80_000 });
    expect((await alerts()).map(({ code }) => code)).not.toContain('guardian_blind');
  });

  it('is over with one that succeeds', async () => {
    isAway = false;
    expect((await pass({ blindSince: Date.now() - 91_000 })).blindSince).toBeUndefined();
    expect(await alerts()).toEqual([]);
  });
});
