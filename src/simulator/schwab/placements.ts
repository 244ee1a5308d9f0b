/** Turns an order strategy of Schwab's into the exchange's orders (docs/brokers/schwab.md, sections 5.2 to 5.4). */
import { decimal } from '../../domain/decimal.js';
import type { Refusal, RefusalCode } from '../../domain/order.js';
import type { Json } from '../exchange/journal.js';
import type { Market } from '../exchange/market.js';
import type { NewOrder } from '../exchange/new-order.js';
import type { OrderFields, Strategy, TriggerOrder } from './order-body.js';
import { toOrderRequest } from './order-mapping.js';
import type { SchwabDetails } from './order-views.js';

/** A strategy in the exchange's terms: an order with its children, or a pair. */
export type Placeable = { order: NewOrder } | { pair: readonly [NewOrder, NewOrder] };

export type Ids = () => string;

const DAY_MS = 86_400_000;
/** A good-till-cancelled order expires after about six months (section 5.3). */
const LONGEST_LIFE_MS = 180 * DAY_MS;

/** The strategy as new orders with ids, or why Schwab refuses it. */
export function placeable(strategy: Strategy, ids: Ids, now: number): Placeable | { problem: string } {
  if (strategy.orderStrategyType === 'SINGLE') return orderOf(strategy, ids, now);
  if (strategy.orderStrategyType === 'TRIGGER') return triggerOf(strategy, ids, now);
  return pairOf(strategy.childOrderStrategies, ids, now);
}

/** One order; `linked` is how its children are linked. */
export function orderOf(fields: OrderFields, ids: Ids, now: number, linked?: SchwabDetails['children']) {
  const orderId = ids();
  // Schwab has no client order ids: the ledger shows the order's own id in its place.
  const request = toOrderRequest(fields, orderId);
  if ('problem' in request) return request;
  const expiresAt = fields.duration === 'GOOD_TILL_CANCEL' ? endOf(fields, now) : undefined;
  if (Number.isNaN(expiresAt)) return { problem: `'${fields.cancelTime}' is not a valid value for cancelTime` };
  const order: NewOrder = {
    ...{ orderId, request, details: detailsJson({ fields, children: linked }) },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(fields.duration === 'IMMEDIATE_OR_CANCEL' && { lifetime: 'ioc' }),
    ...(fields.duration === 'FILL_OR_KILL' && { lifetime: 'fok' }),
  };
  return { order };
}

function endOf({ cancelTime }: OrderFields, now: number): number {
  const longest = now + LONGEST_LIFE_MS;
  if (cancelTime === undefined) return longest;
  return Math.min(longest, Date.parse(cancelTime.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')));
}

function triggerOf(trigger: TriggerOrder, ids: Ids, now: number): Placeable | { problem: string } {
  const { childOrderStrategies, orderStrategyType: _, ...fields } = trigger;
  const [linked] = childOrderStrategies;
  const parent = orderOf(fields, ids, now, linked.orderStrategyType);
  if ('problem' in parent) return parent;
  const made =
    linked.orderStrategyType === 'OCO' ? pairOf(linked.childOrderStrategies, ids, now) : orderOf(linked, ids, now);
  if ('problem' in made) return made;
  const children = 'pair' in made ? made.pair : [made.order];
  return { order: { ...parent.order, children, oneCancelsOther: 'pair' in made } };
}

function pairOf([a, b]: readonly [OrderFields, OrderFields], ids: Ids, now: number): Placeable | { problem: string } {
  const [first, second] = [orderOf(a, ids, now), orderOf(b, ids, now)];
  if ('problem' in first) return first;
  if ('problem' in second) return second;
  return { pair: [first.order, second.order] };
}

/** Details are stored as JSON, without absent fields. */
function detailsJson(details: SchwabDetails): Json {
  return JSON.parse(JSON.stringify(details)) as Json;
}

/** All requests of a placement; its operation is named by the first. */
export function requestsOf(made: Placeable) {
  const orders = 'pair' in made ? made.pair : [made.order, ...(made.order.children ?? [])];
  return orders.map(({ request }) => request);
}

/**
 * Schwab takes an order for an option off the grid of its prices, and rejects it a moment later. The text is that of a
 * user's order (tylerebowers/Schwabdev, issue 36).
 */
export function withLateRefusal(order: NewOrder, market: Pick<Market, 'isOnGrid'>): NewOrder {
  const { request } = order;
  const prices = [request.limitPrice, request.stopPrice].filter((price) => price !== undefined);
  const isTaken = request.assetClass !== 'option' || prices.every((price) => market.isOnGrid(request, decimal(price)));
  return isTaken ? order : { ...order, lateRefusal: OFF_GRID };
}

const OFF_GRID =
  'REJECTED: Enter the price in decimal form: Penny Pilot options $0.01 under $3; $0.05 over $3; & all other options $0.05 under $3; $0.10 over $3.';

/** Schwab's messages, where they are known (sections 5.3 and 9). */
const MESSAGES: Partial<Readonly<Record<RefusalCode, string>>> = {
  insufficient_funds: 'You do not have enough available cash/buying power for this order.',
  invalid_symbol: 'Invalid symbol',
  refused: 'No trades are currently allowed',
  oversold: 'This order may result in an oversold/overbought position in your account.',
  stop_through_market:
    'The stop price must be above the current ask for buy stop orders and below the bid for sell stop orders.',
  too_late: 'This order can no longer be canceled or replaced.',
};

export function refusalMessage({ code, message }: Refusal): string {
  return MESSAGES[code] ?? message;
}
