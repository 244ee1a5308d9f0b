/** What holds the guardian's net together when something fails just then. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuardianMemory, GuardianPass } from '../../activities/contracts.js';
import { createGuardianActivities, type WorkflowStanding } from '../../activities/guardian.activities.js';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import type { Broker } from '../../src/broker-port/broker.js';
import { clientOrderId, paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { prepareIntent, recordBrokerOrder } from '../../src/storage/orders.js';
import { orderRequest } from '../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at } from '../support/prices.js';
import { SESSION_SECRET, tradeRequest } from '../support/trading.js';

const tickets = createStartTickets(SESSION_SECRET);
const userId = randomUUID() as UserId;
const account = paperAccountId(userId);
const settings = { monitorIntervalMs: 60_000, continueAsNewEvents: 150 };

let market: PaperMarketForTest;
let guardiansCalled: number;
let answerGuardian: () => Promise<void>;

beforeEach(async () => {
  market = await paperMarket(aapl(at('150'), at('139')));
  await market.goTo('2013-10-08T13:30');
  const limits = { create: { perTrade: '10000', daily: '100000', concentrationPercent: '100' } };
  await market.database.prisma.user.create({
    data: { id: userId, email: 'somebody@example.test', passwordHash: 'none', limits },
  });
  guardiansCalled = 0;
  answerGuardian = async () => {};
});
afterEach(() => market.close());

function input(): TradeInput {
  const trade = tradeRequest({ account });
  return { trade, ticket: tickets.sign({ tradeId: randomUUID() as TradeId, userId, trade, now: Date.now() }) };
}

function admit(start: TradeInput) {
  const activities = createTradeActivities({
    prisma: market.database.prisma,
    tickets,
    brokerOf: () => market.broker,
    settings,
    senderOf: async () => undefined,
    ensureGuardian: () => {
      guardiansCalled += 1;
      return answerGuardian();
    },
  });
  const workflowId = tradeWorkflowId(start.ticket.tradeId);
  return new MockActivityEnvironment().run(activities.admitTrade, { workflowId, input: start });
}

describe('the risk check', () => {
  it('that fails between reservation and guardian calls the guardian when it is made again', async () => {
    const start = input();
    answerGuardian = () => Promise.reject(new Error('Temporal is away'));
    await expect(admit(start)).rejects.toThrow('Temporal is away');
    answerGuardian = async () => {};
    expect(await admit(start)).toMatchObject({ accepted: true });
    expect(guardiansCalled).toBe(2);
  });
});

describe('a pass of the guardian', () => {
  it('adopts the other trades when one cannot be guarded, and says that it failed', async () => {
    const [broken, orphan] = [input(), input()];
    for (const start of [broken, orphan]) await admit(start);
    const { prisma } = market.database;
    await prisma.trade.updateMany({ data: { createdAt: new Date(Date.now() - 60_000) } });
    const restarted: TradeId[] = [];
    const { guardAccount } = createGuardianActivities({
      prisma,
      brokerOf: () => market.broker,
      terminate: async () => {},
      wake: async () => {},
      standingOf: async (id) => {
        if (id === broken.ticket.tradeId) throw new Error('by plan');
        return 'ended';
      },
      missedCommands: async () => [],
      restart: async ({ ticket }) => void restarted.push(ticket.tradeId),
    });
    const pass = new MockActivityEnvironment().run(guardAccount, { broker: 'paper', account });
    await expect(pass).rejects.toThrow('by plan');
    expect(restarted).toEqual([orphan.ticket.tradeId]);
  });
});

describe('a trade whose workflow task fails again and again', () => {
  async function passOver(
    lookedAgoMs: number,
    standing: WorkflowStanding = 'stuck',
    state?: object,
  ): Promise<string[]> {
    const start = input();
    await admit(start);
    const { prisma } = market.database;
    const [createdAt, lookedAt] = [new Date(Date.now() - 300_000), new Date(Date.now() - lookedAgoMs)];
    await prisma.trade.updateMany({ data: { createdAt, lookedAt, ...(state && { state }) } });
    const steps: string[] = [];
    const { guardAccount } = createGuardianActivities({
      prisma,
      brokerOf: () => market.broker,
      standingOf: async () => standing,
      terminate: async () => void steps.push('terminate'),
      wake: async () => {},
      missedCommands: async () => [{ name: 'closeTrade', request: { by: 'a trader' } }],
      restart: async (_input, carried) => void steps.push(`restart, to close: ${carried.closing?.by}`),
    });
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    await environment.run(guardAccount, { broker: 'paper', account });
    return steps;
  }

  it('is ended and taken over once it has not looked for a while, with what it did not come to hear', async () => {
    expect(await passOver(50_000)).toEqual(['terminate', 'restart, to close: a trader']);
    const codes = await market.database.prisma.alert.findMany({ select: { code: true }, orderBy: { id: 'asc' } });
    expect(codes).toEqual([{ code: 'trade_adopted' }]);
  });

  it('is only reported while it may still come to its task', async () => {
    expect(await passOver(200_000, 'running')).toEqual([]);
    const alerts = await market.database.prisma.alert.findMany({ select: { code: true, severity: true } });
    expect(alerts).toEqual([{ code: 'trade_frozen', severity: 1 }]);
  });

  it.each([
    [20_000, []],
    [31_000, [{ code: 'trade_frozen' }]],
  ])('is reported soon while a market order is all that it has: after %s ms', async (lookedAgoMs, alerts) => {
    const exit = { leg: 'exit', state: 'live', request: { type: 'market' } };
    await passOver(lookedAgoMs, 'running', { orders: [exit], monitor: { session: 'regular' } });
    expect(await market.database.prisma.alert.findMany({ select: { code: true } })).toEqual(alerts);
  });

  it('is given time to come right by itself', async () => {
    expect(await passOver(15_000)).toEqual([]);
  });
});

describe('what a pass finds at the broker', () => {
  let woken: TradeId[];
  beforeEach(() => {
    woken = [];
  });
  const pass = (memory: GuardianMemory = {}, broker: Broker = market.broker): Promise<GuardianPass> => {
    const { prisma } = market.database;
    const { guardAccount } = createGuardianActivities({
      prisma,
      brokerOf: () => broker,
      standingOf: async () => 'running',
      terminate: async () => {},
      wake: async (id) => void woken.push(id),
      missedCommands: async () => [],
      restart: async () => {},
    });
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return environment.run(guardAccount, { broker: 'paper', account, ...memory });
  };
  const alerts = () => market.database.prisma.alert.findMany({ select: { severity: true, code: true, tradeId: true } });
  const resting = { type: 'limit', limitPrice: '140' } as const;

  /** A trade with an entry that rests at the broker. */
  async function restingTrade() {
    const start = input();
    await admit(start);
    const { tradeId } = start.ticket;
    const request = orderRequest({ ...resting, clientOrderId: clientOrderId(tradeId, 'entry', 1) });
    const placed = await market.broker.place(account, request);
    if (placed.outcome !== 'accepted') throw new Error(placed.outcome);
    const { prisma } = market.database;
    const intent = await prepareIntent(prisma, {
      tradeId,
      broker: 'paper',
      account,
      leg: 'entry',
      generation: 1,
      request,
      holding: { side: 'buy', splits: [], external: [], absent: [] },
    });
    await recordBrokerOrder(prisma, intent, placed.order);
    return { tradeId, orderId: placed.order.orderId };
  }

  /** A trade that ended long ago, with an entry that the database thinks was cancelled unfilled. */
  async function endedTrade() {
    const { tradeId, orderId } = await restingTrade();
    const { prisma } = market.database;
    await prisma.order.updateMany({ where: { tradeId }, data: { intent: 'CLOSED', status: 'cancelled' } });
    const closedAt = new Date(Date.now() - 120_000);
    await prisma.trade.update({ where: { id: tradeId }, data: { status: 'cancelled', closedAt } });
    return { tradeId, orderId };
  }

  it('an entry that filled while its trade did not look wakes the trade, and is reported when it still does not', async () => {
    const { tradeId, orderId } = await restingTrade();
    expect(await pass()).toMatchObject({ unsure: 0, unseenSince: {} });
    await market.goTo('2013-10-08T13:31');
    const first = await pass();
    expect(first).toMatchObject({ unsure: 1, unseenSince: { [orderId]: expect.any(Number) } });
    expect([woken, await alerts()]).toEqual([[tradeId], []]);
    const second = await pass(first);
    await pass(second);
    expect(second.unseenSince).toEqual(first.unseenSince);
    expect(await alerts()).toEqual([{ severity: 1, code: 'change_unseen', tradeId }]);
  });

  it('so does one that somebody has cancelled', async () => {
    const { tradeId, orderId } = await restingTrade();
    await market.broker.cancel(account, orderId);
    await pass();
    expect(woken).toEqual([tradeId]);
  });

  it.each([
    ['another order, which nobody can read', { orderId: 'another' }, true],
    ['this one, which nobody can read', {}, false],
  ])('a row of %s is no sign of its own', async (_name, row, isWoken) => {
    const { tradeId, orderId } = await restingTrade();
    await market.broker.cancel(account, orderId);
    // The real broker, with a row more in its list.
    const openOrders = async (of: string) => {
      const { rows } = await market.broker.openOrders(of);
      return { rows, passedOver: [{ what: 'order' as const, reason: 'an order with 2 legs', orderId, ...row }] };
    };
    await pass({}, Object.assign(Object.create(market.broker), { openOrders }) as Broker);
    expect(woken).toEqual(isWoken ? [tradeId] : []);
  });

  it('a trade that has looked since is not reported', async () => {
    const { tradeId } = await restingTrade();
    await market.goTo('2013-10-08T13:31');
    const first = await pass();
    await market.database.prisma.trade.update({ where: { id: tradeId }, data: { lookedAt: new Date() } });
    await pass(first);
    expect([woken, await alerts()]).toEqual([[tradeId], []]);
  });

  it('an order with an id of ours that no trade knows is reported to a person, once', async () => {
    const id = clientOrderId(randomUUID() as TradeId, 'entry', 1);
    await market.broker.place(account, orderRequest({ ...resting, clientOrderId: id }));
    await pass();
    await pass();
    expect(await alerts()).toEqual([{ severity: 1, code: 'stranger_order', tradeId: null }]);
    expect((await market.broker.openOrders(account)).rows).toHaveLength(1);
  });

  it('so is one whose absence a trade had concluded', async () => {
    const { tradeId } = await endedTrade();
    await market.database.prisma.order.updateMany({ data: { intent: 'REFUSED', brokerOrderId: null } });
    await pass();
    expect(await alerts()).toEqual([{ severity: 1, code: 'stranger_order', tradeId: null }]);
    expect(tradeId).toBeDefined();
  });

  it('an order of somebody else is nothing of ours', async () => {
    await market.broker.place(account, orderRequest({ ...resting, clientOrderId: 'by-hand' }));
    await pass();
    expect(await alerts()).toEqual([]);
  });

  it('an order that still works after its trade has ended is cancelled, and reported', async () => {
    const { tradeId } = await endedTrade();
    await pass();
    expect((await market.broker.openOrders(account)).rows).toEqual([]);
    expect(await alerts()).toEqual([{ severity: 1, code: 'left_over_order', tradeId }]);
  });

  it('a fill that came after the end wins: it is recorded, and reported', async () => {
    const { tradeId, orderId } = await endedTrade();
    await market.goTo('2013-10-08T13:31');
    expect(await market.broker.order(account, orderId)).toMatchObject({ status: 'filled' });
    await pass();
    await pass();
    expect(await alerts()).toEqual([{ severity: 1, code: 'late_fill', tradeId }]);
    expect(await market.database.prisma.execution.count()).toBe(1);
  });
});
