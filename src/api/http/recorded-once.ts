import type { RateLimiter } from '../../storage/rate-limits.js';

/** Whether this is the first of its kind in a while: a flood of refusals must not become a flood of records. */
export async function isFirstToRecord(limiter: RateLimiter, kind: string, seconds: number): Promise<boolean> {
  return (await limiter.hit({ key: `record:${kind}`, limit: 1, seconds })).allowed;
}
