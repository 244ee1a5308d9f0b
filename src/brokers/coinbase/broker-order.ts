import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import {
  type BrokerOrder,
  type Execution,
  isFinal,
  type OrderRequest,
  type OrderStatus,
  type OrderType,
  type TimeInForce,
} from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { type AnyOrder, type FillRow, type OrderRow, orderRow } from './schemas.js';

/** Kinds of order that are the same as one of ours; brackets, slices and ladders are not. */
const KINDS: ReadonlyMap<string, { type: OrderType; timeInForce: TimeInForce }> = new Map([
  ['market_market_ioc', { type: 'market', timeInForce: 'day' }],
  ['market_market_fok', { type: 'market', timeInForce: 'day' }],
  ['sor_limit_ioc', { type: 'limit', timeInForce: 'day' }],
  ['limit_limit_gtc', { type: 'limit', timeInForce: 'gtc' }],
  ['limit_limit_gtd', { type: 'limit', timeInForce: 'day' }],
  ['limit_limit_fok', { type: 'limit', timeInForce: 'day' }],
  ['stop_limit_stop_limit_gtc', { type: 'stop_limit', timeInForce: 'gtc' }],
  ['stop_limit_stop_limit_gtd', { type: 'stop_limit', timeInForce: 'day' }],
]);
/** A cancel or an edit that is under way changes nothing yet. */
const STATUSES: Readonly<Record<OrderRow['status'], OrderStatus>> = {
  PENDING: 'submitted',
  QUEUED: 'submitted',
  OPEN: 'working',
  CANCEL_QUEUED: 'working',
  EDIT_QUEUED: 'working',
  FILLED: 'filled',
  CANCELLED: 'cancelled',
  EXPIRED: 'expired',
  FAILED: 'rejected',
};

/** @throws UnexpectedAnswer when the order has a status or another word that is not in the contract. */
export function readOrder(row: AnyOrder): OrderRow {
  const parsed = orderRow.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnexpectedAnswer(`order ${row.order_id}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

export function isOfOurKinds({ order_configuration }: OrderRow): boolean {
  return Object.keys(order_configuration).every((kind) => KINDS.has(kind));
}

/**
 * An order with all of its fills. What is filled is what the fills say, so that the two never differ.
 * @throws UnexpectedAnswer when it is of a kind that we do not know, or over without all of its fills being listed yet.
 */
export function brokerOrder(row: OrderRow, fills: readonly FillRow[]): BrokerOrder {
  const { kind, terms } = configurationOf(row);
  const executions = fills.filter((fill) => fill.order_id === row.order_id).map(execution);
  const filled = Decimal.sum(executions.map(({ quantity }) => decimal(quantity)));
  const status = statusOf(row, filled);
  const { client_order_id: clientOrderId } = row;
  return {
    ...{ orderId: row.order_id, ...(clientOrderId !== undefined && { clientOrderId }) },
    ...{ symbol: row.product_id, side: row.side === 'BUY' ? 'buy' : 'sell', type: kind.type },
    // a purchase for so much money has no size until it is over
    quantity: terms.base_size ?? filled.toString(),
    filledQuantity: filled.toString(),
    ...(terms.limit_price !== undefined && { limitPrice: terms.limit_price }),
    ...(terms.stop_price !== undefined && { stopPrice: terms.stop_price }),
    ...{ timeInForce: kind.timeInForce, status, triggered: row.trigger_status === 'STOP_TRIGGERED' },
    ...{ executions, placedAt: row.created_time },
    ...(status === 'rejected' && { rejectReason: rejectionOf(row) }),
  };
}

/** An order that was accepted a moment ago and has not been read since. */
export function submittedOrder(orderId: string, request: OrderRequest, now: number): BrokerOrder {
  const { clientOrderId, symbol, side, type, quantity, limitPrice, stopPrice, timeInForce } = request;
  return {
    ...{ orderId, clientOrderId, symbol, side, type, quantity, filledQuantity: Decimal.zero.toString() },
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    ...{ timeInForce, status: 'submitted', triggered: false, executions: [], placedAt: now },
  };
}

function configurationOf({ order_id, order_configuration }: OrderRow) {
  const [[name, terms] = ['none', undefined], ...more] = Object.entries(order_configuration);
  const kind = KINDS.get(name);
  if (kind === undefined || terms === undefined || more.length > 0) {
    throw new UnexpectedAnswer(`order ${order_id} is of a kind that is not known: ${name}`);
  }
  return { kind, terms };
}

function statusOf(row: OrderRow, filled: Decimal): OrderStatus {
  const status = STATUSES[row.status];
  const isShort = filled.lessThan(decimal(row.filled_size ?? '0')) || (status === 'filled' && filled.isZero());
  // Nobody reads an order again that is over: it must not be believed before its last fill is known.
  if (isFinal(status) && isShort) throw new UnexpectedAnswer(`order ${row.order_id}: not all of its fills are listed`);
  return status === 'working' && filled.isPositive() ? 'partially_filled' : status;
}

function execution({ entry_id, size, size_in_quote, price, commission, trade_time }: FillRow): Execution {
  const quantity: DecimalString = size_in_quote ? decimal(size).dividedBy(decimal(price)).toString() : size;
  return { executionId: entry_id, quantity, price, fee: commission, at: trade_time };
}

function rejectionOf({ reject_reason, reject_message }: OrderRow): string {
  const words = [reject_reason, reject_message].filter((word) => word !== undefined);
  return words.join(': ') || 'Coinbase gave no reason';
}
