import { type DecimalString, decimal } from '../decimal.js';
import type { Leg } from '../ids.js';
import {
  type BrokerOrder,
  type Execution,
  isFinal,
  type OrderRequest,
  type OrderStatus,
  type Refusal,
} from '../order.js';
import { withFills } from './ledger.js';
import { markUnknown } from './lost-order.js';
import { orderData, orderKey } from './new-order.js';
import { isForgotten } from './old-orders.js';
import { alert, note } from './report.js';
import type { TradeOrder, TradeState } from './state.js';

/** What the database and the broker know of one order of a trade: what every order activity answers with. */
export interface OrderFact {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  /** `prepared`: certainly not sent · `unknown`: sent, answer lost · `known`: the broker has it · `refused`: it does not */
  standing: 'prepared' | 'unknown' | 'known' | 'refused';
  brokerOrderId?: string;
  /** epoch milliseconds */
  placedAt?: number;
  status?: OrderStatus;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice?: DecimalString;
  triggered: boolean;
  refusal?: Refusal;
  executions: Execution[];
}

/** What a trade knows of an order, as the broker reports it. */
export function factOf(
  { leg, generation, request }: Pick<OrderFact, 'leg' | 'generation' | 'request'>,
  order: Omit<BrokerOrder, 'clientOrderId' | 'symbol' | 'side' | 'type' | 'timeInForce'>,
): OrderFact {
  const { orderId, placedAt, status, quantity, filledQuantity, stopPrice, triggered, executions, rejectReason } = order;
  return {
    leg,
    generation,
    request,
    standing: 'known',
    brokerOrderId: orderId,
    placedAt,
    status,
    quantity,
    filledQuantity,
    triggered,
    executions,
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(rejectReason === undefined ? {} : { refusal: { code: 'refused', message: rejectReason } }),
  };
}

/** What a trade knows of an order that no broker is known to have. */
export function factOfUnplaced(
  { leg, generation, request }: Pick<OrderFact, 'leg' | 'generation' | 'request'>,
  standing: Exclude<OrderFact['standing'], 'known'>,
  refusal?: Refusal,
): OrderFact {
  return {
    leg,
    generation,
    request,
    standing,
    quantity: request.quantity,
    filledQuantity: '0' as DecimalString,
    triggered: false,
    executions: [],
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** Takes over what became of the trade's orders. Facts may come in any order and any number of times. */
export function applyOrderFacts(state: TradeState, facts: readonly OrderFact[], now: number): void {
  for (const fact of facts) {
    if (isForgotten(state, fact)) takeFills(state, newlyKnown(fact), fact, now);
    else applyFact(state, orderOf(state, fact), fact, now);
  }
}

function orderOf(state: TradeState, fact: OrderFact): TradeOrder {
  const known = state.orders.find((order) => order.request.clientOrderId === fact.request.clientOrderId);
  if (known) return known;
  const found = newlyKnown(fact);
  state.orders.push(found);
  return found;
}

function newlyKnown({ leg, generation, request, quantity }: OrderFact): TradeOrder {
  return {
    leg,
    generation,
    request,
    state: 'decided',
    quantity,
    filledQuantity: '0' as DecimalString,
    triggered: false,
  };
}

function applyFact(state: TradeState, order: TradeOrder, fact: OrderFact, now: number): void {
  if (fact.standing === 'unknown') applyUnknown(state, order, fact, now);
  else if (fact.standing === 'prepared') applyPrepared(order);
  else if (fact.standing === 'refused') applyRefusal(state, order, fact, now);
  else applyKnown(state, order, fact, now);
}

function applyUnknown(state: TradeState, order: TradeOrder, { refusal }: OrderFact, now: number): void {
  const detail = refusal ? `the broker answered: ${refusal.message}` : 'the answer to the send was lost';
  markUnknown(state, order, detail, now);
  if (refusal && order.state === 'unknown') order.refusal = refusal;
}

/** Certainly not sent; what was given up meanwhile stays given up. */
function applyPrepared(order: TradeOrder): void {
  if (order.state !== 'done') order.state = 'decided';
}

function applyRefusal(state: TradeState, order: TradeOrder, fact: OrderFact, now: number): void {
  if (order.state === 'done') return;
  order.state = 'done';
  order.status = 'rejected';
  delete order.lookup;
  if (fact.refusal) order.refusal = fact.refusal;
  const { code = 'refused', message = '' } = fact.refusal ?? {};
  note(state, now, 'order_refused', orderKey(order), { ...orderData(order), code, message });
}

function applyKnown(state: TradeState, order: TradeOrder, fact: OrderFact, now: number): void {
  if (order.state === 'unknown') {
    note(state, now, 'order_resolved', orderKey(order), { ...orderData(order), evidence: fact.brokerOrderId ?? '' });
    delete order.refusal;
  }
  if (fact.brokerOrderId !== undefined) order.brokerOrderId = fact.brokerOrderId;
  order.placedAt ??= fact.placedAt ?? now;
  order.quantity = fact.quantity;
  if (fact.stopPrice !== undefined) order.stopPrice = fact.stopPrice;
  order.triggered ||= fact.triggered;
  delete order.lookup;
  if (order.state === 'decided' || order.state === 'unknown') {
    note(state, now, 'order_placed', orderKey(order), orderData(order));
  }
  takeFills(state, order, fact, now);
  takeStatus(state, order, fact.status, now);
}

function takeFills(state: TradeState, order: TradeOrder, fact: OrderFact, now: number): void {
  const { leg } = order;
  const known = new Set(state.ledger.fills.map((fill) => fill.executionId));
  const fills = fact.executions.map((execution) => ({
    ...execution,
    leg,
    clientOrderId: order.request.clientOrderId,
  }));
  state.ledger = withFills(state.ledger, fills);
  for (const fill of fills.filter(({ executionId }) => !known.has(executionId))) {
    const { executionId, quantity, price, fee } = fill;
    note(state, now, 'fill', executionId, { leg, generation: order.generation, quantity, price, executionId, fee });
    state.monitor.pollMs = 0;
    if (leg === 'entry') state.monitor.enteredAt = now;
  }
  if (decimal(fact.filledQuantity).greaterThan(decimal(order.filledQuantity)))
    order.filledQuantity = fact.filledQuantity;
  if (leg === 'entry' && decimal(order.filledQuantity).greaterThan(decimal(order.quantity))) {
    alert(state, 1, 'overfill', `Entry order filled ${order.filledQuantity} of ${order.quantity}.`, orderKey(order));
  }
}

/** Moves only forward: a final order stays final whatever a late read says; its late fills were taken above. */
function takeStatus(state: TradeState, order: TradeOrder, status: OrderStatus | undefined, now: number): void {
  if (status === undefined || order.state === 'done') return;
  order.status = status;
  order.state = isFinal(status) ? 'done' : 'live';
  if (order.state === 'live') return;
  order.doneAt = now;
  state.monitor.pollMs = 0;
  if (status === 'filled') return;
  const kind = status === 'cancelled' ? 'order_cancelled' : status === 'expired' ? 'order_expired' : 'order_rejected';
  note(state, now, kind, orderKey(order), { ...orderData(order), filledQuantity: order.filledQuantity });
}
