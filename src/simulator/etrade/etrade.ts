/** E*TRADE's API v1: all routes. */
import { randomInt } from 'node:crypto';
import { Hono } from 'hono';
import { createHandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { EtradeAccounts } from './accounts.js';
import { unknownPath } from './answers.js';
import { EtradeCallers } from './callers.js';
import { createApiHandleCall, SIGN_IN_ANSWERS } from './handle-call.js';
import { EtradeMarketData } from './market-data.js';
import { EtradeOrders } from './orders.js';
import { EtradeSignIn } from './sign-in.js';

export interface EtradeOptions {
  /** the clock that signatures' time stamps are checked against: the machine's, since clients have no other */
  wall?: () => number;
}

export function createEtrade(simulator: Simulator, { wall = Date.now }: EtradeOptions = {}): Protocol {
  const { exchange, keepsRateLimits } = simulator;
  const signIn = new EtradeSignIn(exchange, createHandleCall(simulator, SIGN_IN_ANSWERS), wall);
  const handleCall = createApiHandleCall(simulator);
  const callers = new EtradeCallers(exchange, signIn, keepsRateLimits);
  const routes = new Hono<Env>()
    .route('/', signIn.routes())
    .route('/v1/accounts', new EtradeAccounts(simulator, handleCall, callers).routes())
    .route('/v1/accounts', new EtradeOrders(simulator, handleCall, callers).routes())
    .route('/v1/market', new EtradeMarketData(exchange, handleCall, callers).routes())
    .all('*', (context) => unknownPath(context.req.raw));
  return { broker: 'etrade', routes, newAccountId: () => String(randomInt(100_000_000, 1_000_000_000)) };
}
