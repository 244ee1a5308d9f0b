/**
 * A trade was refused for good as soon as one call for its price failed. A symbol that has no quote is refused; a broker that
 * cannot be asked is asked again.
 */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { checkAgainstMarket } from '../../src/api/trades/market-checks.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { BrokerUnavailable } from '../../src/broker-port/broker.js';
import { DependencyUnavailable } from '../../src/domain/errors.js';
import { type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import { type LiveMarket, liveMarket } from '../support/live-market.js';
import { aapl, at } from '../support/prices.js';
import { SESSION_SECRET, tradeRequest } from '../support/trading.js';

const tickets = createStartTickets(SESSION_SECRET);
const userId = randomUUID() as UserId;

let market: LiveMarket;
beforeEach(async () => {
  market = await liveMarket('alpaca', aapl(at('150')));
  await market.openAccount(market.accountOf(userId));
  await market.goTo('2013-10-08T13:30');
  const limits = { create: { perTrade: '10000', daily: '100000', concentrationPercent: '100' } };
  await market.database.prisma.user.create({
    data: { id: userId, email: 'somebody@example.test', passwordHash: 'none', limits },
  });
});
afterEach(() => market.close());

/** Admits one trade; each call is one try of its activity. */
function admission(symbol: string): () => Promise<unknown> {
  const id = randomUUID() as TradeId;
  const trade = tradeRequest({ broker: 'alpaca', account: market.accountOf(userId), symbol });
  const input = { trade, ticket: tickets.sign({ tradeId: id, userId, trade, now: Date.now() }) };
  const { admitTrade } = createTradeActivities({
    prisma: market.database.prisma,
    tickets,
    brokerOf: () => market.broker,
    settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
    ensureGuardian: async () => {},
    senderOf: async () => undefined,
  });
  return () => new MockActivityEnvironment().run(admitTrade, { workflowId: tradeWorkflowId(id), input });
}

it('is admitted once the broker shows its prices again', async () => {
  const admit = admission('AAPL');
  await market.simulator.fault('http_500', 'quote', { count: 1_000 });
  await expect(admit()).rejects.toThrow(BrokerUnavailable);
  await market.simulator.call('DELETE', '/control/faults');
  expect(await admit()).toMatchObject({ accepted: true, referencePrice: '150' });
});

it('is not turned away at the door because a price cannot be read', async () => {
  const trade = tradeRequest({ broker: 'alpaca', account: market.accountOf(userId) });
  await market.simulator.fault('http_500', 'quote', { count: 1_000 });
  await expect(checkAgainstMarket(market.broker, trade)).rejects.toThrow(DependencyUnavailable);
  await market.simulator.call('DELETE', '/control/faults');
  expect((await checkAgainstMarket(market.broker, trade)).entry?.toString()).toBe('150');
});

it('is refused when the broker knows no price of its symbol', async () => {
  expect(await admission('NOSUCH')()).toMatchObject({ accepted: false, reason: { code: 'QUOTE_UNAVAILABLE' } });
});
