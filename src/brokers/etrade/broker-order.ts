/** From an order as E*TRADE lists it to ours (its order API v1: list orders). */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { BrokerOrder, Execution, OrderSide, OrderStatus, OrderType } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { OtherKind, type ShownOfRow } from '../../wire/listing.js';
import { hasLimit, isStop } from '../../wire/orders.js';
import { actionsOf, ORDER_TERMS, PRICE_TYPES, STATUSES, valueFor } from './order-enums.js';
import { type OneLegOrder, oneLegOrder, type ShownOrder, shownOrder } from './schemas.js';
import { nameOf, symbolOf } from './symbols.js';

/** An order of a list that is of a kind we send, with the values that say what it is. */
export interface ReadOrder {
  orderId: string;
  placedAt: number;
  symbol: string;
  side: OrderSide;
  type: OrderType;
  timeInForce: 'day' | 'gtc';
  wire: OneLegOrder;
}

/** @throws OtherKind for an order that we never send, UnexpectedAnswer for one that could be ours and cannot be read */
export function readOrder(row: unknown): ReadOrder {
  const shown = shownOrder.parse(row);
  const otherKind = otherKindOf(shown);
  if (otherKind !== undefined) throw new OtherKind(otherKind);
  const wire = checked(oneLegOrder, row, `E*TRADE's order ${shown.orderId ?? 'without an id'}`);
  const { priceType, orderTerm, placedTime, Instrument } = wire.OrderDetail;
  const traded = symbolOf(Instrument.Product);
  if (!traded) throw new OtherKind(`an order for a security of type ${Instrument.Product.securityType}`);
  const type = valueFor(PRICE_TYPES, priceType);
  if (!type) throw new OtherKind(`an order of price type ${priceType}`);
  const timeInForce = valueFor(ORDER_TERMS, orderTerm);
  if (!timeInForce) throw new OtherKind(`an order of term ${orderTerm}`);
  const side = valueFor(actionsOf(traded.assetClass), Instrument.orderAction);
  if (!side) throw new OtherKind(`an order with the action ${Instrument.orderAction}`);
  return { orderId: wire.orderId, placedAt: placedTime, symbol: traded.symbol, side, type, timeInForce, wire };
}

/** Why an order is surely none that we send, by what it shows before it is read. */
function otherKindOf({ orderType, OrderDetail }: ShownOrder): string | undefined {
  if (orderType !== undefined && orderType !== 'EQ' && orderType !== 'OPTN') return `an order of type ${orderType}`;
  if (OrderDetail.length > 1) return `an order with ${OrderDetail.length} parts`;
  const legs = OrderDetail[0]?.Instrument ?? [];
  if (legs.length > 1) return `an order with ${legs.length} legs`;
  const quantityType = legs[0]?.quantityType ?? 'QUANTITY';
  if (quantityType !== 'QUANTITY') return `an order by ${quantityType}`;
  return OrderDetail[0]?.allOrNone ? 'an all-or-none order' : undefined;
}

/** What an order that is not read shows of itself: the symbol in our writing where we have a name for it. */
export function shownOf(row: unknown): ShownOfRow {
  const { orderId, OrderDetail } = shownOrder.parse(row);
  const product = OrderDetail[0]?.Instrument[0]?.Product;
  const symbol = product && (nameOf(product) ?? (product.securityType === 'OPTN' ? undefined : product.symbol));
  return { ...(orderId !== undefined && { orderId }), ...(symbol !== undefined && { symbol }) };
}

/** `now`: when this was read, epoch milliseconds. @throws UnexpectedAnswer on a status that is not in the contract */
export function brokerOrder(order: ReadOrder, now: number): BrokerOrder {
  const { orderId, placedAt, symbol, side, type, timeInForce, wire } = order;
  const { limitPrice, stopPrice, Instrument } = wire.OrderDetail;
  const { orderedQuantity: quantity, filledQuantity } = Instrument;
  const cumulative = cumulativeFill(order, now);
  return {
    ...{ orderId, symbol, side, type, quantity, filledQuantity, timeInForce, placedAt },
    ...(hasLimit(type) && limitPrice && { limitPrice }),
    ...((type === 'stop' || type === 'stop_limit') && stopPrice && { stopPrice }),
    status: statusOf(wire),
    // E*TRADE does not show that a stop was reached before it fills
    triggered: isStop(type) && cumulative !== undefined,
    executions: [],
    ...(cumulative && { fillsInTotal: cumulative }),
    ...(wire.OrderDetail.status === 'REJECTED' && { rejectReason: 'E*TRADE rejected the order' }),
  };
}

function statusOf({ orderId, OrderDetail: { status, Instrument } }: OneLegOrder): OrderStatus {
  const known = STATUSES[status];
  if (known === undefined) throw new UnexpectedAnswer(`E*TRADE's order ${orderId} has the unknown status ${status}`);
  const filled = decimal(Instrument.filledQuantity);
  const isWhole = filled.atLeast(decimal(Instrument.orderedQuantity));
  // The status and the quantity are not always of one moment: the fills are what is waited for.
  if (known === 'filled' && !isWhole) return filled.isPositive() ? 'partially_filled' : 'working';
  return known === 'working' && filled.isPositive() ? 'partially_filled' : known;
}

/** E*TRADE shows only how much is filled and at what average. The fee is an estimate there, and is left out. */
function cumulativeFill({ orderId, wire }: ReadOrder, now: number): Execution | undefined {
  const { status, executedTime, Instrument } = wire.OrderDetail;
  const { filledQuantity, averageExecutionPrice } = Instrument;
  if (!decimal(filledQuantity).isPositive()) return undefined;
  if (!averageExecutionPrice || !decimal(averageExecutionPrice).isPositive()) {
    throw new UnexpectedAnswer(`E*TRADE's order ${orderId} is filled at no price`);
  }
  return {
    executionId: `${orderId}-${filledQuantity}`,
    quantity: filledQuantity,
    price: averageExecutionPrice,
    fee: Decimal.zero.toString(),
    // that of a cancelled order is not usable
    at: (status === 'CANCELLED' ? undefined : executedTime) ?? now,
  };
}
