/** Schwab's order calls (docs/brokers/schwab.md, sections 5 and 9). The same body sent twice makes two orders. */
import { type Context, Hono } from 'hono';
import type { OrderRequest } from '../../domain/order.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call, NewOrder, Submission } from '../exchange/new-order.js';
import { isOver } from '../exchange/orders.js';
import { type Operation, placeOperation } from '../faults/fault.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { Throttle } from '../throttle.js';
import { accountHash } from './account-views.js';
import { traderError } from './answers.js';
import type { Answer, SchwabCallers } from './callers.js';
import { type OrderFields, readStrategy, type Strategy } from './order-body.js';
import type { SchwabOrderList } from './order-list.js';
import { readListQuery } from './order-query.js';
import { orderOf, type Placeable, placeable, refusalMessage, requestsOf, withLateRefusal } from './placements.js';
import { previewAnswer } from './preview.js';

export interface OrdersOptions {
  exchange: Exchange;
  handleCall: HandleCall;
  callers: SchwabCallers;
  book: SchwabOrderList;
  /** scheme and host of the `Location` of a new order */
  locationBase: string;
  keepsRateLimits: boolean;
}

/** How far back the list over all accounts goes (section 5.1). */
const LOOK_BACK_MS = 60 * 86_400_000;
/** Placements, replacements and cancels per account (docs/brokers/schwab.md, section 11). */
const WRITES_PER_MINUTE = 120;

export class SchwabOrders {
  private readonly writes = new Throttle(WRITES_PER_MINUTE, 60_000);

  constructor(private readonly options: OrdersOptions) {}

  routes(): Hono<Env> {
    return new Hono<Env>()
      .get('/orders', (context) => this.listAll(context))
      .get('/accounts/:hash/orders', (context) => this.list(context))
      .post('/accounts/:hash/orders', (context) => this.place(context))
      .post('/accounts/:hash/previewOrder', (context) => this.preview(context))
      .get('/accounts/:hash/orders/:orderId', (context) => this.get(context))
      .delete('/accounts/:hash/orders/:orderId', (context) => this.cancel(context))
      .put('/accounts/:hash/orders/:orderId', (context) => this.replace(context));
  }

  private listAll(context: Context<Env>): Answer {
    return this.options.callers.asUser(context, (accounts) =>
      this.handle(context, 'list_orders', undefined, async (call) =>
        this.listed(context, accounts, call, LOOK_BACK_MS),
      ),
    );
  }

  private list(context: Context<Env>): Answer {
    return this.options.callers.asAccount(context, (account) =>
      this.handle(context, 'list_orders', { account }, async (call) => this.listed(context, [account], call)),
    );
  }

  private listed(
    context: Context<Env>,
    accounts: readonly Account[],
    call: Call,
    lookBackMs = Number.POSITIVE_INFINITY,
  ): Response {
    const query = readListQuery(new URL(context.req.url).searchParams);
    if ('problem' in query) return Response.json({ message: query.problem }, { status: 400 });
    const { from, to, status, maxResults } = query;
    if (this.options.exchange.now() - from > lookBackMs) return traderError(400, 'fromEnteredTime is too long ago');
    const entries = accounts
      .flatMap((account) => this.options.book.entries(account, call))
      .filter((entry) => entry.placedAt >= from && entry.placedAt <= to)
      .filter((entry) => status === undefined || entry.status === status);
    return Response.json(entries.slice(0, maxResults).map(({ shown }) => shown));
  }

  private get(context: Context<Env>): Answer {
    return this.options.callers.asAccount(context, (account) =>
      this.handle(context, 'get_order', { account }, async (call) => {
        const entry = this.options.book.entry(account, context.req.param('orderId') ?? '', call);
        return entry ? Response.json(entry.shown) : orderNotFound();
      }),
    );
  }

  private place(context: Context<Env>): Answer {
    return this.withStrategy(context, (account, strategy) => {
      const made = this.checked(strategy);
      if ('problem' in made) return traderError(400, made.problem);
      const [request] = requestsOf(made);
      const operation = request ? placeOperation(request) : 'place_entry';
      return this.handle(context, operation, { account, request }, async (call) => {
        if (!this.mayWrite(account)) return tooMany();
        return this.submit(account, strategy, call);
      });
    });
  }

  /** A repeated delivery makes another order, with another id. */
  private async submit(account: Account, strategy: Strategy, call: Call): Promise<Response> {
    const { exchange, book } = this.options;
    const made = placeable(strategy, () => book.nextId(), exchange.now());
    if ('problem' in made) return traderError(400, made.problem);
    if (requestsOf(made).some(({ symbol }) => !exchange.market.knows(symbol)))
      return traderError(400, 'Invalid symbol');
    const number = account.account;
    const placed = await ('pair' in made
      ? exchange.submitPair(number, made.pair, call)
      : exchange.submit(number, withLateRefusal(made.order, exchange.market), call));
    if (!('order' in placed)) return refused(placed);
    const orderId = 'pair' in made ? book.addPair(number, idsOf(made.pair)) : placed.order.orderId;
    return this.created(account, orderId, call);
  }

