/** Coinbase Advanced Trade: all routes. */
import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Call } from '../exchange/new-order.js';
import type { Operation } from '../faults/fault.js';
import { createHandleCall, type HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { accountList, oneAccount, portfolioBreakdown, portfolioList, transactionSummary } from './account-views.js';
import { failure, faultAnswers } from './answers.js';
import { appRoutes } from './app-api.js';
import { Callers } from './callers.js';
import { newKeys } from './jwt.js';
import { bestBidAsk, candles, product, productBook, products, serverTime, ticker } from './market-data.js';
import { fillList, oneOrder, orderList } from './order-query.js';
import { CoinbaseOrders } from './orders.js';
import { CoinbaseSignIn, createProvider } from './sign-in.js';
import { createSignedIn, type SignedIn } from './signed-in.js';
import { createStream } from './stream.js';

/** The path of the API under the host. */
const API = '/api/v3/brokerage';

export function createCoinbase(simulator: Simulator): Protocol {
  const { exchange } = simulator;
  const handleCall = createHandleCall(simulator, faultAnswers);
  const provider = createProvider(exchange);
  const callers = new Callers(exchange, provider);
  const signedIn = createSignedIn(simulator, callers);
  const routes = new Hono<Env>();
  const api = new Hono<Env>();
  addAccounts(api, simulator, handleCall, signedIn);
  addAccountFacts(api, simulator, handleCall, signedIn);
  addOrders(api, simulator, handleCall, signedIn);
  addOrderReads(api, simulator, handleCall, signedIn);
  addPrices(api, simulator, handleCall, signedIn);
  routes.route('/', new CoinbaseSignIn(exchange, provider, handleCall).routes());
  routes.route(API, api);
  routes.route('/v2', appRoutes(simulator, handleCall, signedIn));
  routes.all('*', () => failure(404, 'unknown', 'Not Found'));
  const streams = {
    '/advanced-trade-ws': createStream(simulator, callers, 'market'),
    '/advanced-trade-ws-user': createStream(simulator, callers, 'user'),
  };
  return { broker: 'coinbase', routes, streams, newAccountId: randomUUID, newCredentials: newKeys };
}

function addAccounts(api: Hono<Env>, simulator: Simulator, handleCall: HandleCall, signedIn: SignedIn): void {
  const scope = 'wallet:accounts:read';
  api.get(
    '/accounts',
    signedIn(scope, (context, { account }) =>
      handleCall(context, { operation: 'positions', account: account.account }, (call) =>
        accountList(simulator, account, new URL(context.req.url).searchParams, call),
      ),
    ),
  );
  api.get(
    '/accounts/:uuid',
    signedIn(scope, (context, { account }) =>
      handleCall(context, { operation: 'positions', account: account.account }, (call) =>
        oneAccount(simulator, account, context.req.param('uuid') ?? '', call),
      ),
    ),
  );
}

/** What is asked about the account beside its wallets. */
function addAccountFacts(api: Hono<Env>, { exchange }: Simulator, handleCall: HandleCall, signedIn: SignedIn): void {
  api.get(
    '/portfolios',
    signedIn(undefined, (context, { account }) => portfolioList(account, new URL(context.req.url).searchParams)),
  );
  api.get(
    '/transaction_summary',
    signedIn(undefined, (context, { account }) =>
      handleCall(context, { operation: 'other', account: account.account }, () =>
        transactionSummary(exchange, account),
      ),
    ),
  );
  api.get(
    '/portfolios/:uuid',
    signedIn(undefined, (context, { account }) =>
      handleCall(context, { operation: 'positions', account: account.account }, (call) =>
        portfolioBreakdown(exchange, account, context.req.param('uuid') ?? '', call),
      ),
    ),
  );
  api.get(
    '/key_permissions',
    signedIn(undefined, (_context, { account }) =>
      Response.json({
        ...{ can_view: true, can_trade: true, can_transfer: false },
        ...{ portfolio_uuid: account.account, portfolio_type: 'DEFAULT' },
      }),
    ),
  );
}

function addOrders(api: Hono<Env>, simulator: Simulator, handleCall: HandleCall, signedIn: SignedIn): void {
  const orders = new CoinbaseOrders(simulator, handleCall);
  const trade = 'wallet:buys:create';
  api.post(
    '/orders',
    signedIn(trade, (context, caller) => orders.place(context, caller)),
  );
  api.post(
    '/orders/preview',
    signedIn(trade, (context, caller) => orders.preview(context, caller)),
  );
  api.post(
    '/orders/edit',
    signedIn(trade, (context, caller) => orders.edit(context, caller)),
  );
  api.post(
    '/orders/edit_preview',
    signedIn(trade, (context, caller) => orders.editPreview(context, caller)),
  );
  api.post(
    '/orders/batch_cancel',
    signedIn(trade, (context, caller) => orders.cancel(context, caller)),
  );
}

function addOrderReads(api: Hono<Env>, simulator: Simulator, handleCall: HandleCall, signedIn: SignedIn): void {
  const read = 'wallet:orders:read';
  api.get(
    '/orders/historical/batch',
    signedIn(read, (context, { account }) =>
      handleCall(context, { operation: 'list_orders', account: account.account }, (call) =>
        orderList(context, simulator, account, call),
      ),
    ),
  );
  api.get(
    '/orders/historical/fills',
    signedIn(read, (context, { account }) =>
      handleCall(context, { operation: 'list_orders', account: account.account }, (call) =>
        fillList(context, simulator, account, call),
      ),
    ),
  );
  api.get(
    '/orders/historical/:id',
    signedIn(read, (context, { account }) => {
      const id = context.req.param('id') ?? '';
      const symbol = simulator.exchange.records.order(account.account, id)?.state.symbol;
      const facts = { operation: 'get_order' as const, account: account.account, symbol };
      return handleCall(context, facts, (call) => oneOrder(simulator, account, id, call));
    }),
  );
}

/** Prices for signed-in callers; most are also public, under `/market/…`. */
function addPrices(api: Hono<Env>, simulator: Simulator, handleCall: HandleCall, signedIn: SignedIn): void {
  const { exchange } = simulator;
  const id = (context: Context<Env>) => context.req.param('id') ?? '';
  const query = (context: Context<Env>) => new URL(context.req.url).searchParams;
  const add = (path: string, isPublic: boolean, show: (context: Context<Env>, call: Call) => Promise<Response>) => {
    const operation: Operation = 'quote';
    const run = (context: Context<Env>, account?: string) => {
      const symbol =
        context.req.param('id') ?? query(context).get('product_ids') ?? query(context).get('product_id') ?? undefined;
      return handleCall(context, { operation, account, symbol }, (call) => show(context, call));
    };
    api.get(
      path,
      signedIn(undefined, (context, { account }) => run(context, account.account)),
    );
    if (isPublic) api.get(`/market${path}`, (context) => run(context));
  };
  add('/products', true, (context, call) => products(simulator, query(context), call));
  add('/products/:id', true, (context, call) => product(simulator, id(context), call));
  add('/products/:id/candles', true, (context) => candles(exchange, id(context), query(context)));
  add('/products/:id/ticker', true, (context, call) => ticker(exchange, id(context), call));
  add('/product_book', true, (context, call) => productBook(exchange, query(context).get('product_id') ?? '', call));
  add('/best_bid_ask', false, (context, call) => bestBidAsk(simulator, query(context), call));
  api.get('/time', () => Response.json(serverTime(exchange)));
}
