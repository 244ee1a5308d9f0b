/** Reads the histories of a trade's runs: their lengths and events. */
import type { Client, WorkflowHandle } from '@temporalio/client';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

export interface Run {
  runId: string;
  events: HistoryEvent[];
}

/** All runs of a workflow, from the first to the current one. */
export async function runsOf(client: Client, workflowId: string, firstRunId: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (let runId: string | undefined = firstRunId; runId; ) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push({ runId, events: events ?? [] });
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return runs;
}

export function signalsIn({ events }: Run): number {
  return events.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

/** The updates that were answered. */
export function updatesIn({ events }: Run): { id: string; name: string }[] {
  const accepted = events.flatMap((event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? []);
  const completed = new Set(
    events.map((event) => event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId).filter(Boolean),
  );
  return accepted
    .filter(({ acceptedRequest }) => completed.has(acceptedRequest?.meta?.updateId))
    .map(({ acceptedRequest }) => ({
      id: acceptedRequest?.meta?.updateId ?? '',
      name: acceptedRequest?.input?.name ?? '',
    }));
}

/** Timers that fired: each is a tick of the monitor, or a wait for an order that worked. */
export function ticksIn({ events }: Run): number {
  return events.filter((event) => event.timerFiredEventAttributes).length;
}

const UNHANDLED_COMMAND = 1;

/** Workflow tasks that failed or took too long, but for those that had to be repeated because a message came meanwhile. */
export function brokenTasksIn({ events }: Run): HistoryEvent[] {
  return events.filter(
    ({ workflowTaskFailedEventAttributes: failed, workflowTaskTimedOutEventAttributes: late }) =>
      late || (failed && failed.cause !== UNHANDLED_COMMAND),
  );
}
