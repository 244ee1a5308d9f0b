/** E*TRADE's API v1 as the simulator speaks it, put together. */
import { randomInt } from 'node:crypto';
import { Hono } from 'hono';
import { createOperate } from '../faults/operate.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { EtradeAccounts } from './accounts.js';
import { EtradeCallers } from './callers.js';
import { createOperateFor, SIGN_IN_ANSWERS } from './operate-for.js';
import { EtradeOrders } from './orders.js';
import { EtradeQuotes } from './quotes.js';
import { EtradeSignIn } from './sign-in.js';

export interface EtradeOptions {
  /** what the time stamps of signatures are held against: the machine's clock, as clients have no other */
  wall?: () => number;
}

export function createEtrade(simulator: Simulator, { wall = Date.now }: EtradeOptions = {}): Protocol {
  const { exchange, keepsRateLimits } = simulator;
  const signIn = new EtradeSignIn(exchange, createOperate(simulator, SIGN_IN_ANSWERS), wall);
  const operateFor = createOperateFor(simulator);
  const callers = new EtradeCallers(exchange, signIn, keepsRateLimits);
  const routes = new Hono<Env>()
    .route('/', signIn.routes())
    .route('/v1/accounts', new EtradeAccounts(exchange, operateFor, callers).routes())
    .route('/v1/accounts', new EtradeOrders(exchange, operateFor, callers).routes())
    .route('/v1/market', new EtradeQuotes(exchange, operateFor, callers).routes());
  return { broker: 'etrade', routes, newAccountId: () => String(randomInt(100_000_000, 1_000_000_000)) };
}
