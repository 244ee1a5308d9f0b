/** Complete trades per second, compared with bare Temporal workflows with as many empty activities, on the same servers. */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { AT_ONCE, completeTrade, completeTrades, perSecond } from './complete-trades.js';
import { startDbos } from './dbos.js';
import { EMPTY_QUEUE, startEmptyWorker } from './empty-worker.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

const TRADES = 200;

export async function lifecycle(servers: Servers, report: Report, rounds: number): Promise<void> {
  // First: what is started after our workers runs in the lean sandbox, too.
  const empty = await startEmptyWorker(servers.temporalAddress);
  const dbos = await startDbos(servers.databaseUrl);
  const trading = await openTrading(servers, { monitorIntervalMs: 60_000 });
  try {
    await completeTrades(trading, AT_ONCE);
    const { steps, localSteps } = await stepsOfATrade(trading);
    await emptyWorkflows(trading, 'empty', [steps + localSteps], AT_ONCE);
    for (let round = 1; round <= rounds; round++) {
      const ours = await completeTrades(trading, TRADES);
      const bare = await emptyWorkflows(trading, 'empty', [steps + localSteps], TRADES);
      const same = await emptyWorkflows(trading, 'emptyWithLocal', [steps, localSteps], TRADES);
      const others = await perSecond(TRADES, async () => void (await dbos.run(steps + localSteps)));
      const figure = { unit: 'a second', value: ours };
      report({
        ...{ ...figure, name: 'complete trades', ratioGoal: { atLeast: 1 } },
        reference: { name: `bare workflow, ${steps + localSteps} empty activities`, value: bare },
      });
      report({
        ...{ ...figure, name: 'complete trades, beside local activities', ratioGoal: { atLeast: 0.8 } },
        reference: { name: `bare workflow, ${steps} empty activities and ${localSteps} local ones`, value: same },
      });
      report({
        ...{ ...figure, name: 'complete trades, beside DBOS' },
        reference: { name: `DBOS, ${steps + localSteps} empty steps`, value: others },
      });
    }
  } finally {
    await empty.stop();
    await dbos.stop();
    await trading.close();
  }
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
