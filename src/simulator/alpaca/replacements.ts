/** What a replacement takes over from the order that it replaces (docs/brokers/alpaca.md, section 5.3). */
import { isBuying } from '../../domain/order.js';
import type { NewOrder } from '../exchange/new-order.js';
import type { ExchangeOrder } from '../exchange/orders.js';
import type { ReplaceBody } from './order-body.js';
import { endOf, engineTerms, engineTimeInForce } from './order-mapping.js';
import { detailsOf } from './order-views.js';

/** The order that replaces `order`: what the body leaves out stays as it was. */
export function replacementOf(order: ExchangeOrder, body: ReplaceBody, clientOrderId: string, now: number) {
  const { state, request } = order;
  const details = detailsOf(order);
  const side = isBuying(state.side) ? ('buy' as const) : ('sell' as const);
  const quantity = body.qty ?? state.quantity.minus(state.filled).toString();
  const { time_in_force: wanted } = body;
  const timeInForce = wanted === undefined ? request.timeInForce : engineTimeInForce(wanted);
  const terms = {
    ...{ type: details.type, symbol: state.symbol, side, qty: quantity },
    limit_price: body.limit_price ?? request.limitPrice,
    stop_price: body.stop_price ?? request.stopPrice,
    trail_percent: body.trail ?? request.trailPercent,
  };
  const replacement: NewOrder = {
    request: { ...request, clientOrderId, quantity, ...engineTerms(terms, side, state), timeInForce },
    details: { ...details, ...(wanted !== undefined && { timeInForce: wanted }) },
    ...(wanted === undefined && state.expiresAt !== undefined && { expiresAt: state.expiresAt }),
    ...(wanted !== undefined && endOf(wanted, state.assetClass, now)),
  };
  return { terms, replacement };
}
