/** What every call passes through first: authentication and the rate limit. */
import type { Context } from 'hono';
import type { Call } from '../exchange/new-order.js';
import type { Operation } from '../faults/fault.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { Throttle, withLimits } from '../throttle.js';
import { failure, problems, rateLimited } from './answers.js';
import type { Caller, Callers } from './callers.js';
import { fromAlpacaSymbol } from './symbols.js';

type Handler = (context: Context<Env>, caller: Caller) => Promise<Response> | Response;
type Show = (call: Call, caller: Caller, context: Context<Env>) => unknown;
type Route = (context: Context<Env>) => Promise<Response>;
export type SignedIn = (handle: Handler) => Route;
/** A read that answers with a view of something. */
export type View = (operation: Operation, show: Show) => Route;

const REQUESTS_PER_MINUTE = 200;

export function createSignedIn({ keepsRateLimits }: Simulator, callers: Callers): SignedIn {
  const throttle = new Throttle(REQUESTS_PER_MINUTE, 60_000);
  return (handle) => async (context) => {
    const caller = callers.identify(context);
    if (caller === undefined) return failure(problems.unauthorized);
    const allowance = throttle.take(caller.account.account, Date.now());
    const isHeldBack = keepsRateLimits && !allowance.isAllowed;
    const answer = isHeldBack ? rateLimited(allowance.reset) : await handle(context, caller);
    return keepsRateLimits ? withLimits(answer, 'X-RateLimit-', allowance) : answer;
  };
}

export function createView(signedIn: SignedIn, handleCall: HandleCall): View {
  return (operation, show) =>
    signedIn((context, caller) => {
      const [name = ''] = (context.req.query('symbols') ?? context.req.param('symbol') ?? '').split(',');
      const facts = { operation, account: caller.account.account, symbol: fromAlpacaSymbol(name) };
      return handleCall(context, facts, async (call) => {
        const shown = await show(call, caller, context);
        return shown instanceof Response ? shown : Response.json(shown);
      });
    });
}
