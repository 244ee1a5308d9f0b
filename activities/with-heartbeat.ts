import { activityInfo, heartbeat } from '@temporalio/activity';

const HEARTBEAT_MS = 1_000;

/** Where a heartbeat is asked for, a crashed worker is noticed within seconds; the next attempt gets the last `details`. */
export async function withHeartbeat<Result>(
  work: () => Promise<Result>,
  details: () => unknown = () => undefined,
): Promise<Result> {
  if (activityInfo().heartbeatTimeoutMs === undefined) return work();
  const timer = setInterval(() => heartbeat(details()), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
