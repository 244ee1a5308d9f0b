/** Pure helpers of the order processor: the engine's steps with the exchange's additions. */
import { randomUUID } from 'node:crypto';
import type { Decimal } from '../../domain/decimal.js';
import { type BookOrder, type Change, remaining, type Step } from '../../matching/book.js';
import { cancelOrder } from '../../matching/engine.js';
import { WorkingOrders } from '../../matching/working-orders.js';
import { type IdentifiedOrder, outsideBook } from './new-order.js';
import type { Arrival } from './order-processor.js';
import type { OrderEvent, OrderFacts } from './orders.js';

export function factsOfNew(order: IdentifiedOrder, arrival: Arrival, links: Partial<OrderFacts>): OrderFacts {
  const { orderId, request, details = null } = order;
  const { broker, account, at } = arrival;
  const { clientOrderId } = request;
  const state = { ...outsideBook(request, orderId, at), expiresAt: order.expiresAt };
  return { broker, account, orderId, clientOrderId, request, details, state, cancelRequested: false, ...links };
}

export function eventOf(change: Change, acceptedAs: OrderEvent['kind']): OrderEvent {
  const { at, kind } = change;
  if (kind === 'accepted') return { at, kind: acceptedAs };
  if (kind !== 'fill') return { at, kind };
  const { quantity, price, fee } = change;
  return { at, kind, quantity, price, fee, executionId: randomUUID() };
}

export function linksOf({ group, parent }: OrderFacts): Partial<OrderFacts> {
  return { ...(group !== undefined && { group }), ...(parent !== undefined && { parent }) };
}

export function withTwins(step: Step, twins: readonly BookOrder[]): Step {
  if (twins.length === 0) return step;
  return { ...step, book: { ...step.book, orders: WorkingOrders.of([...twins, ...step.book.orders]) } };
}

export function withLifetime(step: Step, { orderId, expiresAt, lifetime }: IdentifiedOrder, at: number): Step {
  const dated = expiresAt === undefined ? step : mapOrder(step, orderId, (state) => ({ ...state, expiresAt }));
  const rest = dated.book.orders.get(orderId);
  if (lifetime === undefined || rest === undefined) return dated;
  const ended = cancelOrder(dated.book, orderId, at, lifetime);
  return 'refusal' in ended ? dated : { book: ended.book, changes: [...dated.changes, ...ended.changes] };
}

/** The step with one order's state mapped wherever it occurs. */
export function mapOrder(step: Step, orderId: string, map: (state: BookOrder) => BookOrder): Step {
  const mapped = (state: BookOrder) => (state.id === orderId ? map(state) : state);
  const changes = step.changes.map((change): Change => ({ ...change, order: mapped(change.order) }));
  const order = step.book.orders.get(orderId);
  const orders = order ? step.book.orders.with(map(order)) : step.book.orders;
  return { book: { ...step.book, orders }, changes };
}

export function withFilledBefore(state: BookOrder, before: Decimal): BookOrder {
  const filled = state.filled.plus(before);
  const status = state.status === 'working' && filled.isPositive() ? 'partially_filled' : state.status;
  return { ...state, quantity: remaining(state).plus(filled), filled, status };
}
