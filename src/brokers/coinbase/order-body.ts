import { dayOrderEnd } from '../../domain/calendar.js';
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { isBuying, type OrderRequest, type Refusal } from '../../domain/order.js';
import { onTick } from '../../wire/orders.js';
import { coinbaseCapabilities } from './capabilities.js';
import type { Increments } from './increments.js';

/** The body of `POST /orders`. Source: the "Create Order" reference. */
export interface OrderBody {
  client_order_id: string;
  product_id: string;
  side: 'BUY' | 'SELL';
  /** exactly one kind */
  order_configuration: Record<string, Record<string, string | boolean>>;
}

/** Or in coins that stand for dollars. */
const QUOTED_IN_DOLLARS = /-USD[CT]?$/;

/** What Coinbase lacks is refused before anything is sent. */
export function lackOf({ symbol, assetClass, side, type, session }: OrderRequest): Refusal | undefined {
  if (side !== 'buy' && side !== 'sell') return notOffered('Coinbase sells nothing short');
  if (!coinbaseCapabilities.orderTypes[assetClass].includes(type)) {
    return notOffered(`Coinbase has no ${type} orders for ${assetClass}`);
  }
  // What was bought in another currency is sold all the same.
  if (side === 'buy' && !QUOTED_IN_DOLLARS.test(symbol)) {
    return { code: 'unsupported_currency', message: `${symbol} is not quoted in dollars, and cannot be reckoned with` };
  }
  // It never closes: whoever asks for extended hours of a limit order has them already.
  if (session === 'extended' && type !== 'limit') return notOffered('only limit orders trade in extended hours');
  return undefined;
}

/** The request in its product's increments, or why it cannot be brought into them. */
export function inIncrements(request: OrderRequest, increments: Increments): OrderRequest | { refusal: Refusal } {
  const { quantity, limitPrice, stopPrice, type } = request;
  if (!decimal(quantity).isPositive() || !decimal(quantity).isMultipleOf(decimal(increments.base_increment))) {
    return invalid(`quantity ${quantity} is not a positive multiple of ${increments.base_increment}`);
  }
  const needsLimit = type === 'limit' || type === 'stop_limit';
  if (needsLimit && limitPrice === undefined) return invalid(`a ${type} order needs a limit price`);
  if (type === 'stop_limit' && stopPrice === undefined) return invalid('a stop_limit order needs a stop price');
  const tick = decimal(increments.price_increment);
  const rounded = {
    ...request,
    ...(limitPrice !== undefined && { limitPrice: onTick(request, limitPrice, () => tick).toString() }),
    ...(stopPrice !== undefined && { stopPrice: onTick(request, stopPrice, () => tick).toString() }),
  };
  const isPrice = (price: DecimalString | undefined) => price === undefined || decimal(price).isPositive();
  if (!isPrice(rounded.limitPrice) || !isPrice(rounded.stopPrice)) {
    return invalid(`a price is below ${increments.price_increment}, the smallest of ${request.symbol}`);
  }
  return rounded;
}

/** `request`: in the product's increments. The same request makes the same body all day long. */
export function orderBody(request: OrderRequest, now: number): OrderBody {
  return {
    client_order_id: request.clientOrderId,
    product_id: request.symbol,
    side: isBuying(request.side) ? 'BUY' : 'SELL',
    order_configuration: configurationOf(request, now),
  };
}

function configurationOf(request: OrderRequest, now: number): OrderBody['order_configuration'] {
  const { quantity: base_size, type, side, limitPrice: limit_price = '', stopPrice: stop_price = '' } = request;
  if (type === 'market') return { market_market_ioc: { base_size } };
  const isDay = request.timeInForce === 'day';
  const end = isDay ? { end_time: new Date(dayOrderEnd('crypto', 'regular', now)).toISOString() } : {};
  const suffix = isDay ? 'gtd' : 'gtc';
  if (type === 'limit') return { [`limit_limit_${suffix}`]: { base_size, limit_price, post_only: false, ...end } };
  const stop_direction = `STOP_DIRECTION_STOP_${isBuying(side) ? 'UP' : 'DOWN'}`;
  return { [`stop_limit_stop_limit_${suffix}`]: { base_size, limit_price, stop_price, stop_direction, ...end } };
}

function notOffered(message: string): Refusal {
  return { code: 'not_offered', message };
}

function invalid(message: string): { refusal: Refusal } {
  return { refusal: { code: 'invalid_order', message } };
}
