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
/** The same of market data, which is the same for every caller. */
export type MarketView = (operation: Operation, show: (call: Call, context: Context<Env>) => unknown) => Route;

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
      const facts = { operation, account: caller.account.account, symbol: symbolAsked(context) };
      return handleCall(context, facts, async (call) => answerOf(await show(call, caller, context)));
    });
}

export function createDataView(view: View): MarketView {
  return (operation, show) => view(operation, (call, _caller, context) => show(call, context));
}

/** Data that needs no keys; keys that come along are checked. */
export function createOpenView(view: MarketView, handleCall: HandleCall): MarketView {
  return (operation, show) => {
    const signedIn = view(operation, show);
    return (context) => {
      const isSigned = ['apca-api-key-id', 'authorization'].some((name) => context.req.header(name) !== undefined);
      if (isSigned) return signedIn(context);
      const facts = { operation, symbol: symbolAsked(context) };
      return handleCall(context, facts, async (call) => answerOf(await show(call, context)));
    };
  };
}

function symbolAsked(context: Context<Env>): string | undefined {
  const [name = ''] = (context.req.query('symbols') ?? context.req.param('symbol') ?? '').split(',');
  return fromAlpacaSymbol(name);
}

function answerOf(shown: unknown): Response {
  return shown instanceof Response ? shown : Response.json(shown);
}
