/** E*TRADE's order calls (docs/brokers/etrade.md, sections 5 and 9): preview first; the client order id prevents a second placement. */
import { type Context, Hono } from 'hono';
import type { OrderRequest, Refusal, RefusalCode } from '../../domain/order.js';
import { isBuying } from '../../domain/order.js';
import type { Account } from '../exchange/accounts.js';
import type { Documents } from '../exchange/documents.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Json } from '../exchange/journal.js';
import type { Call, NewOrder, Submission } from '../exchange/new-order.js';

import { type Operation, placeOperation } from '../faults/fault.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { estimatedValue, refusalOf } from '../preview.js';
import type { Simulator } from '../protocol.js';
import { answer, ETRADE_CODES, type EtradeError, empty, errorAnswer, formatOf } from './answers.js';
import type { Answer, EtradeCallers } from './callers.js';
import { type OrderBody, type OrderRoot, readOrderBody } from './order-body.js';
import { lifetimeOf, toOrderRequest } from './order-mapping.js';
import { type Listed, readListQuery, toOwn } from './order-query.js';
import { cancelResponse, type Estimate, placeResponse, previewResponse } from './order-views.js';
import { Previews } from './previews.js';
import { readCancelBody, readDocument } from './request-body.js';
import { isListed, unrelatedOrders } from './unrelated.js';

const FIRST_ORDER_ID = 501;
const DAY_MS = 86_400_000;
/** After how long a good-till-cancelled order ends (section 5.4, unconfirmed). */
const LONGEST_LIFE_MS = 180 * DAY_MS;

/** An order as sent, and the request to the exchange. */
interface Sent {
  account: string;
  body: OrderBody;
  request: OrderRequest;
}

export class EtradeOrders {
  private readonly previews: Previews;
  private readonly sequences: Documents<number>;

  private readonly exchange: Exchange;

  constructor(
    private readonly simulator: Pick<Simulator, 'exchange' | 'hasUnrelated'>,
    private readonly handleCall: HandleCall,
    private readonly callers: EtradeCallers,
  ) {
    this.exchange = simulator.exchange;
    this.previews = new Previews(this.exchange);
    this.sequences = this.exchange.documents('etrade-sequences');
  }

  /** Under `/v1/accounts/:key`; each path with and without `.json`. */
  routes(): Hono<Env> {
    const paths = (path: string) => [path, `${path}.json`];
    return new Hono<Env>()
      .on('GET', paths('/:key/orders'), (context) => this.list(context))
      .get('/:key/orders/:orderId{[0-9]+(?:\\.json)?}', (context) => this.get(context))
      .on('POST', paths('/:key/orders/preview'), (context) => this.preview(context))
      .on('POST', paths('/:key/orders/place'), (context) => this.place(context))
      .on('PUT', paths('/:key/orders/cancel'), (context) => this.cancel(context))
      .on('PUT', paths('/:key/orders/:orderId{[0-9]+}/change/preview'), (context) => this.preview(context))
      .on('PUT', paths('/:key/orders/:orderId{[0-9]+}/change/place'), (context) => this.change(context));
  }

  private list(context: Context<Env>): Answer {
    return this.callers.asAccount(context, 'orders', (owner) =>
      this.handleCall(context, { operation: 'list_orders', account: owner.account }, (call) => {
        const url = new URL(context.req.url);
        const query = readListQuery(url.searchParams);
        if ('problem' in query) return this.refuse(context, { code: ETRADE_CODES.malformed, message: query.problem });
        const own = this.exchange.orders(owner.account, call).filter(query.fits).reverse().map(toOwn);
        const unrelated = this.unrelatedTo(owner).filter((order) => isListed(order, owner, url.searchParams));
        const fitting = [...own, ...unrelated];
        const start = query.marker === undefined ? 0 : fitting.findIndex(({ orderId }) => orderId === query.marker) + 1;
        const page = fitting.slice(start, start + query.count);
        const marker = start + page.length < fitting.length ? page.at(-1)?.orderId : undefined;
        return this.listed(context, page, marker);
      }),
    );
  }

