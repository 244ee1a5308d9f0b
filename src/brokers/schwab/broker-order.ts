/** From an order as Schwab shows it to ours. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { BrokerOrder, OrderStatus, OrderType } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { hasLimit, isStop } from '../../wire/orders.js';
import { executionsOf } from './fills.js';
import { DURATIONS, FOREIGN_VALUES, meaningOf, ORDER_TYPES, SIDES, STATUSES } from './order-enums.js';
import { type ListedOrder, type SingleOrder, singleOrder } from './schemas.js';
import { fromSchwabSymbol } from './symbols.js';

/** An order and all that wait for it or are paired in it. */
export function withChildren(order: ListedOrder): ListedOrder[] {
  return [order, ...(order.childOrderStrategies ?? []).flatMap(withChildren)];
}

/**
 * The order as one of the kind that Arbion sends, or undefined for an unrelated one of another kind.
 * @throws UnexpectedAnswer when it lacks what such an order has.
 */
export function asSingleOrder(order: ListedOrder): SingleOrder | undefined {
  if (isForeign(order)) return undefined;
  return checked(singleOrder, order, "Schwab's order");
}

function isForeign({ orderLegCollection: [leg, ...more], orderType = '', duration = '' }: ListedOrder): boolean {
  if (leg === undefined || more.length > 0) return true;
  const symbol = leg.instrument?.symbol;
  if (symbol !== undefined && fromSchwabSymbol(symbol) === undefined) return true;
  return [orderType, duration, leg.instruction ?? ''].some((value) => FOREIGN_VALUES.includes(value));
}

/** @throws UnexpectedAnswer for a status, or another value, that is not known. */
export function brokerOrder(order: SingleOrder): BrokerOrder {
  const [leg] = order.orderLegCollection;
  const type = meaningOf<OrderType>(ORDER_TYPES, order.orderType, 'orderType');
  const { price, stopPrice, statusDescription } = order;
  const status = statusOf(order);
  return {
    orderId: order.orderId,
    symbol: fromSchwabSymbol(leg.instrument.symbol) ?? leg.instrument.symbol,
    side: meaningOf(SIDES, leg.instruction, 'instruction'),
    type,
    quantity: order.quantity,
    filledQuantity: order.filledQuantity,
    ...(hasLimit(type) && price !== undefined && { limitPrice: price }),
    ...(isStop(type) && stopPrice !== undefined && { stopPrice }),
    timeInForce: meaningOf(DURATIONS, order.duration, 'duration'),
    status,
    triggered: isStop(type) && isTriggered(order),
    executions: executionsOf(order),
    placedAt: order.enteredTime,
    ...(status === 'rejected' && { rejectReason: statusDescription ?? 'rejected without a reason' }),
  };
}

/** A partial fill has no status of its own. */
function statusOf({ orderId, status: shown, quantity, filledQuantity }: SingleOrder): OrderStatus {
  const status = meaningOf(STATUSES, shown, 'status');
  const [filled, whole] = [decimal(filledQuantity), decimal(quantity)];
  if (status === 'filled' && !filled.equals(whole)) {
    throw new UnexpectedAnswer(`order ${orderId} is FILLED with ${filled} of ${whole}`);
  }
  const isLive = status === 'submitted' || status === 'working';
  return isLive && filled.isPositive() && filled.lessThan(whole) ? 'partially_filled' : status;
}

/** A stop waits as AWAITING_STOP_CONDITION, and is WORKING once its price was reached. */
function isTriggered({ status, filledQuantity }: SingleOrder): boolean {
  return status === 'WORKING' || decimal(filledQuantity).greaterThan(Decimal.zero);
}
