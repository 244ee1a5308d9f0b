import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { createUpkeepActivities } from '../../activities/index.js';
import { CONNECTIONS_TASK_QUEUE } from '../domain/ids.js';

export interface ConnectionWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  dataConverter: DataConverter;
  workflowBundle: { codePath: string };
  dependencies: Parameters<typeof createUpkeepActivities>[0];
}

/** Longer than a provider is waited for, so that a deploy loses no answer. */
const SHUTDOWN_GRACE = '25s';

/** The connections to brokers, apart from the trades: neither holds the other up. */
export function createConnectionWorker({ dependencies, ...options }: ConnectionWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...options,
    taskQueue: CONNECTIONS_TASK_QUEUE,
    activities: createUpkeepActivities(dependencies),
    shutdownGraceTime: SHUTDOWN_GRACE,
    reuseV8Context: true,
    maxConcurrentActivityTaskExecutions: 20,
    maxCachedWorkflows: 500,
  });
}