  private get(context: Context<Env>): Answer {
    return this.callers.asAccount(context, 'orders', (owner) =>
      this.handleCall(context, { operation: 'get_order', account: owner.account }, (call) => {
        const id = orderIdOf(context);
        const order = this.exchange.order(owner.account, id, call);
        if (order) return this.listed(context, [toOwn(order)]);
        const unrelated = this.unrelatedTo(owner).find(({ orderId }) => orderId === id);
        return unrelated ? this.listed(context, [unrelated]) : this.refuse(context, unknownOrder());
      }),
    );
  }

  private unrelatedTo(owner: Account) {
    return this.simulator.hasUnrelated ? unrelatedOrders(owner) : [];
  }

  private listed(context: Context<Env>, orders: readonly Listed[], marker?: string): Response {
    if (orders.length === 0) return empty();
    const { origin, pathname } = new URL(context.req.url);
    const base = origin + pathname.replace(/\/orders.*$/, '/orders');
    const shown = orders.map(({ orderId, view }) => view(`${base}/${orderId}.json`));
    const next = marker === undefined ? {} : { marker, next: `${base}?marker=${marker}` };
    return answer(formatOf(context.req.raw), { OrdersResponse: { ...next, Order: shown } });
  }

  /** Checks funds and rules and reserves nothing. The preview of a change does not count the old order. */
  private preview(context: Context<Env>): Answer {
    return this.withOrder(context, 'PreviewOrderRequest', 'preview', async (sent, call) => {
      const { account, request } = sent;
      const refusal = await refusalOf(this.exchange, { account, request, insteadOf: orderIdOf(context) }, call);
      if (refusal) return this.refuse(context, errorOf(refusal));
      const previewId = this.previews.add(sent.account, sent.body);
      return answer(formatOf(context.req.raw), previewResponse(await this.estimate(sent), previewId));
    });
  }

  private place(context: Context<Env>): Answer {
    return this.withOrder(context, 'PlaceOrderRequest', 'place', async (sent, call) => {
      const problem = this.guards(sent);
      if (problem) return this.refuse(context, problem);
      const placed = await this.exchange.submit(sent.account, this.newOrder(sent), call);
      return this.placed(context, sent, placed);
    });
  }

  private change(context: Context<Env>): Answer {
    return this.withOrder(context, 'PlaceOrderRequest', 'replace', async (sent, call) => {
      const old = this.exchange.order(sent.account, orderIdOf(context));
      const problem = old ? this.guards(sent) : unknownOrder();
      if (!old || problem) return this.refuse(context, problem ?? unknownOrder());
      return this.placed(context, sent, await this.exchange.replace(old, this.newOrder(sent), call));
    });
  }

  /** Two things prevent a second order: the client order id, and the preview, which can be used once. */
  private guards({ account, body, request }: Sent): EtradeError | undefined {
    if (this.exchange.byClientOrderId(account, body.clientOrderId)) return duplicateId();
    if (!this.exchange.market.knows(request.symbol)) return errorOf({ code: 'invalid_symbol', message: '' });
    return this.previews.take(account, body);
  }

  private newOrder({ account, body, request }: Sent): NewOrder {
    const orderId = this.sequences.get(account) ?? FIRST_ORDER_ID;
    this.sequences.set(account, orderId + 1);
    const lifetime = lifetimeOf(body.order);
    return {
      ...{ orderId: String(orderId), request, uniqueClientId: true, details: body.order as unknown as Json },
      ...(request.timeInForce === 'gtc' && { expiresAt: this.exchange.now() + LONGEST_LIFE_MS }),
      ...(lifetime !== undefined && { lifetime }),
    };
  }

  private async placed(context: Context<Env>, sent: Sent, placed: Submission): Promise<Response> {
    if ('duplicate' in placed) return this.refuse(context, duplicateId());
    if ('refusal' in placed) return this.refuse(context, errorOf(placed.refusal));
    const marketIsOpen = this.exchange.session(sent.request.assetClass) === 'regular';
    const placement = { ...(await this.estimate(sent)), orderId: Number(placed.order.orderId), marketIsOpen };
    return answer(formatOf(context.req.raw), placeResponse(placement));
  }

