/** From an order as Alpaca shows it to ours. Source: "Working with /orders", and the statuses of its life cycle. */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { type BrokerOrder, type Execution, isBuying, type OrderRequest, type OrderStatus } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { OtherKind, type ShownOfRow } from '../../wire/listing.js';
import { isStop } from '../../wire/orders.js';
import { STATUSES, sideOf, TIMES_IN_FORCE } from './order-enums.js';
import { type AlpacaOrder, alpacaOrder, type FillActivity, isTraded, type ListedOrder } from './schemas.js';
import { fromAlpacaSymbol, symbolShown } from './symbols.js';

/** A row of a list, read as strictly as an order by itself. @throws OtherKind, UnexpectedAnswer */
export function orderOfRow(row: ListedOrder): AlpacaOrder {
  const kind = otherKindOf(row);
  if (kind !== undefined) throw new OtherKind(kind);
  return checked(alpacaOrder, row, `Alpaca's order ${row.id ?? ''}`);
}

function otherKindOf({ order_class, legs, qty, notional, asset_class }: ListedOrder): string | undefined {
  if (order_class === 'mleg') return `an order with ${legs?.length ?? 'several'} legs`;
  if (qty === undefined && notional !== undefined) return 'an order for an amount of money';
  return asset_class === undefined || isTraded(asset_class) ? undefined : `an order for ${asset_class}`;
}

export function shownOfOrder(
  row: Partial<Pick<ListedOrder, 'id' | 'client_order_id' | 'symbol' | 'asset_class'>>,
): ShownOfRow {
  const { id, client_order_id: clientOrderId } = row;
  return {
    ...(id !== undefined && { orderId: id }),
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...symbolShown(row),
  };
}

/** `executions`: all of the order's; they may be newer than the order's own quantity. @throws UnexpectedAnswer */
export function brokerOrder(order: AlpacaOrder, executions: readonly Execution[]): BrokerOrder {
  const filled = decimal(order.filled_qty).max(quantityOf(executions));
  return { ...received(order), ...statusAndFill(STATUSES[order.status], filled), executions: [...executions] };
}

/** The order as its placement was answered: what it has filled already comes with the next read and its executions. */
export function receivedOrder(order: AlpacaOrder): BrokerOrder {
  const isUntouched = decimal(order.filled_qty).isZero();
  return { ...received(order), status: isUntouched ? STATUSES[order.status] : 'submitted' };
}

/** Whether it is the order that the request's id speaks of: its symbol and direction never change. */
export function isOrderOf(order: AlpacaOrder, request: OrderRequest): boolean {
  return symbolOf(order) === request.symbol && (order.side === 'buy') === isBuying(request.side);
}

function symbolOf({ symbol, asset_class: assetClass }: AlpacaOrder): string {
  return fromAlpacaSymbol(symbol, assetClass === 'crypto');
}

function received(order: AlpacaOrder): BrokerOrder {
  const { id, qty, limit_price: limitPrice, stop_price: stopPrice } = order;
  if (qty === null) throw new UnexpectedAnswer(`order ${id} is for an amount of money, not for a quantity`);
  return {
    orderId: id,
    clientOrderId: order.client_order_id,
    symbol: symbolOf(order),
    side: sideOf(order),
    type: order.type,
    quantity: qty,
    filledQuantity: '0' as DecimalString,
    ...(limitPrice != null && { limitPrice }),
    ...(stopPrice != null && { stopPrice }),
    timeInForce: TIMES_IN_FORCE[order.time_in_force],
    status: STATUSES[order.status],
    // Alpaca shows no trigger, only the fill that follows.
    triggered: isStop(order.type) && decimal(order.filled_qty).isPositive(),
    executions: [],
    placedAt: order.submitted_at ?? order.created_at,
  };
}

function statusAndFill(status: OrderStatus, filled: Decimal): Pick<BrokerOrder, 'status' | 'filledQuantity'> {
  const isLive = status === 'submitted' || status === 'working';
  return { status: isLive && filled.isPositive() ? 'partially_filled' : status, filledQuantity: filled.toString() };
}

/** What follows the time in an activity's id names the execution (alpacahq/Alpaca-API issue 170). It has no fee. */
export function executionOf({ id, qty, price, transaction_time: at }: FillActivity): Execution {
  const executionId = id.split('::').at(-1) ?? id;
  return { executionId, quantity: qty, price, fee: '0' as DecimalString, at };
}

export function quantityOf(executions: readonly Execution[]): Decimal {
  return Decimal.sum(executions.map(({ quantity }) => decimal(quantity)));
}
