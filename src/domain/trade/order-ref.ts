/** How an order of a trade is named to whoever sends, cancels or reads it. */
import type { DecimalString } from '../decimal.js';
import type { Leg, TradeId } from '../ids.js';
import type { OrderRequest, OrderStatus } from '../order.js';
import { type Holding, holdingOf } from './holding.js';
import type { TradeOrder, TradeState } from './state.js';

/** An order of a trade, named so that the same decision always has the same name. */
export interface OrderRef {
  tradeId: TradeId;
  broker: string;
  account: string;
  leg: Leg;
  generation: number;
  request: OrderRequest;
  /** what bounds a closing order */
  holding: Holding;
}

export interface CancelOrder {
  tradeId: TradeId;
  broker: string;
  account: string;
  clientOrderId: string;
  brokerOrderId: string;
}

/** What the trade knows of one of its orders; only what differs is written and answered. */
export interface KnownOrder {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  brokerOrderId: string;
  status?: OrderStatus;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice?: DecimalString;
  triggered: boolean;
}

export function orderRef(state: TradeState, { leg, generation, request }: TradeOrder): OrderRef {
  const { broker, account } = state.request;
  return { tradeId: state.id, broker, account, leg, generation, request, holding: holdingOf(state) };
}

/** @throws Error for an order that the broker has not confirmed */
export function cancelRef(state: TradeState, order: TradeOrder): CancelOrder {
  const { broker, account } = state.request;
  const { brokerOrderId } = order;
  const { clientOrderId } = order.request;
  if (brokerOrderId === undefined)
    throw new Error(`The broker does not know ${clientOrderId}: it cannot be cancelled.`);
  return { tradeId: state.id, broker, account, clientOrderId, brokerOrderId };
}

export function knownOrder(order: TradeOrder): KnownOrder {
  const {
    leg,
    generation,
    request,
    brokerOrderId = '',
    status,
    quantity,
    filledQuantity,
    stopPrice,
    triggered,
  } = order;
  return {
    leg,
    generation,
    request,
    brokerOrderId,
    quantity,
    filledQuantity,
    triggered,
    ...(status === undefined ? {} : { status }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
  };
}
