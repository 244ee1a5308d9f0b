/** What holds the guardian's net together when something fails just then. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardianActivities } from '../../activities/guardian.activities.js';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at } from '../support/prices.js';
import { SESSION_SECRET, tradeRequest } from '../support/trading.js';

const tickets = createStartTickets(SESSION_SECRET);
const userId = randomUUID() as UserId;
const account = paperAccountId(userId);
const settings = { monitorIntervalMs: 60_000, continueAsNewEvents: 1_500 };

let market: PaperMarketForTest;
let guardiansCalled: number;
let answerGuardian: () => Promise<void>;

beforeEach(async () => {
  market = await paperMarket(aapl(at('150')));
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
      standingOf: async (id) => {
        if (id === broken.ticket.tradeId) throw new Error('by plan');
        return 'ended';
      },
      restart: async ({ ticket }) => void restarted.push(ticket.tradeId),
    });
    const pass = new MockActivityEnvironment().run(guardAccount, { broker: 'paper', account });
    await expect(pass).rejects.toThrow('by plan');
    expect(restarted).toEqual([orphan.ticket.tradeId]);
  });
});
