import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { createUpkeepActivities } from '../../activities/index.js';
import { sealedInputs } from '../../activities/sealed-inputs.js';
import { BROKER_LOGINS_TASK_QUEUE } from '../domain/ids.js';
import { createForgeryRecord } from '../storage/forgeries.js';

export interface BrokerLoginWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  dataConverter: DataConverter;
  workflowBundle: { codePath: string };
  dependencies: Parameters<typeof createUpkeepActivities>[0];
}

/** Longer than a provider is waited for, so that a deploy loses no answer. */
const SHUTDOWN_GRACE = '25s';

/** Runs the broker logins on a worker of their own: neither they nor the trades delay the other. */
export function createBrokerLoginWorker({ dependencies, ...options }: BrokerLoginWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...options,
    interceptors: { activity: [sealedInputs(createForgeryRecord(dependencies.prisma))] },
    taskQueue: BROKER_LOGINS_TASK_QUEUE,
    activities: createUpkeepActivities(dependencies),
    shutdownGraceTime: SHUTDOWN_GRACE,
    reuseV8Context: true,
    maxConcurrentActivityTaskExecutions: 20,
    maxCachedWorkflows: 500,
  });
}
