/** What somebody runs who reaches Temporal without our key: a workflow of his own, which asks our activities for anything. */
import { proxyActivities } from '@temporalio/workflow';

export async function rogue(activity: string, taskQueue: string, input: unknown): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
  });
  return activities[activity]?.(input).catch((error: unknown) => `${error}`);
}
