/** From our orders to Alpaca's. Source: Alpaca documentation, "Placing orders", and the reference of `/v2/orders`. */
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { isBuying, type OrderRequest, type OrderSide, type TimeInForce } from '../../domain/order.js';
import { onTick } from '../../wire/orders.js';
import { alpacaCapabilities } from './capabilities.js';
import type { Increments } from './increments.js';
import { INTENTS } from './order-enums.js';
import { toAlpacaSymbol } from './symbols.js';

export interface PlaceBody {
  symbol: string;
  qty: DecimalString;
  side: 'buy' | 'sell';
  type: OrderRequest['type'];
  time_in_force: 'day' | 'gtc';
  client_order_id: string;
  extended_hours?: true;
  position_intent?: (typeof INTENTS)[OrderSide];
  limit_price?: DecimalString;
  stop_price?: DecimalString;
  trail_percent?: DecimalString;
}

/** Why Alpaca has no such order, or undefined where it has. */
export function notOffered(request: OrderRequest): string | undefined {
  const { assetClass, side, type, timeInForce, session } = request;
  const { orderTypes, timesInForce } = alpacaCapabilities;
  if (!orderTypes[assetClass].includes(type)) return `no ${type} orders for ${assetClass}`;
  const mayRest = type !== 'market';
  if (mayRest && !timesInForce[assetClass].includes(timeInForce)) return `no ${timeInForce} orders for ${assetClass}`;
  const mayBeExtended = assetClass === 'equity' && type === 'limit' && timeInForce === 'day';
  if (session === 'extended' && !mayBeExtended) return 'outside of regular hours only day limit orders for shares';
  const isShort = side === 'sell_short' || side === 'buy_to_cover';
  return assetClass === 'crypto' && isShort ? 'coins cannot be sold short' : undefined;
}

/** A market order is filled at once, whatever it is good for: it is sent as what there is. */
function timeInForceOf({ assetClass, timeInForce }: OrderRequest): TimeInForce {
  const offered = alpacaCapabilities.timesInForce[assetClass];
  return offered.includes(timeInForce) ? timeInForce : (offered[0] ?? timeInForce);
}

export function placeBody(request: OrderRequest, increments: Increments): PlaceBody {
  const { assetClass, side, type, trailPercent } = request;
  return {
    symbol: toAlpacaSymbol(request.symbol),
    qty: decimal(request.quantity).roundedToTick(increments.quantity, 'down').toString(),
    side: isBuying(side) ? 'buy' : 'sell',
    type,
    time_in_force: timeInForceOf(request),
    client_order_id: request.clientOrderId,
    ...(request.session === 'extended' && { extended_hours: true }),
    // so that a sale of what is no longer held is refused, and does not sell short
    ...(assetClass !== 'crypto' && { position_intent: INTENTS[side] }),
    ...pricesOf(request, increments),
    // Alpaca starts every trail at the market; its answer shows where it stands.
    ...(trailPercent !== undefined && { trail_percent: trailPercent }),
  };
}

function pricesOf(request: OrderRequest, { price: increment }: Increments) {
  const { type, limitPrice, stopPrice } = request;
  const atTick = (price: DecimalString) => onTick(request, price, increment).toString();
  const hasStop = type === 'stop' || type === 'stop_limit';
  return {
    ...(limitPrice !== undefined && { limit_price: atTick(limitPrice) }),
    ...(hasStop && stopPrice !== undefined && { stop_price: atTick(stopPrice) }),
  };
}
