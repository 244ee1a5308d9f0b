/** Alpaca's Trading API v2 and Market Data API: all routes. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { createHandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { accountView, activities, positionAnswer, positionViews } from './account-views.js';
import { failure, faultAnswers, problems } from './answers.js';
import { Callers } from './callers.js';
import { dataRoutes } from './data-routes.js';
import { createOrderStream } from './order-stream.js';
import { AlpacaOrders } from './orders.js';
import { createQuoteStream } from './quote-stream.js';
import { assetAnswer, assetList, calendarAnswer, clockView } from './reference.js';
import { createProvider, signInRoutes } from './sign-in.js';
import { createDataView, createOpenView, createSignedIn, createView, type SignedIn, type View } from './signed-in.js';
import { unrelatedPositions } from './unrelated.js';

export function createAlpaca(simulator: Simulator): Protocol {
  const handleCall = createHandleCall(simulator, faultAnswers);
  const provider = createProvider(simulator.exchange);
  const callers = new Callers(simulator.exchange, provider);
  const signedIn = createSignedIn(simulator, callers);
  const view = createView(signedIn, handleCall);
  const routes = new Hono<Env>();
  routes.use(withRequestId);
  routes.route('/', signInRoutes(simulator.exchange, handleCall, provider));
  addAccount(routes, simulator, view);
  addOrders(routes, new AlpacaOrders(simulator, handleCall), signedIn);
  const dataView = createDataView(view);
  routes.route('/', dataRoutes(simulator.exchange, { signedIn: dataView, open: createOpenView(dataView, handleCall) }));
  routes.notFound(() => failure(problems.endpointNotFound));
  const streams = {
    '/stream': createOrderStream(simulator, callers),
    '/v2/iex': createQuoteStream(simulator, callers, 'equity'),
    '/v1beta3/crypto/us': createQuoteStream(simulator, callers, 'crypto'),
  };
  return { broker: 'alpaca', routes, streams, newAccountId: randomUUID, newCredentials };
}

function addAccount(routes: Hono<Env>, { exchange, hasUnrelated }: Simulator, view: View): void {
  const name = (context: Context<Env>) => context.req.param('symbol') ?? '';
  routes.get(
    '/v2/account',
    view('other', (_call, { account }) => accountView(exchange, account)),
  );
  routes.get(
    '/v2/account/activities/:type?',
    view('other', (call, { account }, context) => activities(context, exchange, account.account, call)),
  );
  routes.get(
    '/v2/positions',
    view('positions', async (call, { account }) => [
      ...(await positionViews(exchange, account.account, call)),
      ...(hasUnrelated ? unrelatedPositions() : []),
    ]),
  );
  routes.get(
    '/v2/positions/:symbol{.+}',
    view('positions', (call, { account }, context) => positionAnswer(exchange, account.account, name(context), call)),
  );
  routes.get(
    '/v2/assets',
    view('other', (_call, _caller, context) => assetList(exchange, context.req.query())),
  );
  routes.get(
    '/v2/assets/:symbol{.+}',
    view('other', (_call, _caller, context) => assetAnswer(exchange, name(context))),
  );
  routes.get(
    '/v2/clock',
    view('other', () => clockView(exchange)),
  );
  routes.get(
    '/v2/calendar',
    view('other', (_call, _caller, context) => calendarAnswer(exchange, context.req.query())),
  );
}

function addOrders(routes: Hono<Env>, orders: AlpacaOrders, signedIn: SignedIn): void {
  routes.post(
    '/v2/orders',
    signedIn((context, caller) => orders.place(context, caller)),
  );
  routes.get(
    '/v2/orders',
    signedIn((context, caller) => orders.list(context, caller)),
  );
  routes.delete(
    '/v2/orders',
    signedIn((context, caller) => orders.cancelAll(context, caller)),
  );
  routes.get(
    '/v2/orders:by_client_order_id',
    signedIn((context, caller) => orders.readByClientId(context, caller)),
  );
  routes.get(
    '/v2/orders/:id',
    signedIn((context, caller) => orders.read(context, caller)),
  );
  routes.patch(
    '/v2/orders/:id',
    signedIn((context, caller) => orders.replace(context, caller)),
  );
  routes.delete(
    '/v2/orders/:id',
    signedIn((context, caller) => orders.cancel(context, caller)),
  );
}

async function withRequestId(context: Context<Env>, next: () => Promise<void>): Promise<void> {
  await next();
  if (!context.res.headers.has('x-hono-already-sent')) context.header('X-Request-ID', randomUUID());
}

function newCredentials(): Record<string, string> {
  return {
    keyId: `PK${randomBytes(9).toString('hex').toUpperCase()}`,
    secretKey: randomBytes(30).toString('base64url'),
  };
}
