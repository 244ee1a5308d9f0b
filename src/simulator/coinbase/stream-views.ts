/** Orders and prices as the web sockets show them (docs/brokers/coinbase.md, section 10), which differs from the HTTP calls. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Quote } from '../../domain/market.js';
import type { OrderType } from '../../domain/order.js';
import { averagePrice, type ExchangeOrder, executionsOf } from '../exchange/orders.js';
import { orderView } from './order-views.js';

const SIZE = '1';
const ORDER_TYPES: Readonly<Record<OrderType, string>> = {
  market: 'Market',
  limit: 'Limit',
  stop: 'Stop',
  stop_limit: 'Stop Limit',
  trailing_stop: 'Unknown',
};

/** Quantities are cumulative, not those of this event. */
export function streamedOrder(order: ExchangeOrder): object {
  const { order_id, client_order_id, status, product_id, created_time, side, ...view } = orderView(order);
  const { filled, quantity, type } = order.state;
  const fees = Decimal.sum(executionsOf(order).map(({ fee }) => decimal(fee)));
  return {
    ...{ order_id, client_order_id, status, product_id, creation_time: created_time, order_side: side },
    ...{ cumulative_quantity: filled.toString(), leaves_quantity: quantity.minus(filled).toString() },
    ...{ avg_price: (averagePrice(order) ?? Decimal.zero).toString(), total_fees: fees.toString() },
    ...{ order_type: ORDER_TYPES[type], cancel_reason: view.cancel_message, reject_reason: view.reject_message },
    ...{ time_in_force: view.time_in_force, trigger_status: view.trigger_status, product_type: 'SPOT' },
  };
}

export function tickerView({ symbol, bid, ask, bidSize, askSize, last }: Quote): object {
  return {
    ...{ type: 'ticker', product_id: symbol, price: last ?? bid ?? '', volume_24_h: '0', price_percent_chg_24_h: '0' },
    ...{ best_bid: bid ?? '', best_bid_quantity: bidSize ?? SIZE, best_ask: ask ?? '' },
    best_ask_quantity: askSize ?? SIZE,
  };
}
