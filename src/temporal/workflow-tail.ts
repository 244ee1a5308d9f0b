/** The end of a workflow's history: what happened since it last finished a task, and who sent it commands. */
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { believed, CANCELLATION, type Command } from '../domain/trade/commands.js';

const { TimeoutType } = proto.temporal.api.enums.v1;

export interface WorkflowTail {
  /**
   * how often the workflow's task failed since then, or was not done in time: on a machine that cannot keep up a long
   * history is replayed again and again. The server's own count begins anew with each message that comes in
   */
  failures: number;
  /** what people asked for meanwhile, oldest first: nobody has heard it */
  commands: Command[];
}

type Page = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>;
type HistoryEvent = NonNullable<NonNullable<Page['history']>['events']>[number];

export async function readTail(client: Client, workflowId: string): Promise<WorkflowTail> {
  const tail: WorkflowTail = { failures: 0, commands: [] };
  for await (const event of newestFirst(client, workflowId)) {
    if (event.workflowTaskCompletedEventAttributes) break;
    if (event.workflowTaskFailedEventAttributes || wasNotDoneInTime(event)) tail.failures += 1;
    const command = await commandOf(client, workflowId, event);
    if (command) tail.commands.unshift(command);
  }
  return tail;
}

/** Further back nobody is looked for: a command is recorded soon after it came. */
const LATEST_EVENTS = 1_000;

/** As whom the client that sent a command last has named itself to Temporal, which believes everybody. */
export async function senderOf(client: Client, workflowId: string, command: Command): Promise<string | undefined> {
  let looked = 0;
  for await (const event of newestFirst(client, workflowId)) {
    const { name, request } = (await commandOf(client, workflowId, event)) ?? {};
    if (name === command.name && isDeepStrictEqual(request, command.request)) return identityOf(event);
    if (++looked === LATEST_EVENTS) return undefined;
  }
  return undefined;
}

function identityOf(event: HistoryEvent): string | undefined {
  const sent = event.workflowExecutionSignaledEventAttributes ?? event.workflowExecutionCancelRequestedEventAttributes;
  return sent?.identity ?? undefined;
}

/** A task that no worker took in time waits for another one: that is no failure. */
function wasNotDoneInTime({ workflowTaskTimedOutEventAttributes: timedOut }: HistoryEvent): boolean {
  return timedOut?.timeoutType === TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE;
}

async function* newestFirst(client: Client, workflowId: string): AsyncGenerator<HistoryEvent> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId },
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken ?? undefined;
  } while (nextPageToken !== undefined && nextPageToken.length > 0);
}

async function commandOf(client: Client, workflowId: string, event: HistoryEvent): Promise<Command | undefined> {
  if (event.workflowExecutionCancelRequestedEventAttributes) {
    return CANCELLATION;
  }
  const { signalName: name, input } = event.workflowExecutionSignaledEventAttributes ?? {};
  if (name !== 'closeTrade' && name !== 'cancelTrade') return undefined;
  const payload = input?.payloads?.[0];
  return { name, request: payload && believed(await contentOf(client, workflowId, payload)) };
}

/** Nothing when it can't be read: a command without its argument is still a command. */
async function contentOf(client: Client, workflowId: string, payload: Payload): Promise<unknown> {
  const { namespace, loadedDataConverter } = client.options;
  const { payloadCodecs, payloadConverter } = loadedDataConverter;
  let payloads = [payload];
  try {
    for (const codec of payloadCodecs.toReversed()) {
      payloads = await codec.decode(payloads, { type: 'workflow', namespace, workflowId });
    }
    return payloads[0] && payloadConverter.fromPayload(payloads[0]);
  } catch {
    return undefined;
  }
}
