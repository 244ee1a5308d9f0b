/** Alpaca's order calls (docs/brokers/alpaca.md, sections 5 to 8). */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { assetClassOf } from '../../domain/instrument.js';
import { isBuying } from '../../domain/order.js';
import type { Account } from '../exchange/accounts.js';
import type { Call } from '../exchange/new-order.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import { placeOperation } from '../faults/fault.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { alreadyOver, failure, isProblem, type Problem, problems, refusalProblem } from './answers.js';
import type { Caller } from './callers.js';
import { type PlaceBody, placeBody, type ReplaceBody, readBody, replaceBody, withOwnTarget } from './order-body.js';
import type { Setting } from './order-mapping.js';
import { filtered, listQuery } from './order-query.js';
import { type OrderView, orderView, receivedView, statusOf } from './order-views.js';
import { plan, washTradeProblem } from './placements.js';
import { replacementOf } from './replacements.js';
import { fromAlpacaSymbol } from './symbols.js';
import { unrelatedFor, unrelatedOrders } from './unrelated.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class AlpacaOrders {
  constructor(
    private readonly simulator: Simulator,
    private readonly handleCall: HandleCall,
  ) {}

  async place(context: Context<Env>, { account, mayTrade }: Caller): Promise<Response> {
    if (!mayTrade) return failure(problems.missingScope);
    const read = await readBody(context, placeBody);
    if (isProblem(read)) return failure(read);
    const body = withOwnTarget(read);
    const symbol = fromAlpacaSymbol(body.symbol);
    const side = sideInUse(this.setting(account.account, symbol ?? ''), body);
    const operation = placeOperation({ type: body.type, side });
    const facts = { operation, account: account.account, symbol, side: body.side };
    return await this.handleCall(context, facts, (call) => this.enter(account.account, body, call));
  }

  async replace(context: Context<Env>, { account, mayTrade }: Caller): Promise<Response> {
    if (!mayTrade) return failure(problems.missingScope);
    const body = await readBody(context, replaceBody);
    if (isProblem(body)) return failure(body);
    const order = this.found(context, account.account, {});
    const facts = { operation: 'replace' as const, ...factsOf(account.account, order) };
    return await this.handleCall(context, facts, (call) => this.change(context, account.account, body, call));
  }

  async cancel(context: Context<Env>, { account, mayTrade }: Caller): Promise<Response> {
    if (!mayTrade) return failure(problems.missingScope);
    const order = this.found(context, account.account, {});
    const facts = { operation: 'cancel' as const, ...factsOf(account.account, order) };
    return await this.handleCall(context, facts, async (call) => {
      if (!UUID.test(context.req.param('id') ?? '')) return failure(problems.orderIdMissing);
      const current = this.found(context, account.account, {});
      if (current === undefined) return failure(problems.orderNotFound);
      const cancelled = await this.simulator.exchange.cancel(current, call);
      return 'order' in cancelled ? new Response(null, { status: 204 }) : failure(alreadyOver(this.statusNow(current)));
    });
  }

  async cancelAll(context: Context<Env>, { account, mayTrade }: Caller): Promise<Response> {
    if (!mayTrade) return failure(problems.missingScope);
    return await this.handleCall(context, { operation: 'cancel', account: account.account }, async (call) => {
      const open = this.simulator.exchange.orders(account.account).filter((order) => !isOver(order));
      const results = [];
      for (const order of open) {
        await this.simulator.exchange.cancel(order, call);
        // The second leg of a pair has already ended with the first.
        const isCancelled = ['canceled', 'pending_cancel'].includes(this.statusNow(order));
        results.push({ id: order.orderId, status: isCancelled ? 200 : 422, body: null });
      }
      return Response.json(results, { status: 207 });
    });
  }

  async read(context: Context<Env>, { account }: Caller): Promise<Response> {
    const facts = {
      operation: 'get_order' as const,
      ...factsOf(account.account, this.found(context, account.account, {})),
    };
    return await this.handleCall(context, facts, (call) => {
      if (!UUID.test(context.req.param('id') ?? '')) return failure(problems.orderIdMissing);
      const unrelated = this.unrelatedOf(account).find(({ id }) => id === context.req.param('id'));
      if (unrelated) return Response.json(unrelated);
      return this.shown(this.found(context, account.account, call), isYes(context.req.query('nested')));
    });
  }

  async readByClientId(context: Context<Env>, { account }: Caller): Promise<Response> {
    const clientOrderId = context.req.query('client_order_id') ?? '';
    const known = this.simulator.exchange.byClientOrderId(account.account, clientOrderId);
    const facts = { operation: 'get_order' as const, ...factsOf(account.account, known) };
    return await this.handleCall(context, facts, (call) => {
      const unrelated = this.unrelatedOf(account).find(({ client_order_id: id }) => id === clientOrderId);
      if (unrelated) return Response.json(unrelated);
      const orders = this.simulator.exchange.orders(account.account, call);
      return this.shown(
        orders.find((order) => order.clientOrderId === clientOrderId),
        false,
      );
    });
  }

  async list(context: Context<Env>, { account }: Caller): Promise<Response> {
    const query = listQuery(context.req.query());
    if (isProblem(query)) return failure(query);
    return await this.handleCall(context, { operation: 'list_orders', account: account.account }, (call) => {
      const orders = this.simulator.exchange.orders(account.account, call);
      const shown = filtered(orders, query).map((order) => this.view(order, query.nested));
      const unrelated = unrelatedFor(this.unrelatedOf(account), query);
      const all = query.direction === 'asc' ? [...unrelated, ...shown] : [...shown, ...unrelated];
      return Response.json(all.slice(0, query.limit));
    });
  }

  private async enter(account: string, body: PlaceBody, call: Call): Promise<Response> {
    const { exchange } = this.simulator;
    const symbol = fromAlpacaSymbol(body.symbol);
    if (symbol === undefined || !exchange.market.knows(symbol)) {
      return failure({ status: 422, code: 42210000, message: `asset "${body.symbol}" not found` });
    }
    const setting = this.setting(account, symbol);
    const clientOrderId = body.client_order_id ?? randomUUID();
    if (exchange.byClientOrderId(account, clientOrderId)) return failure(problems.notUnique);
    const planned = await plan(exchange, body, setting, clientOrderId);
    if (isProblem(planned)) return failure(planned);
    const washTrade = planned.order && washTradeProblem(body, exchange.orders(account), symbol);
    if (washTrade) return failure(washTrade);
    const submitted = planned.order
      ? await exchange.submit(account, planned.order, call)
      : await exchange.submitPair(account, planned.pair, call);
    if ('duplicate' in submitted) return failure(problems.notUnique);
    if ('refusal' in submitted) return failure(await this.refusal(account, symbol, body, submitted));
    const { order } = submitted;
    return Response.json(receivedView(order, { isOpen: this.isOpen(order), legs: this.legsOf(order) }));
  }

  private async change(context: Context<Env>, account: string, body: ReplaceBody, call: Call): Promise<Response> {
    const { exchange } = this.simulator;
    const order = this.found(context, account, {});
    if (order === undefined) return failure(problems.orderNotFound);
    if (isOver(order)) return failure(alreadyOver(this.statusNow(order)));
    if (!['new', 'partially_filled'].includes(this.statusNow(order))) return failure(problems.cannotReplace);
    const clientOrderId = body.client_order_id ?? randomUUID();
    if (exchange.byClientOrderId(account, clientOrderId)) return failure(problems.notUnique);
    const { terms, replacement } = replacementOf(order, body, clientOrderId, exchange.now());
    const replaced = await exchange.replace(order, replacement, call);
    if ('order' in replaced)
      return Response.json(receivedView(replaced.order, { isOpen: this.isOpen(order), legs: null }));
    if (replaced.refusal.code === 'too_late') return failure(alreadyOver(this.statusNow(order)));
    return failure(await this.refusal(account, order.state.symbol, terms, replaced));
  }

  private async refusal(
    account: string,
    symbol: string,
    body: Pick<PlaceBody, 'symbol' | 'side' | 'qty' | 'stop_price'>,
    { refusal }: { refusal: Parameters<typeof refusalProblem>[0] },
  ): Promise<Problem> {
    const holdings = this.simulator.exchange.holdings(account);
    const quote = await this.simulator.exchange.quote(symbol);
    const existing = holdings.position(symbol);
    const held = holdings.held(symbol);
    const assetClass = assetClassOf(symbol);
    return refusalProblem(refusal, {
      ...{ symbol: body.symbol, isCrypto: assetClass === 'crypto', isOption: assetClass === 'option' },
      ...{ isBuy: body.side === 'buy', quantity: body.qty ?? '0', stopPrice: body.stop_price },
      marketPrice: quote?.last ?? (body.side === 'buy' ? quote?.ask : quote?.bid),
      ...{
        existing: existing.toString(),
        held: held.toString(),
        available: existing.absolute().minus(held).toString(),
      },
      cash: holdings.buyingPower.toString(),
    });
  }

  private unrelatedOf(account: Account): OrderView[] {
    return this.simulator.hasUnrelated ? unrelatedOrders(account) : [];
  }

  private shown(order: ExchangeOrder | undefined, nested: boolean): Response {
    return order ? Response.json(this.view(order, nested)) : failure(problems.orderNotFound);
  }

  private view(order: ExchangeOrder, nested: boolean) {
    return orderView(order, { isOpen: this.isOpen(order), legs: nested ? this.legsOf(order) : null });
  }

  private legsOf({ account, orderId }: ExchangeOrder): ExchangeOrder[] | null {
    const legs = this.simulator.exchange.orders(account).filter(({ parent }) => parent === orderId);
    return legs.length > 0 ? legs : null;
  }

  private statusNow({ account, orderId }: ExchangeOrder): string {
    const order = this.simulator.exchange.records.order(account, orderId);
    return order === undefined ? 'unknown' : statusOf(order, this.isOpen(order));
  }

  private isOpen({ state }: ExchangeOrder): boolean {
    const session = this.simulator.exchange.session(state.assetClass);
    return session === 'regular' || (session !== 'closed' && state.session === 'extended');
  }

  private found(context: Context<Env>, account: string, call: Call): ExchangeOrder | undefined {
    return this.simulator.exchange.order(account, context.req.param('id') ?? '', call);
  }

  private setting(account: string, symbol: string): Setting {
    const { exchange } = this.simulator;
    const position = exchange.holdings(account).position(symbol);
    return { symbol, assetClass: assetClassOf(symbol) ?? 'equity', position, now: exchange.now() };
  }
}

/** The side, by whether the order opens or closes a position; faults are matched by it. */
function sideInUse({ position }: Setting, { side }: PlaceBody) {
  if (side === 'buy') return position.isNegative() ? 'buy_to_cover' : 'buy';
  return position.isPositive() ? 'sell' : 'sell_short';
}

function factsOf(account: string, order: ExchangeOrder | undefined) {
  if (order === undefined) return { account };
  const side = isBuying(order.state.side) ? ('buy' as const) : ('sell' as const);
  return { account, symbol: order.state.symbol, side };
}

/** Booleans in queries may have any case: the SDK writes `True`. */
function isYes(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}