  private cancel(context: Context<Env>): Answer {
    return this.callers.asAccount(context, 'orders', async ({ account }) => {
      const orderId = readCancelBody(await readDocument(context));
      if (orderId === undefined) return this.refuse(context, { code: ETRADE_CODES.malformed, message: 'no orderId' });
      return this.handleCall(context, { operation: 'cancel', account }, async (call) => {
        const order = this.exchange.order(account, orderId);
        if (!order) return this.refuse(context, unknownOrder());
        const cancelled = await this.exchange.cancel(order, call);
        if ('refusal' in cancelled) return this.refuse(context, errorOf(cancelled.refusal));
        const taken = { accountId: account, orderId: Number(orderId), at: this.exchange.now() };
        return answer(formatOf(context.req.raw), cancelResponse(taken));
      });
    });
  }

  /** Parses the order of a body and runs the operation on it. */
  private withOrder(
    context: Context<Env>,
    root: OrderRoot,
    kind: 'preview' | 'place' | 'replace',
    run: (sent: Sent, call: Call) => Promise<Response>,
  ): Answer {
    return this.callers.asAccount(context, 'orders', async ({ account }: Account) => {
      const body = readOrderBody(await readDocument(context), root);
      if ('problem' in body) return this.refuse(context, { code: ETRADE_CODES.malformed, message: body.problem });
      const request = toOrderRequest(body.order, body.clientOrderId);
      if ('problem' in request) return this.refuse(context, { code: ETRADE_CODES.refused, message: request.problem });
      const operation: Operation = kind === 'place' ? placeOperation(request) : kind;
      const side = isBuying(request.side) ? 'buy' : 'sell';
      const facts = { operation, account, symbol: request.symbol, side } as const;
      return this.handleCall(context, facts, (call) => run({ account, body, request }, call));
    });
  }

  private async estimate({ account, body, request }: Sent): Promise<Estimate> {
    const value = estimatedValue(request, await this.exchange.quote(request.symbol));
    const signed = isBuying(request.side) ? value : value.negated();
    return { accountId: account, order: body.order, value: signed, at: this.exchange.now() };
  }

  private refuse(context: Context<Env>, error: EtradeError): Response {
    return errorAnswer(formatOf(context.req.raw), error);
  }
}

function orderIdOf(context: Context<Env>): string {
  return (context.req.param('orderId') ?? '').replace(/\.json$/, '');
}

/** The code is the simulator's own: the real one is not documented (section 7). */
function duplicateId(): EtradeError {
  const message = 'The client order id has been used before (the code is simulated).';
  return { code: ETRADE_CODES.duplicateClientOrderId, message };
}

function unknownOrder(): EtradeError {
  return { code: ETRADE_CODES.unknownOrder, message: 'The order id is unknown (the code is simulated).' };
}

/** The messages about funds and late cancels are E*TRADE's; the others are not documented. */
function errorOf({ code, message }: Refusal): EtradeError {
  const { refused, cancelTooLate, insufficientFunds, insufficientShares } = ETRADE_CODES;
  const worded: Partial<Record<RefusalCode, EtradeError>> = {
    too_late: {
      code: cancelTooLate,
      message: 'This order is currently being executed or rejected. It cannot be cancelled.',
    },
    insufficient_funds: {
      code: insufficientFunds,
      message: 'We cannot accept this order because there are insufficient funds in your account.',
    },
    oversold: {
      code: insufficientShares,
      message: `There are not enough shares in your account to sell (${message}).`,
    },
    invalid_symbol: { code: refused, message: 'The symbol you entered is invalid.' },
    stop_through_market: {
      code: refused,
      message: `The stop price has to be below the market for a sale, above it for a purchase (${message}).`,
    },
  };
  return worded[code] ?? { code: refused, message: `Your order was rejected: ${message}` };
}
