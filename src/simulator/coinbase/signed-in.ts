/** What every call passes through first: authentication, scopes and the rate limit. */
import type { Context } from 'hono';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { Throttle, withLimits } from '../throttle.js';
import { missingScopes, rateLimited, unauthorized } from './answers.js';
import type { Caller, Callers } from './callers.js';

type Route = (context: Context<Env>) => Promise<Response>;
export type SignedIn = (
  scope: string | undefined,
  handle: (context: Context<Env>, caller: Caller) => Promise<Response> | Response,
) => Route;

const REQUESTS_PER_SECOND = 30;

export function createSignedIn({ keepsRateLimits }: Simulator, callers: Callers): SignedIn {
  const throttle = new Throttle(REQUESTS_PER_SECOND, 1_000);
  return (scope, handle) => async (context) => {
    const caller = callers.identify(context);
    if (caller === undefined) return unauthorized();
    if (scope !== undefined && caller.scopes && !caller.scopes.includes(scope)) return missingScopes();
    if (!keepsRateLimits) return await handle(context, caller);
    const allowance = throttle.take(caller.account.account, Date.now());
    const answer = allowance.isAllowed ? await handle(context, caller) : rateLimited();
    return withLimits(answer, 'x-ratelimit-', allowance);
  };
}
