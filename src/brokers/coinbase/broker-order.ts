/** From an order as Coinbase shows it to ours. */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { isSymbol } from '../../domain/instrument.js';
import { type BrokerOrder, type Execution, isFinal, type OrderStatus } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { OtherKind, type ShownOfRow } from '../../wire/listing.js';
import { KINDS, STATUSES } from './order-enums.js';
import {
  type AnyFill,
  type AnyOrder,
  anyConfiguration,
  type FillRow,
  fillRow,
  type OrderRow,
  orderRow,
} from './schemas.js';

/**
 * @throws OtherKind for an order that we never send, UnexpectedAnswer when it has a status or another value that is not in the
 * contract
 */
export function readOrder(row: AnyOrder): OrderRow {
  const otherKind = otherKindOf(row);
  if (otherKind !== undefined) throw new OtherKind(otherKind);
  return checked(orderRow, row, `order ${row.order_id ?? 'without an id'}`);
}

/** Why an order is surely none that we send (brackets, slices, futures), by what it shows before it is read. */
function otherKindOf({ product_id, product_type = 'SPOT', order_configuration }: AnyOrder): string | undefined {
  if (product_type !== 'SPOT') return `an order for a product of type ${product_type}`;
  if (product_id !== undefined && !isSymbol(product_id, 'crypto')) {
    return 'an order for a product that Arbion does not trade';
  }
  const kinds = Object.keys(anyConfiguration.parse(order_configuration));
  const other = kinds.find((kind) => !KINDS.has(kind));
  return other && `an order of kind ${other}`;
}

/** What an order shows of itself. */
export function shownOf(row: Pick<AnyOrder, 'order_id' | 'client_order_id' | 'product_id'>): ShownOfRow {
  const { order_id: orderId, client_order_id: clientOrderId, product_id: symbol } = row;
  return {
    ...(orderId !== undefined && { orderId }),
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...(symbol !== undefined && { symbol }),
  };
}

/**
 * An order with all of its fills. What is filled is what the fills say, so that the two never differ.
 * @throws UnexpectedAnswer when it is of a kind that we do not know, or over without all of its fills being listed yet.
 */
export function brokerOrder(row: OrderRow, fills: readonly AnyFill[]): BrokerOrder {
  const { kind, terms } = configurationOf(row);
  const executions = executionsOf(row.order_id, fills);
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

/** Of this order alone: those of others need not be understood. A fill counts once, however often it is listed. */
function executionsOf(orderId: string, fills: readonly AnyFill[]): Execution[] {
  const own = fills.filter(({ order_id }) => order_id === orderId);
  const read = own.map((fill) => execution(checked(fillRow, fill, `a fill of order ${orderId}`)));
  return [...new Map(read.map((fill) => [fill.executionId, fill])).values()];
}

function execution({ entry_id, size, size_in_quote, price, commission, trade_time }: FillRow): Execution {
  const quantity: DecimalString = size_in_quote ? decimal(size).dividedBy(decimal(price)).toString() : size;
  return { executionId: entry_id, quantity, price, fee: commission, at: trade_time };
}

function rejectionOf({ reject_reason, reject_message }: OrderRow): string {
  const words = [reject_reason, reject_message].filter((word) => word !== undefined);
  return words.join(': ') || 'Coinbase gave no reason';
}
