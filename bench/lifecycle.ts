/** Complete trades a second beside bare Temporal workflows with as many empty activities, in one run on the same servers. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { tradeWorkflowId } from '../src/domain/ids.js';
import { emptyActivities } from './empty-activities.js';
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

const TRADES = 300;
const AT_ONCE = 24;
const ROUNDS = 3;
const EMPTY_QUEUE = 'bench-empty';
/** Activities of a complete trade: place entry, place stop, cancel stop, place exit; and local: admit, look, record twice. */
const STEPS = 4;
const LOCAL_STEPS = 4;

export async function lifecycle(servers: Servers): Promise<void> {
  const trading = await openTrading(servers, 60_000);
  const empty = await emptyWorker(trading);
  try {
    await completeTrades(trading, AT_ONCE);
    await emptyWorkflows(trading, 'empty', [STEPS + LOCAL_STEPS], AT_ONCE);
    for (let round = 1; round <= ROUNDS; round++) {
      const ours = await completeTrades(trading, TRADES);
      const bare = await emptyWorkflows(trading, 'empty', [STEPS + LOCAL_STEPS], TRADES);
      const same = await emptyWorkflows(trading, 'emptyWithLocal', [STEPS, LOCAL_STEPS], TRADES);
      print(
        `round ${round}: ${ours.toFixed(1)} complete trades/s; bare workflow with ${STEPS + LOCAL_STEPS} empty activities ${bare.toFixed(1)}/s, ratio ${(ours / bare).toFixed(2)} (goal 0.90); with ${STEPS} activities and ${LOCAL_STEPS} local ones ${same.toFixed(1)}/s, ratio ${(ours / same).toFixed(2)}`,
      );
    }
  } finally {
    empty.worker.shutdown();
    await empty.running;
    await trading.close();
  }
}

async function completeTrades(trading: BenchTrading, count: number): Promise<number> {
  const users = await Promise.all(Array.from({ length: AT_ONCE }, () => trading.addUser()));
  return perSecond(count, async (index) => {
    const input = trading.newInput(users[index % users.length] ?? (await trading.addUser()));
    const verdict = await trading.trades.startForVerdict(input);
    if (!verdict?.accepted) throw new Error(`a trade was not accepted: ${JSON.stringify(verdict)}`);
    await trading.trades.close(input.ticket.tradeId, {});
    await trading.client.workflow.result(tradeWorkflowId(input.ticket.tradeId));
  });
}

function emptyWorkflows({ client }: BenchTrading, type: string, args: number[], count: number): Promise<number> {
  return perSecond(count, async () => {
    await client.workflow.execute(type, { args, taskQueue: EMPTY_QUEUE, workflowId: randomUUID() });
  });
}

async function emptyWorker({ native }: BenchTrading) {
  const workflowsPath = fileURLToPath(new URL('./empty.workflow.ts', import.meta.url));
  const worker = await Worker.create({
    connection: native,
    taskQueue: EMPTY_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath }),
    activities: emptyActivities,
    maxConcurrentActivityTaskExecutions: 50,
    maxConcurrentWorkflowTaskExecutions: 40,
  });
  return { worker, running: worker.run() };
}

/** Runs `work` so many times, some at once, and answers how many were done a second. */
async function perSecond(count: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return count / ((performance.now() - started) / 1000);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
