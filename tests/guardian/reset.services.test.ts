import { randomUUID } from 'node:crypto';
import type Long from 'long';
import { expect } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';

const market = { prices: aapl(at('150')) };

/** Workflow tasks that completed: the points that the Temporal UI offers for a reset. */
async function resetPoints(s: Scenario, trade: TradeView): Promise<Long[]> {
  const { events } = await s.client.workflow.getHandle(trade.workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: completed, eventId }) =>
    completed && eventId ? [eventId] : [],
  );
}

async function reset(s: Scenario, trade: TradeView, runId: string, eventId: Long): Promise<void> {
  await s.client.workflowService.resetWorkflowExecution({
    namespace: s.namespace,
    workflowExecution: { workflowId: trade.workflowId, runId },
    workflowTaskFinishEventId: eventId,
    requestId: randomUUID(),
    reason: 'a test pressed Reset',
  });
}

scenarios('Reset', (scenario) => {
  scenario('of an open trade to every point: it finds its orders and sends none again', market, async (s) => {
    const trade = await s.start();
    const open = await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const { runId } = await s.client.workflow.getHandle(trade.workflowId).describe();
    const writes = s.faults.writes;
    for (const point of await resetPoints(s, trade)) {
      await reset(s, trade, runId, point);
      const again = await s.until(trade, (view) => view.status === 'open' && view.stopKind === 'broker');
      expect(again).toMatchObject({
        openQuantity: '10',
        stopOrderId: open.stopOrderId,
        entryOrderId: open.entryOrderId,
      });
    }
    expect(s.faults.writes).toBe(writes);
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
  });

  scenario('of a finished trade to every point: nothing is sent and the record stands', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
    const { runId } = await s.client.workflow.getHandle(trade.workflowId).describe();
    const recorded = await s.until(trade, ({ status }) => status === 'closed');
    const writes = s.faults.writes;
    for (const point of await resetPoints(s, trade)) {
      await reset(s, trade, runId, point);
      await s.client.workflow.getHandle(trade.workflowId).result();
    }
    expect(s.faults.writes).toBe(writes);
    expect(await s.until(trade, ({ status }) => status === 'closed')).toMatchObject({
      status: 'closed',
      realizedPnl: recorded.realizedPnl,
      exitReason: 'manual',
    });
  });
});
