/** An order and its fills as Coinbase shows them (docs/brokers/coinbase.md, sections 6.3, 6.5 and 7). */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { OrderType } from '../../domain/order.js';
import { averagePrice, type ExchangeOrder, executionsOf, executionsUntil, filledValue } from '../exchange/orders.js';
import { type CoinbaseDetails, termsOf } from './order-mapping.js';

const HUNDRED = Decimal.ofInteger(100);
const SHOWN_DECIMALS = 8;
const ORDER_TYPES: Readonly<Record<OrderType, string>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
  trailing_stop: 'UNKNOWN_ORDER_TYPE',
};

export function detailsOf(order: ExchangeOrder): CoinbaseDetails {
  return order.details as unknown as CoinbaseDetails;
}

function statusOf({ state, cancelRequested }: ExchangeOrder): string {
  if (state.status === 'submitted') return 'PENDING';
  if (state.status === 'filled') return 'FILLED';
  if (state.status === 'cancelled') return 'CANCELLED';
  if (state.status === 'expired') return 'EXPIRED';
  if (state.status === 'rejected') return 'FAILED';
  return cancelRequested ? 'CANCEL_QUEUED' : 'OPEN';
}

export function orderView(order: ExchangeOrder) {
  const { state, request } = order;
  const { configuration } = detailsOf(order);
  const isRejected = state.status === 'rejected';
  return {
    ...{
      order_id: order.orderId,
      product_id: state.symbol,
      user_id: order.account,
      order_configuration: configuration,
    },
    ...{ side: state.side === 'buy' ? 'BUY' : 'SELL', client_order_id: order.clientOrderId, status: statusOf(order) },
    ...{ time_in_force: timeInForceOf(configuration), created_time: iso(order.placedAt) },
    ...filledPart(order),
    ...{ pending_cancel: statusOf(order) === 'CANCEL_QUEUED', trigger_status: triggerOf(order) },
    ...{ order_type: ORDER_TYPES[request.type], settled: state.status === 'filled', product_type: 'SPOT' },
    ...{ reject_reason: isRejected ? 'COMMANDER_REJECTED_NEW_ORDER' : 'REJECT_REASON_UNSPECIFIED' },
    ...{ reject_message: isRejected ? (state.reason ?? '') : '', cancel_message: '' },
    ...{ order_placement_source: 'RETAIL_ADVANCED', outstanding_hold_amount: holdOf(order), is_liquidation: false },
    ...{ edit_history: editsOf(order), leverage: '', margin_type: '', retail_portfolio_id: order.account },
    ...{ originating_order_id: '', attached_order_id: '' },
  };
}

/** The fields of an order that its fills determine. */
function filledPart(order: ExchangeOrder) {
  const fills = executionsOf(order);
  const fees = Decimal.sum(fills.map(({ fee }) => decimal(fee)));
  const value = filledValue(order);
  const lastFill = fills.at(-1);
  const afterFees = order.state.side === 'buy' ? value.plus(fees) : value.minus(fees);
  return {
    ...{ completion_percentage: completion(order), filled_size: order.state.filled.toString(), fee: '' },
    ...{ average_filled_price: shown(averagePrice(order) ?? Decimal.zero), number_of_fills: String(fills.length) },
    ...{ filled_value: shown(value), total_fees: shown(fees), total_value_after_fees: shown(afterFees) },
    ...{ size_in_quote: detailsOf(order).quoteSize !== null, size_inclusive_of_fees: false },
    last_fill_time: lastFill ? iso(lastFill.at) : null,
  };
}

/** The fills until then. */
export function fillViews(order: ExchangeOrder, until: number) {
  return executionsUntil(order, until).map(({ executionId, quantity, price, fee, at }) => ({
    ...{
      entry_id: executionId,
      trade_id: executionId,
      order_id: order.orderId,
      trade_time: iso(at),
      trade_type: 'FILL',
    },
    ...{ price, size: quantity, commission: fee, product_id: order.state.symbol, sequence_timestamp: iso(at) },
    ...{
      liquidity_indicator: 'TAKER',
      size_in_quote: false,
      user_id: order.account,
      retail_portfolio_id: order.account,
    },
    side: order.state.side === 'buy' ? 'BUY' : 'SELL',
  }));
}

function timeInForceOf(configuration: CoinbaseDetails['configuration']): string {
  const { kind } = termsOf(configuration);
  if (kind.endsWith('_ioc')) return 'IMMEDIATE_OR_CANCEL';
  if (kind.endsWith('_fok')) return 'FILL_OR_KILL';
  return kind.endsWith('_gtd') ? 'GOOD_UNTIL_DATE_TIME' : 'GOOD_UNTIL_CANCELLED';
}

function triggerOf({ state }: ExchangeOrder): string {
  if (state.type !== 'stop_limit') return 'INVALID_ORDER_TYPE';
  return state.triggered ? 'STOP_TRIGGERED' : 'STOP_PENDING';
}

function completion({ state }: ExchangeOrder): string {
  return shown(state.filled.times(HUNDRED).dividedBy(state.quantity));
}

/** Dollars for a purchase, coins for a sale. */
function holdOf({ state }: ExchangeOrder): string {
  if (state.status !== 'working' && state.status !== 'partially_filled') return '';
  const rest = state.quantity.minus(state.filled);
  return shown(state.side === 'buy' ? rest.times(state.reservePrice) : rest);
}

function editsOf({ events }: ExchangeOrder) {
  return events
    .filter(({ kind }) => kind === 'edited')
    .map(({ at }) => ({ price: '', size: '', replace_accept_timestamp: iso(at) }));
}

function shown(amount: Decimal): string {
  return amount.roundedTo(SHOWN_DECIMALS, 'half_even').toString();
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
