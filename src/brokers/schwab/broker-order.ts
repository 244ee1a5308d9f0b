/** From an order as Schwab shows it to ours. */
import { Decimal, decimal } from '../../domain/decimal.js';
import { type BrokerOrder, isFinal, type OrderStatus, type OrderType } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { OtherKind, type ShownOfRow } from '../../wire/listing.js';
import { hasLimit, isStop } from '../../wire/orders.js';
import { executionsOf } from './fills.js';
import { DURATIONS, FOREIGN_VALUES, meaningOf, ORDER_TYPES, SIDES, STATUSES } from './order-enums.js';
import { type ShownOrder, type SingleOrder, shownOrder, singleOrder } from './schemas.js';
import { fromSchwabSymbol, isForeignAsset } from './symbols.js';

/** Anything that Schwab may show as an order: a person's spread too. */
export interface ListedOrder {
  json: unknown;
  shown: ShownOrder;
}

export function listedOrder(json: unknown): ListedOrder {
  return { json, shown: shownOrder.parse(json) };
}

/** An order and all that wait for it or are paired in it. What only holds others together is none. */
export function withChildren(json: unknown): ListedOrder[] {
  const order = listedOrder(json);
  const { orderLegCollection: legs, childOrderStrategies: children } = order.shown;
  const own = legs.length === 0 && children.length > 0 ? [] : [order];
  return [...own, ...children.flatMap(withChildren)];
}

/** Whether the order's status is known to be the last; any other may still fill. */
export function isEnded({ shown: { status = '' } }: ListedOrder): boolean {
  const meaning = Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  return meaning !== undefined && isFinal(meaning);
}

/**
 * The order as one of the kind that Arbion sends.
 * @throws OtherKind when it surely is of another; UnexpectedAnswer when it lacks what such an order has.
 */
export function asSingleOrder({ json, shown }: ListedOrder): SingleOrder {
  const kind = otherKindOf(shown);
  if (kind !== undefined) throw new OtherKind(kind);
  return checked(singleOrder, json, "Schwab's order");
}

/** What the order is instead of one that Arbion sends. */
function otherKindOf(order: ShownOrder): string | undefined {
  const { orderLegCollection: legs, orderStrategyType, orderType, stopPriceLinkType } = order;
  if (legs.length > 1) return `an order with ${legs.length} legs`;
  const { instruction, quantityType, instrument } = legs[0] ?? {};
  if (isForeignAsset(instrument?.assetType)) return `an order for ${instrument.assetType}`;
  const symbol = instrument?.symbol;
  if (symbol !== undefined && fromSchwabSymbol(symbol) === undefined) return 'an order for a symbol of another kind';
  const trail = orderType === 'TRAILING_STOP' ? stopPriceLinkType : undefined;
  const words = [
    orderType,
    order.duration,
    instruction,
    orderStrategyType,
    order.specialInstruction,
    quantityType,
    trail,
  ];
  const foreign = words.find((word) => word !== undefined && FOREIGN_VALUES.includes(word));
  return foreign === undefined ? undefined : `an order with ${foreign}`;
}

/** What a row that cannot be read shows of itself. */
export function shownOf({ shown: { orderId, orderLegCollection } }: ListedOrder): ShownOfRow {
  const symbol = orderLegCollection[0]?.instrument.symbol;
  return {
    ...(orderId !== undefined && { orderId }),
    ...(symbol !== undefined && { symbol: fromSchwabSymbol(symbol) ?? symbol }),
  };
}

/** @throws UnexpectedAnswer for a status that is not known, and while the fills do not add up. */
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

/** A partial fill has no status of its own. @throws UnexpectedAnswer for a status that is not known */
export function statusOf({ status: shown, quantity, filledQuantity }: SingleOrder): OrderStatus {
  const status = meaningOf(STATUSES, shown, 'status');
  const [filled, whole] = [decimal(filledQuantity), decimal(quantity)];
  if (status === 'filled' && !filled.equals(whole)) {
    throw new UnexpectedAnswer('an order is FILLED, but not with its whole quantity');
  }
  const isLive = status === 'submitted' || status === 'working';
  return isLive && filled.isPositive() && filled.lessThan(whole) ? 'partially_filled' : status;
}

/** A stop waits as AWAITING_STOP_CONDITION, and is WORKING once its price was reached. */
function isTriggered({ status, filledQuantity }: SingleOrder): boolean {
  return status === 'WORKING' || decimal(filledQuantity).greaterThan(Decimal.zero);
}
