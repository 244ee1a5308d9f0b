/** Coinbase's order calls (docs/brokers/coinbase.md, sections 6 and 8). */
import type { Context } from 'hono';
import type { Call } from '../exchange/new-order.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import { placeOperation } from '../faults/fault.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { type Failure, orderRefused } from './answers.js';
import type { Caller } from './callers.js';
import { type Change, editPreviewAnswer, readEdit } from './edits.js';
import { cancelBody, editBody, type PlaceBody, parse, placeBody, previewBody } from './order-body.js';
import { refusalFailure, termsOf, toNewOrder } from './order-mapping.js';
import { invalidProduct, isProduct, previewAnswer } from './preview.js';

export class CoinbaseOrders {
  constructor(
    private readonly simulator: Simulator,
    private readonly handleCall: HandleCall,
  ) {}

  async place(context: Context<Env>, { account }: Caller): Promise<Response> {
    const body = parse(await context.req.text(), placeBody);
    if (body instanceof Response) return body;
    const { product_id: symbol, side, order_configuration: configuration } = body.value;
    const type = termsOf(configuration).stopPrice === undefined ? 'limit' : 'stop_limit';
    const operation = placeOperation({ type, side: side === 'BUY' ? 'buy' : 'sell' });
    const facts = { operation, account: account.account, symbol, side: sideOf(side) };
    return await this.handleCall(context, facts, (call) => this.enter(account.account, body.value, call));
  }

  async preview(context: Context<Env>, { account }: Caller): Promise<Response> {
    const body = parse(await context.req.text(), previewBody);
    if (body instanceof Response) return body;
    const { product_id: symbol, side } = body.value;
    const facts = { operation: 'preview' as const, account: account.account, symbol, side: sideOf(side) };
    return await this.handleCall(context, facts, (call) =>
      previewAnswer(this.simulator.exchange, account.account, body.value, call),
    );
  }

  async cancel(context: Context<Env>, { account }: Caller): Promise<Response> {
    const body = parse(await context.req.text(), cancelBody);
    if (body instanceof Response) return body;
    const { order_ids: ids } = body.value;
    const facts = { operation: 'cancel' as const, account: account.account, ...this.about(account.account, ids[0]) };
    return await this.handleCall(context, facts, async (call) => {
      const results = [];
      for (const id of ids) results.push(await this.cancelOne(account.account, id, call));
      return Response.json({ results });
    });
  }

  async edit(context: Context<Env>, { account }: Caller): Promise<Response> {
    const body = parse(await context.req.text(), editBody);
    if (body instanceof Response) return body;
    const { order_id: id, ...change } = body.value;
    const facts = { operation: 'replace' as const, account: account.account, ...this.about(account.account, id) };
    return await this.handleCall(context, facts, async (call) => {
      const failure = await this.change(account.account, id, change, call);
      if (failure === undefined) return Response.json({ success: true, errors: [] });
      const errors = [{ edit_failure_reason: failure, preview_failure_reason: 'UNKNOWN_PREVIEW_FAILURE_REASON' }];
      return Response.json({ success: false, errors });
    });
  }

  async editPreview(context: Context<Env>, { account }: Caller): Promise<Response> {
    const body = parse(await context.req.text(), editBody);
    if (body instanceof Response) return body;
    const { order_id: id, ...change } = body.value;
    const facts = { operation: 'preview' as const, account: account.account, ...this.about(account.account, id) };
    return await this.handleCall(context, facts, (call) =>
      editPreviewAnswer(this.simulator.exchange, readEdit(this.simulator.exchange, account.account, id, change), call),
    );
  }

  private async enter(account: string, body: PlaceBody, call: Call): Promise<Response> {
    const { exchange } = this.simulator;
    const { client_order_id: clientOrderId, product_id: symbol, order_configuration: configuration, side } = body;
    const refused = (failure: Failure) => orderRefused(failure, { ...configuration });
    // A known client id is answered before the new request is checked.
    const earlier = exchange.byClientOrderId(account, clientOrderId);
    if (earlier) return this.repeated(earlier, body, call);
    if (!isProduct(exchange, symbol)) return refused(invalidProduct());
    const order = toNewOrder(body, clientOrderId, await exchange.quote(symbol), exchange.now());
    if ('error' in order) return refused(order);
    const submitted = await exchange.submit(account, order, call);
    if ('refusal' in submitted) return refused(refusalFailure(submitted.refusal, side));
    if ('duplicate' in submitted) return this.repeated(submitted.duplicate, body, call);
    return accepted(submitted.order.orderId, body);
  }

  /** The first order's id with the second request's fields (section 8, point 3), or the refusal that some users report. */
  private repeated({ orderId }: ExchangeOrder, body: PlaceBody, { fault }: Call): Response {
    if (fault?.kind !== 'duplicate_unlisted') return accepted(orderId, body);
    const failure = { error: 'DUPLICATE_CLIENT_ORDER_ID', message: 'client_order_id has been used' };
    return orderRefused(failure, { ...body.order_configuration });
  }

  private async cancelOne(account: string, orderId: string, call: Call) {
    const result = (success: boolean, reason: string) => ({ success, failure_reason: reason, order_id: orderId });
    const order = this.simulator.exchange.order(account, orderId);
    if (order === undefined) return result(false, 'UNKNOWN_CANCEL_ORDER');
    if (order.cancelRequested && !isOver(order)) return result(false, 'DUPLICATE_CANCEL_REQUEST');
    const cancelled = await this.simulator.exchange.cancel(order, call);
    if ('order' in cancelled) return result(true, 'UNKNOWN_CANCEL_FAILURE_REASON');
    const isRefused = cancelled.refusal.code === 'refused';
    return result(false, isRefused ? 'COMMANDER_REJECTED_CANCEL_ORDER' : 'UNKNOWN_CANCEL_ORDER');
  }

  private async change(account: string, orderId: string, change: Change, call: Call): Promise<string | undefined> {
    const { exchange } = this.simulator;
    const asked = readEdit(exchange, account, orderId, change);
    if ('problem' in asked) return asked.problem;
    const edited = await exchange.edit(asked.order, { request: asked.request, details: asked.details }, call);
    if ('order' in edited) return undefined;
    if (edited.refusal.code === 'too_late') return 'ORDER_ALREADY_FILLED';
    return edited.refusal.code === 'refused' ? 'COMMANDER_REJECTED_EDIT_ORDER' : 'INVALID_EDITED_PRICE';
  }

  private about(account: string, orderId = '') {
    const order = this.simulator.exchange.records.order(account, orderId);
    return (
      order && { symbol: order.state.symbol, side: order.state.side === 'buy' ? ('buy' as const) : ('sell' as const) }
    );
  }
}

function sideOf(side: 'BUY' | 'SELL'): 'buy' | 'sell' {
  return side === 'BUY' ? 'buy' : 'sell';
}

function accepted(orderId: string, { product_id, side, client_order_id, order_configuration }: PlaceBody): Response {
  return Response.json({
    ...{ success: true, failure_reason: 'UNKNOWN_FAILURE_REASON', order_id: orderId },
    success_response: { order_id: orderId, product_id, side, client_order_id },
    order_configuration,
  });
}
