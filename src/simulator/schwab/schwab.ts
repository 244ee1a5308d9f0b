/** Charles Schwab's Trader API: all routes. */
import { randomInt } from 'node:crypto';
import { Hono } from 'hono';
import { createHandleCall, type FaultAnswers } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { SchwabAccounts } from './accounts.js';
import { marketDataError, notAuthorized, traderError, unknownPath, withTraceId } from './answers.js';
import { SchwabCallers } from './callers.js';
import { SchwabMarketData } from './market-data.js';
import { SchwabOrderList } from './order-list.js';
import { SchwabOrders } from './orders.js';
import { SchwabSignIn } from './sign-in.js';
import { createStream, STREAMER_PATH } from './stream.js';
import { transactionRoutes } from './transactions.js';
import { UNRELATED_POSITIONS, unrelatedOrders } from './unrelated.js';

const TRADER_ANSWERS: FaultAnswers = {
  broker: 'schwab',
  serverError: () => traderError(500, 'An error has occurred'),
  rateLimited: () => traderError(429, 'Too many requests'),
  unauthorized: notAuthorized,
};

const DATA_ANSWERS: FaultAnswers = {
  ...TRADER_ANSWERS,
  serverError: () => marketDataError(500),
  rateLimited: () => marketDataError(429),
};

export interface SchwabOptions {
  /** scheme and host in the `Location` of a new order: Schwab's, which third-party clients expect */
  locationBase?: string;
}

export function createSchwab(simulator: Simulator, options: SchwabOptions = {}): Protocol {
  const { exchange, keepsRateLimits, hasUnrelated } = simulator;
  const { locationBase = 'https://api.schwabapi.com' } = options;
  const handleCall = createHandleCall(simulator, TRADER_ANSWERS);
  const signIn = new SchwabSignIn(exchange, handleCall);
  const callers = new SchwabCallers((context) => signIn.accountsOf(context));
  const book = new SchwabOrderList(exchange, hasUnrelated ? unrelatedOrders : () => []);
  const orders = new SchwabOrders({ exchange, handleCall, callers, book, locationBase, keepsRateLimits });
  const accounts = new SchwabAccounts({
    ...{ exchange, handleCall, callers },
    unrelated: hasUnrelated ? UNRELATED_POSITIONS : [],
  });
  const marketData = new SchwabMarketData({
    exchange,
    handleCall: createHandleCall(simulator, DATA_ANSWERS),
    isSignedIn: (context) => signIn.accountsOf(context) !== undefined,
  });
  const routes = new Hono<Env>()
    .use(withTraceId)
    .route('/v1/oauth', signIn.routes())
    .route('/trader/v1', accounts.routes())
    .route('/trader/v1', orders.routes())
    .route('/trader/v1', transactionRoutes(exchange, handleCall, callers))
    .route('/marketdata/v1', marketData.routes())
    .all('*', unknownPath);
  const streams = { [STREAMER_PATH]: createStream(simulator, (token) => signIn.accountsOfToken(token)) };
  return { broker: 'schwab', routes, streams, newAccountId: () => String(randomInt(10_000_000, 100_000_000)) };
}
