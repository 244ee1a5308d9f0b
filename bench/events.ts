/** History events of a complete trade, and of a monitored minute. */
import type { temporal } from '@temporalio/proto';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

/** A minute of the monitor, shortened so that many fit in a run. */
const MINUTE_MS = 250;
const MINUTES = 40;

export async function events(servers: Servers, report: Report): Promise<void> {
  const trading = await openTrading(servers, { monitorIntervalMs: MINUTE_MS });
  try {
    const userId = await trading.addUser();
    const complete = await tradeFor(trading, userId, 0);
    const monitored = await tradeFor(trading, userId, MINUTES * MINUTE_MS);
    const perMinute = (monitored.events - complete.events) / (monitored.looks - complete.looks);
    report({ name: 'history of a complete trade', unit: 'events', value: complete.events, goal: { atMost: 45 } });
    report({ name: 'history of a monitored minute', unit: 'events', value: perMinute, goal: { atMost: 6 } });
    const actionsPerMinute = (monitored.actions - complete.actions) / (monitored.looks - complete.looks);
    report({ name: 'Temporal Cloud actions of a complete trade', unit: 'actions', value: complete.actions });
    report({ name: 'Temporal Cloud actions of a monitored hour', unit: 'actions', value: 60 * actionsPerMinute });
  } finally {
    await trading.close();
  }
}

async function tradeFor(trading: BenchTrading, userId: Awaited<ReturnType<BenchTrading['addUser']>>, openMs: number) {
  const input = trading.newInput(userId);
  const { tradeId } = input.ticket;
  await trading.trades.startForVerdict(input);
  await untilOpen(trading, input);
  await new Promise((resolve) => setTimeout(resolve, openMs));
  await trading.trades.close(tradeId, {});
  const handle = trading.client.workflow.getHandle(`trade-${tradeId}`);
  await handle.result();
  const history = (await handle.fetchHistory()).events ?? [];
  const looks = history.filter((event) => event.timerFiredEventAttributes).length;
  return { events: history.length, looks, actions: actionsOf(history) };
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * What Temporal Cloud counts (docs.temporal.io/cloud/actions); the local activities of one workflow task count once.
 * Heartbeats, and calls of the console, come on top.
 */
function actionsOf(history: readonly HistoryEvent[]): number {
  const tasksWithMarkers = new Set(
    history.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker ? [`${marker.workflowTaskCompletedEventId}`] : [],
    ),
  );
  const counted = history.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ||
      event.workflowExecutionSignaledEventAttributes ||
      event.workflowExecutionUpdateAcceptedEventAttributes ||
      event.activityTaskScheduledEventAttributes ||
      event.timerStartedEventAttributes ||
      event.upsertWorkflowSearchAttributesEventAttributes ||
      event.workflowExecutionContinuedAsNewEventAttributes,
  );
  return counted.length + tasksWithMarkers.size;
}

async function untilOpen({ trades }: BenchTrading, input: ReturnType<BenchTrading['newInput']>): Promise<void> {
  for (;;) {
    const view = await trades.state(input.ticket.tradeId);
    if (view.stopOrderId !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
