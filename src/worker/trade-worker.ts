import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type ActivityDependencies, createActivities, createGuardActivities } from '../../activities/index.js';
import { sealedInputs } from '../../activities/sealed-inputs.js';
import { GUARDIAN_TASK_QUEUE, TRADES_TASK_QUEUE } from '../domain/ids.js';
import { createForgeryRecord } from '../storage/forgeries.js';
import { type SilentThread, useLeanSandbox } from './lean-sandbox.js';
import { createWorkflowSlots } from './workflow-slots.js';

export interface TradeWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  dataConverter: DataConverter;
  workflowBundle: { codePath: string };
  dependencies: ActivityDependencies;
  /** the tab "Call Stack" of Temporal's console, at the price of slower workflows */
  stackTraces?: boolean;
  /** for tests: interceptors that kill, a cache of nothing */
  overrides?: Partial<WorkerOptions>;
}

/** Longer than the longest order write, so that a deploy lets every send finish. */
const SHUTDOWN_GRACE = '25s';
/** About a third of a megabyte each; enough for the open trades of one process. */
const CACHED_TRADES = 2_000;
/** A replay takes some 50 ms of the one thread, so six are done well within a task's five seconds even on a busy machine. */
const WORKFLOW_SLOTS = { cached: 36, cold: 6 };

/** The two workers of a process: the trades, and their guardian on a queue of its own. */
export async function createTradeWorkers(options: TradeWorkerOptions): Promise<Worker[]> {
  const { connection, namespace, dataConverter, workflowBundle, dependencies, overrides } = options;
  if (!options.stackTraces) useLeanSandbox(endProcess);
  const shared: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter,
    workflowBundle,
    interceptors: { activity: [sealedInputs(createForgeryRecord(dependencies.prisma))] },
    shutdownGraceTime: SHUTDOWN_GRACE,
    // A timer after a worker's death is acted on after 1 s by another worker, not after the default 10 s.
    stickyQueueScheduleToStartTimeout: '1s',
    reuseV8Context: true,
  };
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: TRADES_TASK_QUEUE,
      activities: createActivities(dependencies),
      tuner: {
        workflowTaskSlotSupplier: createWorkflowSlots(WORKFLOW_SLOTS),
        activityTaskSlotSupplier: { type: 'fixed-size', numSlots: 50 },
        localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 50 },
        nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
      },
      maxCachedWorkflows: CACHED_TRADES,
      ...overrides,
    }),
    Worker.create({
      ...shared,
      taskQueue: GUARDIAN_TASK_QUEUE,
      activities: createGuardActivities(dependencies),
      maxConcurrentActivityTaskExecutions: 4,
      maxCachedWorkflows: 200,
    }),
  ]);
}

/** Nothing else ends a workflow that never comes to rest. What starts processes starts another one. */
function endProcess(thread: SilentThread): void {
  const message =
    'A workflow does not come to rest, so this process ends. Start it anew; report the history of this workflow.';
  Runtime.instance().logger.error(message, { ...thread });
  process.exit(70);
}
