/** E*TRADE's orders in our words (its order API v1: list orders). */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { BrokerOrder, Execution, OrderRequest, OrderSide, OrderStatus, OrderType } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { OPTION_ACTIONS, ORDER_TERMS, type OrderTerms, PRICE_TYPES, SHARE_ACTIONS } from './order-body.js';
import { checked, type ListedOrder, type OneLegOrder, oneLegOrder } from './schemas.js';
import { symbolOf } from './symbols.js';

/** An order of a list that is of a kind we send, with the words that say what it is read. */
export interface ReadOrder {
  orderId: string;
  placedAt: number;
  symbol: string;
  side: OrderSide;
  type: OrderType;
  timeInForce: 'day' | 'gtc';
  wire: OneLegOrder;
}

/** `working` stands for `partially_filled` as well. A cancel that is asked for changes nothing yet. */
const STATUSES: Readonly<Partial<Record<string, OrderStatus>>> = {
  OPEN: 'working',
  PARTIAL: 'working',
  INDIVIDUAL_FILLS: 'working',
  CANCEL_REQUESTED: 'working',
  EXECUTED: 'filled',
  CANCELLED: 'cancelled',
  EXPIRED: 'expired',
  REJECTED: 'rejected',
};

/**
 * Undefined for an order of a kind that we never send: it is somebody else's, and need not be understood.
 * @throws UnexpectedAnswer when it could be ours and has another form
 */
export function readOrder(listed: ListedOrder): ReadOrder | undefined {
  if (listed.orderType !== 'EQ' && listed.orderType !== 'OPTN') return undefined;
  const wire = checked(oneLegOrder, listed, `order ${listed.orderId}`);
  const { priceType, orderTerm, placedTime, Instrument } = wire.OrderDetail;
  const traded = symbolOf(Instrument.Product);
  const type = wordFor(PRICE_TYPES, priceType);
  const timeInForce = wordFor(ORDER_TERMS, orderTerm);
  const side = traded && wordFor(actionsOf(traded.assetClass), Instrument.orderAction);
  if (!traded || !type || !timeInForce || !side) return undefined;
  return { orderId: wire.orderId, placedAt: placedTime, symbol: traded.symbol, side, type, timeInForce, wire };
}

/** @throws UnexpectedAnswer when it is of no kind that we send */
export function readOwnOrder(listed: ListedOrder): ReadOrder {
  const order = readOrder(listed);
  if (order) return order;
  throw new UnexpectedAnswer(`E*TRADE's order ${listed.orderId} is of a kind that we never send`);
}

/** Whether the order is what a send of these terms would have made. Prices are compared as numbers. */
export function hasTerms({ symbol, type, wire }: ReadOrder, terms: OrderTerms): boolean {
  const { priceType, orderTerm, marketSession, limitPrice, stopPrice, Instrument } = wire.OrderDetail;
  const isSamePrice = (shown: DecimalString | undefined, sent: string) =>
    decimal(shown ?? '0').equals(decimal(sent === '' ? '0' : sent));
  return (
    symbol === terms.symbol &&
    Instrument.orderAction === terms.orderAction &&
    decimal(Instrument.orderedQuantity).equals(decimal(terms.quantity)) &&
    priceType === terms.priceType &&
    orderTerm === terms.orderTerm &&
    marketSession === terms.marketSession &&
    // where a trail's percentage is shown is not confirmed
    (type === 'trailing_stop' || (isSamePrice(limitPrice, terms.limitPrice) && isSamePrice(stopPrice, terms.stopPrice)))
  );
}

/** `now`: when this was read, epoch milliseconds. @throws UnexpectedAnswer on a status that is not in the contract */
export function brokerOrder(order: ReadOrder, now: number): BrokerOrder {
  const { orderId, placedAt, symbol, side, type, timeInForce, wire } = order;
  const { limitPrice, stopPrice, Instrument } = wire.OrderDetail;
  const { orderedQuantity: quantity, filledQuantity } = Instrument;
  const total = fillsInTotal(order, now);
  return {
    ...{ orderId, symbol, side, type, quantity, filledQuantity, timeInForce, placedAt },
    ...((type === 'limit' || type === 'stop_limit') && limitPrice !== undefined && { limitPrice }),
    ...((type === 'stop' || type === 'stop_limit') && stopPrice !== undefined && { stopPrice }),
    status: statusOf(wire),
    // E*TRADE has no word for a stop that was reached and waits
    triggered: isStop(type) && total !== undefined,
    executions: [],
    ...(total && { fillsInTotal: total }),
    ...(wire.OrderDetail.status === 'REJECTED' && { rejectReason: 'E*TRADE rejected the order' }),
  };
}

/** The order right after its place: the answer to it says no more than its id. */
export function placedOrder(request: OrderRequest, orderId: string, placedAt: number): BrokerOrder {
  const { clientOrderId, symbol, side, type, quantity, limitPrice, stopPrice, timeInForce } = request;
  return {
    ...{ orderId, clientOrderId, symbol, side, type, quantity, timeInForce, placedAt },
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    filledQuantity: Decimal.zero.toString(),
    ...{ status: 'submitted', triggered: false, executions: [] },
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

/** E*TRADE tells only how much is filled and at what average. The fee is an estimate there, and is left out. */
function fillsInTotal({ orderId, wire }: ReadOrder, now: number): Execution | undefined {
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

function isStop(type: OrderType): boolean {
  return type === 'stop' || type === 'stop_limit' || type === 'trailing_stop';
}

function actionsOf(assetClass: AssetClass): Readonly<Record<OrderSide, string>> {
  return assetClass === 'option' ? OPTION_ACTIONS : SHARE_ACTIONS;
}

/** Our word for one of E*TRADE's. */
function wordFor<Ours extends string>(words: Readonly<Record<Ours, string>>, theirs: string): Ours | undefined {
  return (Object.keys(words) as Ours[]).find((ours) => words[ours] === theirs);
}
