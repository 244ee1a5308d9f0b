import { activityInfo } from '@temporalio/activity';
import { isSealed } from '../src/domain/sealed.js';

/** What the attempt before this one said last, if it was ours: a rogue worker may have taken it. */
export function lastHeartbeat<Details extends object>(): Details | undefined {
  const details: unknown = activityInfo().heartbeatDetails;
  return isSealed(details) ? (details as Details) : undefined;
}
