/**
 * Six hours in which a broker refuses every order that would close or protect a position. At Alpaca "potential wash trade
 * detected" once brought an order every fifteen seconds, for hours.
 */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LIVE_BROKERS } from '../../src/domain/broker-login.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import type { Body } from '../simulator/simulator-fixture.js';
import { liveMarket } from '../support/live-market.js';
import { at, minute, sparseDay } from '../support/prices.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { openTradingAt } from '../support/trading.js';

const STEP_MINUTES = 15;
const STEPS = (6 * 60) / STEP_MINUTES;
const MOST_ORDERS = 30;
const MOST_STATE_BYTES = 100_000;

/** A server for each test: after one its time is hours ahead of the machine's. */
let time: TestWorkflowEnvironment;
beforeEach(async () => {
  time = await timeSkippingEnvironment();
}, 120_000);
afterEach(() => time.teardown());

const prices = sparseDay({ 0: at('150'), 385: at('150') });

it.each(LIVE_BROKERS)('at %s bring few orders and one alert, and the position is closed afterwards', async (broker) => {
  const isCoin = broker === 'coinbase';
  const symbol = isCoin ? 'AAPL-USD' : 'AAPL';
  const market = await liveMarket(broker, { [`${isCoin ? 'crypto' : 'equity'}/${symbol}`]: prices });
  const trading = await openTradingAt(market, {
    temporal: { address: time.address, namespace: time.namespace ?? 'default' },
    request: { broker, symbol, assetClass: isCoin ? 'crypto' : 'equity' },
    settings: { monitorIntervalMs: 5 * 60_000 },
  });
  try {
    const trade = await trading.start();
    await trading.until(trade, ({ stopKind }: TradeView) => stopKind === 'broker');
    const before = await closingOrders(market.simulator);
    for (const operation of ['place_exit', 'place_stop']) {
      await market.simulator.fault('reject', operation, { probability: 1 });
    }
    await trading.trades.close(trade.id, { by: 'a trader' });
    for (let step = 1; step <= STEPS; step++) {
      await market.goTo(minute(step * STEP_MINUTES));
      await time.sleep(`${STEP_MINUTES}m`);
    }

    const sent = (await closingOrders(market.simulator)) - before;
    expect(sent).toBeGreaterThan(6);
    expect(sent).toBeLessThanOrEqual(MOST_ORDERS);
    expect(await trading.view(trade)).toMatchObject({ status: 'needs_attention', reason: { code: 'exit_refused' } });
    const alerts = await market.database.prisma.alert.findMany({ where: { tradeId: trade.id, code: 'exit_refused' } });
    expect(alerts).toHaveLength(1);
    const { state } = await trading.row(trade);
    expect(JSON.stringify(state).length).toBeLessThan(MOST_STATE_BYTES);

    await market.simulator.call('DELETE', '/control/faults');
    for (let step = 0; step < 4; step++) await time.sleep(`${STEP_MINUTES}m`);
    await trading.until(trade, ({ status }: TradeView) => status === 'closed');
    const { positions } = await market.ledger();
    expect(positions.filter(({ quantity }) => quantity !== '0')).toEqual([]);
  } finally {
    await trading.close();
  }
});

/** What was sent to close or to protect, taken or not. */
async function closingOrders(simulator: { ledger(): Promise<Body> }): Promise<number> {
  const { requests } = await simulator.ledger();
  return requests.filter(({ operation }: Body) => operation === 'place_exit' || operation === 'place_stop').length;
}
