/** Complete trades per second, compared with bare Temporal workflows with as many empty activities, on the same servers. */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { tradeWorkflowId, type UserId } from '../src/domain/ids.js';
import { EMPTY_QUEUE, startEmptyWorker } from './empty-worker.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

const TRADES = 300;
const AT_ONCE = 24;
const ROUNDS = 3;

export async function lifecycle(servers: Servers, report: Report): Promise<void> {
  // First: what is started after our workers runs in the lean sandbox, too.
  const empty = await startEmptyWorker(servers.temporalAddress);
  const trading = await openTrading(servers, { monitorIntervalMs: 60_000 });
  try {
    await completeTrades(trading, AT_ONCE);
    const { steps, localSteps } = await stepsOfATrade(trading);
    await emptyWorkflows(trading, 'empty', [steps + localSteps], AT_ONCE);
    for (let round = 1; round <= ROUNDS; round++) {
      const ours = await completeTrades(trading, TRADES);
      const bare = await emptyWorkflows(trading, 'empty', [steps + localSteps], TRADES);
      const same = await emptyWorkflows(trading, 'emptyWithLocal', [steps, localSteps], TRADES);
      const figure = { unit: 'a second', value: ours };
      report({
        ...{ ...figure, name: 'complete trades', ratioGoal: { atLeast: 1 } },
        reference: { name: `bare workflow, ${steps + localSteps} empty activities`, value: bare },
      });
      report({
        ...{ ...figure, name: 'complete trades, beside local activities', ratioGoal: { atLeast: 0.8 } },
        reference: { name: `bare workflow, ${steps} empty activities and ${localSteps} local ones`, value: same },
      });
    }
  } finally {
    await empty.stop();
    await trading.close();
  }
}

async function completeTrades(trading: BenchTrading, count: number): Promise<number> {
  const users = await Promise.all(Array.from({ length: AT_ONCE }, () => trading.addUser()));
  return perSecond(count, async (index) => {
    await completeTrade(trading, users[index % users.length] ?? (await trading.addUser()));
  });
}

/** Entry, stop, a look that finds both, and the close: the stop's cancel and the exit. */
async function completeTrade({ trades, client, newInput }: BenchTrading, userId: UserId): Promise<string> {
  const input = newInput(userId);
  const { tradeId } = input.ticket;
  const verdict = await trades.startForVerdict(input);
  if (!verdict?.accepted) throw new Error(`a trade was not accepted: ${JSON.stringify(verdict)}`);
  const { stopOrderId } = await trades.lookNow(tradeId);
  if (stopOrderId === null) throw new Error(`trade ${tradeId} has no stop`);
  await trades.close(tradeId, {});
  await client.workflow.result(tradeWorkflowId(tradeId));
  return tradeWorkflowId(tradeId);
}

/** How many activities a complete trade takes, by its history. */
async function stepsOfATrade(trading: BenchTrading): Promise<{ steps: number; localSteps: number }> {
  const workflowId = await completeTrade(trading, await trading.addUser());
  const { events } = await trading.client.workflow.getHandle(workflowId).fetchHistory();
  const steps = events?.filter((event) => event.activityTaskScheduledEventAttributes).length ?? 0;
  const localSteps = events?.filter((event) => event.markerRecordedEventAttributes).length ?? 0;
  return { steps, localSteps };
}

/** Without anything of ours, payload encryption included. */
function emptyWorkflows(trading: BenchTrading, type: string, args: number[], count: number): Promise<number> {
  const client = new Client({ connection: trading.client.connection });
  return perSecond(count, async () => {
    await client.workflow.execute(type, { args, taskQueue: EMPTY_QUEUE, workflowId: randomUUID() });
  });
}

/** Runs `work` the given number of times, several at once, and returns the runs per second. */
async function perSecond(count: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return count / ((performance.now() - started) / 1000);
}
