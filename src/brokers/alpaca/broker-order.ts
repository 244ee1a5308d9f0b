/** Alpaca's orders in our words. Source: Alpaca documentation, "Working with /orders", and the statuses of its life cycle. */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import {
  type BrokerOrder,
  type Execution,
  isBuying,
  isFinal,
  type OrderRequest,
  type OrderSide,
  type OrderStatus,
  type TimeInForce,
} from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import type { AlpacaOrder, AlpacaStatus, FillActivity } from './schemas.js';
import { fromAlpacaSymbol } from './symbols.js';

/** A cancel or an exchange that was asked for changes nothing until it has happened: fills may still come. */
const STATUSES: Readonly<Record<AlpacaStatus, OrderStatus>> = {
  accepted: 'submitted',
  pending_new: 'submitted',
  accepted_for_bidding: 'submitted',
  pending_review: 'submitted',
  held: 'submitted',
  new: 'working',
  stopped: 'working',
  suspended: 'working',
  calculated: 'working',
  done_for_day: 'working',
  partially_filled: 'working',
  pending_cancel: 'working',
  pending_replace: 'working',
  filled: 'filled',
  canceled: 'cancelled',
  replaced: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};

/** Those that we never send end by themselves within the day. */
const TIMES_IN_FORCE: Readonly<Record<AlpacaOrder['time_in_force'], TimeInForce>> = {
  day: 'day',
  gtc: 'gtc',
  opg: 'day',
  cls: 'day',
  ioc: 'day',
  fok: 'day',
};

/** `executions`: all of the order's; they may be newer than the order's own word. @throws UnexpectedAnswer */
export function brokerOrder(order: AlpacaOrder, executions: readonly Execution[]): BrokerOrder {
  const filled = decimal(order.filled_qty).max(quantityOf(executions));
  return { ...received(order), ...statusAndFill(STATUSES[order.status], filled), executions: [...executions] };
}

/** The order as its placement was answered: what it has filled already is told by the next read, with its executions. */
export function receivedOrder(order: AlpacaOrder): BrokerOrder {
  const isUntouched = decimal(order.filled_qty).isZero();
  return { ...received(order), status: isUntouched ? STATUSES[order.status] : 'submitted' };
}

export function isOver({ status }: AlpacaOrder): boolean {
  return isFinal(STATUSES[status]);
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
  const isStop = order.type === 'stop' || order.type === 'stop_limit' || order.type === 'trailing_stop';
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
    // Alpaca does not tell of a trigger but by the fill that follows.
    triggered: isStop && decimal(order.filled_qty).isPositive(),
    executions: [],
    placedAt: order.submitted_at ?? order.created_at,
  };
}

function statusAndFill(status: OrderStatus, filled: Decimal): Pick<BrokerOrder, 'status' | 'filledQuantity'> {
  const isLive = status === 'submitted' || status === 'working';
  return { status: isLive && filled.isPositive() ? 'partially_filled' : status, filledQuantity: filled.toString() };
}

function sideOf({ side, position_intent: intent }: AlpacaOrder): OrderSide {
  if (intent === 'sell_to_open') return 'sell_short';
  return intent === 'buy_to_close' ? 'buy_to_cover' : side;
}

/** What follows the time in an activity's id names the execution (alpacahq/Alpaca-API issue 170). It tells no fee. */
export function executionOf({ id, qty, price, transaction_time: at }: FillActivity): Execution {
  const executionId = id.split('::').at(-1) ?? id;
  return { executionId, quantity: qty, price, fee: '0' as DecimalString, at };
}

export function quantityOf(executions: readonly Execution[]): Decimal {
  return Decimal.sum(executions.map(({ quantity }) => decimal(quantity)));
}
