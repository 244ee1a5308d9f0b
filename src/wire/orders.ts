/** What every live adapter does with orders and requests. */
import { AmbiguousOrder } from '../broker-port/broker.js';
import type { CallPriority } from '../broker-port/request-budget.js';
import { type Decimal, type DecimalString, decimal, type Rounding } from '../domain/decimal.js';
import { CLIENT_ORDER_ID_PREFIX, type Leg, legOfClientOrder } from '../domain/ids.js';
import { type BrokerOrder, isBuying, type OrderRequest, type OrderType, type Refusal } from '../domain/order.js';
import { UnexpectedAnswer } from './answers.js';

const PRIORITIES: Readonly<Record<Leg, CallPriority>> = { stop: 'stop', exit: 'close', entry: 'entry' };

/** Of a write, and of the reads that belong to it. */
export function priorityOf({ clientOrderId }: OrderRequest): CallPriority {
  return PRIORITIES[legOfClientOrder(clientOrderId) ?? 'entry'];
}

export function isOurs(clientOrderId: string | undefined): boolean {
  return clientOrderId?.startsWith(CLIENT_ORDER_ID_PREFIX) ?? false;
}

/**
 * The rows of a list that can be read. Unrelated orders (`undefined`) and rows that are not understood are passed over:
 * whoever needs one of them reads it alone, and gets the error.
 */
export function passingOver<Row, Order>(rows: readonly Row[], read: (row: Row) => Order | undefined): Order[] {
  return rows.flatMap((row) => {
    try {
      return read(row) ?? [];
    } catch (error) {
      if (error instanceof UnexpectedAnswer) return [];
      throw error;
    }
  });
}

/** The one order that fits a send, if any. @throws AmbiguousOrder when several do */
export function onlyOne<Order>(
  fitting: readonly Order[],
  idOf: (order: Order) => string,
  { clientOrderId }: OrderRequest,
): Order | undefined {
  if (fitting.length < 2) return fitting[0];
  throw new AmbiguousOrder(`orders ${fitting.map(idOf).join(', ')} could all be ${clientOrderId}`);
}

/** An order that was accepted a moment ago and has not been read since. */
export function acceptedOrder(request: OrderRequest, orderId: string, placedAt: number): BrokerOrder {
  const { clientOrderId, symbol, side, type, quantity, limitPrice, stopPrice, timeInForce } = request;
  return {
    ...{ orderId, clientOrderId, symbol, side, type, quantity, timeInForce, placedAt },
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    filledQuantity: '0' as DecimalString,
    ...{ status: 'submitted', triggered: false, executions: [] },
  };
}

export function rejected(code: Refusal['code'], message: string): { outcome: 'rejected'; refusal: Refusal } {
  return { outcome: 'rejected', refusal: { code, message } };
}

/** A price on the broker's grid: a stop and its limit move away from the market, a plain limit never becomes worse. */
export function onTick(
  { side, type }: Pick<OrderRequest, 'side' | 'type'>,
  price: DecimalString,
  tickNear: (price: Decimal) => Decimal,
): Decimal {
  const exact = decimal(price);
  const rounding: Rounding = isBuying(side) === (type !== 'limit') ? 'up' : 'down';
  return exact.roundedToTick(tickNear(exact), rounding);
}

/** With at least two decimals, as brokers of shares write prices. */
export function priceText(price: Decimal): string {
  const [whole = '', cents = ''] = price.toString().split('.');
  return `${whole}.${cents.padEnd(2, '0')}`;
}

export function isStop(type: OrderType): boolean {
  return type === 'stop' || type === 'stop_limit' || type === 'trailing_stop';
}

export function hasLimit(type: OrderType): boolean {
  return type === 'limit' || type === 'stop_limit';
}
