import { type DecimalString, decimal } from '../decimal.js';
import { clientOrderId, type Leg } from '../ids.js';
import { type Execution, isFinal, type OrderRequest, type OrderStatus, type Refusal } from '../order.js';
import { withFills } from './ledger.js';
import { alert, note, type TradeOrder, type TradeState } from './state.js';

/** What the database and the broker know of one order of a trade: what every order activity answers with. */
export interface OrderFact {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  /** `prepared`: certainly not sent · `unknown`: sent, answer lost · `known`: the broker has it · `refused`: it does not */
  standing: 'prepared' | 'unknown' | 'known' | 'refused';
  brokerOrderId?: string;
  status?: OrderStatus;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice?: DecimalString;
  triggered: boolean;
  refusal?: Refusal;
  executions: Execution[];
}

/** Type of the failure of a look-up that found several orders which could be ours. */
export const AMBIGUOUS_ORDER = 'AmbiguousOrder';

/** First looks for an unknown order, then ever slower ones; at least four lie within every settle window. */
const LOOKUP_PAUSES_MS = [500, 1_500, 3_000, 5_000, 10_000, 15_000, 30_000];

export function lookupPause(count: number): number {
  return LOOKUP_PAUSES_MS[Math.min(count, LOOKUP_PAUSES_MS.length - 1)] ?? 30_000;
}

/** A new order as decided, before anything was written or sent. */
export function decidedOrder(
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

/** Takes over what became of the trade's orders. Facts may come in any order and any number of times. */
export function applyOrderFacts(state: TradeState, facts: readonly OrderFact[], now: number): void {
  for (const fact of facts) applyFact(state, orderOf(state, fact), fact, now);
}

/** The send of this order was not answered: from here on it is looked for, never sent again on a guess. */
export function markUnknown(state: TradeState, order: TradeOrder, detail: string, now: number): void {
  if (order.state === 'done' || order.state === 'live') return;
  if (order.state === 'decided') note(state, now, 'order_unknown', orderKey(order), { ...orderData(order), detail });
  order.state = 'unknown';
  order.lookup ??= { nextAt: now + lookupPause(0), count: 0, since: now, resent: false };
}

export function orderKey(order: { leg: Leg; generation: number }): string {
  return `${order.leg}:${order.generation}`;
}

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

function orderOf(state: TradeState, fact: OrderFact): TradeOrder {
  const known = state.orders.find((order) => order.request.clientOrderId === fact.request.clientOrderId);
  if (known) return known;
  const { leg, generation, request, quantity } = fact;
  const found: TradeOrder = {
    leg,
    generation,
    request,
    state: 'decided',
    quantity,
    filledQuantity: '0' as DecimalString,
    triggered: false,
  };
  state.orders.push(found);
  return found;
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
