import type { DecimalString } from '../decimal.js';
import { clientOrderId, type Leg } from '../ids.js';
import type { OrderRequest } from '../order.js';
import type { TradeOrder, TradeState } from './state.js';

/** A new order as decided, before anything was written or sent. */
export function newOrder(
  state: TradeState,
  leg: Leg,
  generation: number,
  terms: Omit<OrderRequest, 'clientOrderId' | 'symbol' | 'assetClass'>,
): TradeOrder {
  const { symbol, assetClass } = state.request;
  return {
    leg,
    generation,
    request: { clientOrderId: clientOrderId(state.id, leg, generation), symbol, assetClass, ...terms },
    state: 'decided',
    quantity: terms.quantity,
    filledQuantity: '0' as DecimalString,
    triggered: false,
    ...(terms.stopPrice === undefined ? {} : { stopPrice: terms.stopPrice }),
  };
}

export function orderKey(order: { leg: Leg; generation: number }): string {
  return `${order.leg}:${order.generation}`;
}

/** What the journal says of an order. */
export function orderData(order: TradeOrder): Record<string, string | number> {
  const { leg, generation, request } = order;
  return {
    leg,
    generation,
    clientOrderId: request.clientOrderId,
    type: request.type,
    side: request.side,
    quantity: order.quantity,
    ...(request.limitPrice === undefined ? {} : { limitPrice: request.limitPrice }),
    ...(order.stopPrice === undefined ? {} : { stopPrice: order.stopPrice }),
    ...(order.brokerOrderId === undefined ? {} : { brokerOrderId: order.brokerOrderId }),
  };
}
