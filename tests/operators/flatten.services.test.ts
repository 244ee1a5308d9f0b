/** The second half of the kill switch: everything that is open is sold, whatever happens meanwhile. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { UserId } from '../../src/domain/ids.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, type ScenarioOptions, scenarios } from '../support/scenario.js';

const ADMIN = randomUUID() as UserId;
const TRADES = 50;
const STOPPED = 10;

const market: ScenarioOptions = { prices: aapl(at('150'), at('149')), guardianPauseMs: 1_000 };

const slowGuardian: ScenarioOptions = { ...market, guardianPauseMs: 8_000 };

async function startOpen(s: Scenario, stops: readonly string[]): Promise<TradeView[]> {
  const started = await Promise.all(stops.map((price) => s.start({ quantity: '1', stopLoss: { price } })));
  return Promise.all(started.map((trade) => s.until(trade, ({ stopKind }) => stopKind === 'broker', 60_000)));
}

scenarios('to flatten', (scenario) => {
  scenario('T45 fifty trades while the stops of ten fill sells no share twice', market, async (s) => {
    const stops = Array.from({ length: TRADES }, (_, index) => (index < STOPPED ? '149.50' : '140'));
    const trades = await startOpen(s, stops);
    await Promise.all([s.goTo(1), s.trades.closeAll({ by: ADMIN })]);
    const closed = await Promise.all(
      trades.map((trade) => s.until(trade, ({ status }) => status === 'closed', 60_000)),
    );
    expect(closed.map(({ filledQuantity }) => filledQuantity)).toEqual(stops.map(() => '1'));
    const { orders, positions } = await s.ledger();
    const sold = orders.filter(({ side, filledQuantity }) => side === 'sell' && filledQuantity === '1');
    expect(sold).toHaveLength(TRADES);
    expect(positions.filter(({ quantity }) => quantity !== '0')).toEqual([]);
  });

  scenario('a trade that hears nothing just now does so later', market, async (s) => {
    const [deaf, hearing] = await startOpen(s, ['140', '140']);
    if (!deaf || !hearing) throw new Error('no trades were started');
    await eventually(() => Date.now() - Date.parse(deaf.createdAt) > 5_000, 'the guardian cares for the trade');
    await s.client.workflow.getHandle(deaf.workflowId).terminate('a test pressed Terminate');
    await s.trades.closeAll({ by: ADMIN });
    for (const trade of [deaf, hearing]) await s.until(trade, ({ status }) => status === 'closed', 60_000);
  });

  scenario('one that hears nothing yet does not make the others get the command again', slowGuardian, async (s) => {
    const [deaf, hearing] = await startOpen(s, ['140', '140']);
    if (!deaf || !hearing) throw new Error('no trades were started');
    await eventually(() => Date.now() - Date.parse(deaf.createdAt) > 5_000, 'the guardian cares for the trade');
    s.faults.add({ on: 'cancel', leg: 'stop', kind: 'acknowledged', ms: 8_000 });
    await s.client.workflow.getHandle(deaf.workflowId).terminate('a test pressed Terminate');
    await s.trades.closeAll({ by: ADMIN });
    for (const trade of [deaf, hearing]) await s.until(trade, ({ status }) => status === 'closed', 60_000);
    const { events } = await s.client.workflow.getHandle(hearing.workflowId).fetchHistory();
    const heard = events?.filter(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'closeTrade',
    );
    expect(heard).toHaveLength(1);
  });
});
