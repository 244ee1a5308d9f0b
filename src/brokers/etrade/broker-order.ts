/** From an order as E*TRADE lists it to ours (its order API v1: list orders). */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { BrokerOrder, Execution, OrderSide, OrderStatus, OrderType } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { hasLimit, isStop } from '../../wire/orders.js';
import { actionsOf, ORDER_TERMS, PRICE_TYPES, STATUSES, valueFor } from './order-enums.js';
import { type ListedOrder, type OneLegOrder, oneLegOrder } from './schemas.js';
import { symbolOf } from './symbols.js';

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

/**
 * Undefined for an order of a kind that we never send: it is unrelated, and need not be understood.
 * @throws UnexpectedAnswer when it could be ours and has another form
 */
export function readOrder(listed: ListedOrder): ReadOrder | undefined {
  if (listed.orderType !== 'EQ' && listed.orderType !== 'OPTN') return undefined;
  const wire = checked(oneLegOrder, listed, `E*TRADE's order ${listed.orderId}`);
  const { priceType, orderTerm, placedTime, Instrument } = wire.OrderDetail;
  const traded = symbolOf(Instrument.Product);
  const type = valueFor(PRICE_TYPES, priceType);
  const timeInForce = valueFor(ORDER_TERMS, orderTerm);
  const side = traded && valueFor(actionsOf(traded.assetClass), Instrument.orderAction);
  if (!traded || !type || !timeInForce || !side) return undefined;
  return { orderId: wire.orderId, placedAt: placedTime, symbol: traded.symbol, side, type, timeInForce, wire };
}

/** @throws UnexpectedAnswer when it is of no kind that we send */
export function readOwnOrder(listed: ListedOrder): ReadOrder {
  const order = readOrder(listed);
  if (order) return order;
  throw new UnexpectedAnswer(`E*TRADE's order ${listed.orderId} is of a kind that we never send`);
}

/** `now`: when this was read, epoch milliseconds. @throws UnexpectedAnswer on a status that is not in the contract */
export function brokerOrder(order: ReadOrder, now: number): BrokerOrder {
  const { orderId, placedAt, symbol, side, type, timeInForce, wire } = order;
  const { limitPrice, stopPrice, Instrument } = wire.OrderDetail;
  const { orderedQuantity: quantity, filledQuantity } = Instrument;
  const cumulative = cumulativeFill(order, now);
  return {
    ...{ orderId, symbol, side, type, quantity, filledQuantity, timeInForce, placedAt },
    ...(hasLimit(type) && limitPrice !== undefined && { limitPrice }),
    ...((type === 'stop' || type === 'stop_limit') && stopPrice !== undefined && { stopPrice }),
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
  if (averageExecutionPrice === undefined || !decimal(averageExecutionPrice).isPositive()) {
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
