/** The reference's worker: nothing of ours, as the SDK ships it. */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { emptyActivities } from './empty-activities.js';

export const EMPTY_QUEUE = 'bench-empty';

export async function startEmptyWorker(address: string) {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: EMPTY_QUEUE,
    workflowsPath: fileURLToPath(new URL('./empty.workflow.ts', import.meta.url)),
    activities: emptyActivities,
    maxConcurrentActivityTaskExecutions: 50,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxCachedWorkflows: 6_000,
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