  private replace(context: Context<Env>): Answer {
    return this.withStrategy(context, (account, strategy) => {
      if (strategy.orderStrategyType !== 'SINGLE') return traderError(400, 'Only single orders can be replaced');
      const checked = orderOf(strategy, () => UNPLACED, this.options.exchange.now());
      if ('problem' in checked) return traderError(400, checked.problem);
      return this.handle(context, 'replace', { account, request: checked.order.request }, async (call) => {
        if (!this.mayWrite(account)) return tooMany();
        return this.exchangeFor(account, context.req.param('orderId') ?? '', strategy, call);
      });
    });
  }

  private async exchangeFor(account: Account, orderId: string, fields: OrderFields, call: Call): Promise<Response> {
    const { exchange, book } = this.options;
    const old = exchange.order(account.account, orderId);
    if (!old) return orderNotFound();
    const made = orderOf(fields, () => book.nextId(), exchange.now());
    if ('problem' in made) return traderError(400, made.problem);
    const placed = await exchange.replace(old, made.order, call);
    return 'order' in placed ? this.created(account, placed.order.orderId, call) : refused(placed);
  }

  private cancel(context: Context<Env>): Answer {
    return this.options.callers.asAccount(context, (account) =>
      this.handle(context, 'cancel', { account }, async (call) => {
        if (!this.mayWrite(account)) return tooMany();
        const entry = this.options.book.entry(account, context.req.param('orderId') ?? '', {});
        if (!entry) return orderNotFound();
        const [first, second] = entry.orders;
        if (first === undefined || isOver(first)) return traderError(400, 'This order can no longer be canceled.');
        const cancelled = await this.options.exchange.cancel(first, call);
        if (!('order' in cancelled)) return refused(cancelled);
        // One leg's cancel cancels the other leg too. A second cancel then comes too late and changes nothing.
        if (second) await this.options.exchange.cancel(second, call);
        return new Response(null, { status: 200 });
      }),
    );
  }

  private preview(context: Context<Env>): Answer {
    return this.withStrategy(context, (account, strategy) => {
      const made = this.checked(strategy);
      if ('problem' in made) return traderError(400, made.problem);
      const [request] = requestsOf(made);
      if (request === undefined || strategy.orderStrategyType === 'OCO') return traderError(400, 'Nothing to preview');
      return this.handle(context, 'preview', { account, request }, (call) =>
        previewAnswer(this.options.exchange, { account: account.account, fields: strategy, request }, call),
      );
    });
  }

  private mayWrite({ account }: Account): boolean {
    const { keepsRateLimits, exchange } = this.options;
    return !keepsRateLimits || this.writes.take(account, exchange.now()).isAllowed;
  }

  /** The strategy's orders, without assigning ids. */
  private checked(strategy: Strategy): Placeable | { problem: string } {
    return placeable(strategy, () => UNPLACED, this.options.exchange.now());
  }

  private withStrategy(context: Context<Env>, run: (account: Account, strategy: Strategy) => Answer): Answer {
    return this.options.callers.asAccount(context, async (account) => {
      const strategy = readStrategy(await readJson(context));
      return 'problem' in strategy ? traderError(400, strategy.problem) : run(account, strategy);
    });
  }

  private handle(
    context: Context<Env>,
    operation: Operation,
    about: { account: Account; request?: OrderRequest | undefined } | undefined,
    handle: (call: Call) => Promise<Response>,
  ): Promise<Response> {
    const { account, request } = about ?? {};
    const subject = {
      ...(account && { account: account.account }),
      ...(request && {
        symbol: request.symbol,
        side: request.side.startsWith('buy') ? ('buy' as const) : ('sell' as const),
      }),
    };
    return this.options.handleCall(context, { operation, ...subject }, handle);
  }

  /** 201 without a body: only the `Location`, which may be missing, has the id (section 5.2). */
  private created(account: Account, orderId: string, call: Call): Response {
    if (call.fault?.kind === 'location_missing') return new Response(null, { status: 201 });
    const shown = call.fault?.kind === 'location_wrong' ? this.anotherThan(account, orderId) : orderId;
    const path = `/trader/v1/accounts/${accountHash(account.account)}/orders/${shown}`;
    return new Response(null, { status: 201, headers: { location: this.options.locationBase + path } });
  }

  /** The id of another order, or one that no order has. */
  private anotherThan(account: Account, orderId: string): string {
    const others = this.options.book.entries(account, {}).filter((entry) => entry.orderId !== orderId);
    return others[0]?.orderId ?? UNPLACED;
  }
}

/** The id of orders that are only checked. */
const UNPLACED = '0';

async function readJson(context: Context<Env>): Promise<unknown> {
  try {
    return await context.req.json();
  } catch {
    return undefined;
  }
}

function idsOf([first, second]: readonly [NewOrder, NewOrder]): readonly [string, string] {
  return [first.orderId ?? '', second.orderId ?? ''];
}

function refused(placed: Exclude<Submission, { order: unknown }>): Response {
  return traderError(400, 'refusal' in placed ? refusalMessage(placed.refusal) : 'This order was placed before.');
}

function orderNotFound(): Response {
  return traderError(404, 'Order not found');
}

function tooMany(): Response {
  return traderError(429, 'Too many requests');
}
