/**
 * Alpaca refuses an order that could meet one of the other side ("potential wash trade detected"): after its fill a second
 * trade of a symbol could get neither its stop nor its exit. It is refused before it is sent.
 */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import type { Broker } from '../../src/broker-port/broker.js';
import { paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { Admission } from '../../src/domain/trade/admission.js';
import { orderRequest } from '../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at, day } from '../support/prices.js';
import { SESSION_SECRET, tradeRequest } from '../support/trading.js';

const tickets = createStartTickets(SESSION_SECRET);
const userId = randomUUID() as UserId;
const account = paperAccountId(userId);

let market: PaperMarketForTest;
beforeEach(async () => {
  market = await paperMarket({ ...aapl(at('150')), 'equity/MSFT': day([at('40')]) });
  await market.goTo('2013-10-08T13:30');
  const limits = { create: { perTrade: '10000', daily: '100000', concentrationPercent: '100' } };
  await market.database.prisma.user.create({
    data: { id: userId, email: 'somebody@example.test', passwordHash: 'none', limits },
  });
});
afterEach(() => market.close());

/** The paper broker as one that refuses orders of opposite sides. */
function broker(): Broker {
  const refusing = Object.create(market.broker) as Broker;
  return Object.assign(refusing, { capabilities: { ...market.broker.capabilities, refusesOpposite: true } });
}

async function admit(symbol = 'AAPL'): Promise<{ id: TradeId; admission: Admission }> {
  const id = randomUUID() as TradeId;
  const trade = tradeRequest({ account, symbol });
  const ticket = tickets.sign({ tradeId: id, userId, trade, now: Date.now() });
  const { admitTrade } = createTradeActivities({
    prisma: market.database.prisma,
    tickets,
    brokerOf: broker,
    settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
    ensureGuardian: async () => {},
    senderOf: async () => undefined,
  });
  const start = { workflowId: tradeWorkflowId(id), input: { trade, ticket } };
  return { id, admission: (await new MockActivityEnvironment().run(admitTrade, start)) as Admission };
}

function refusal(named: string): object {
  return { accepted: false, reason: { code: 'opposite_order_working', message: expect.stringContaining(named) } };
}

describe('a second trade of a symbol', () => {
  it('is refused while the first one lives, and names it', async () => {
    const first = await admit();
    expect(first.admission.accepted).toBe(true);
    expect((await admit()).admission).toMatchObject(refusal(`trade ${first.id}`));
    expect((await admit('MSFT')).admission.accepted).toBe(true);
    await market.database.prisma.trade.update({ where: { id: first.id }, data: { status: 'closed' } });
    expect((await admit()).admission.accepted).toBe(true);
  });

  it('is refused beside another one that is admitted at the same time', async () => {
    const both = await Promise.all([admit(), admit()]);
    expect(both.map(({ admission }) => admission.accepted).sort()).toEqual([false, true]);
  });
});

it('a trade is refused while an order of a person works in its symbol, and names it', async () => {
  const request = orderRequest({ type: 'limit', limitPrice: '140', clientOrderId: 'by-hand' });
  const placed = await market.broker.place(account, request);
  if (placed.outcome !== 'accepted') throw new Error(placed.outcome);
  expect((await admit()).admission).toMatchObject(refusal(`the buy order ${placed.order.orderId}`));
  await market.broker.cancel(account, placed.order.orderId);
  expect((await admit()).admission.accepted).toBe(true);
});
