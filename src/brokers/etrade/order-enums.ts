/** E*TRADE's values for the type, term, action and status of an order, and ours. */
import type { AssetClass } from '../../domain/instrument.js';
import type { OrderSide, OrderStatus, OrderType } from '../../domain/order.js';

export const PRICE_TYPES: Readonly<Record<OrderType, string>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
  trailing_stop: 'TRAILING_STOP_PRCT',
};

export const ORDER_TERMS = { day: 'GOOD_FOR_DAY', gtc: 'GOOD_UNTIL_CANCEL' } as const;

const SHARE_ACTIONS: Readonly<Record<OrderSide, string>> = {
  buy: 'BUY',
  sell: 'SELL',
  sell_short: 'SELL_SHORT',
  buy_to_cover: 'BUY_TO_COVER',
};

const OPTION_ACTIONS: Readonly<Record<OrderSide, string>> = {
  buy: 'BUY_OPEN',
  sell: 'SELL_CLOSE',
  sell_short: 'SELL_OPEN',
  buy_to_cover: 'BUY_CLOSE',
};

/** `working` may be partly filled. A cancel that is asked for changes nothing yet. */
export const STATUSES: Readonly<Partial<Record<string, OrderStatus>>> = {
  OPEN: 'working',
  PARTIAL: 'working',
  INDIVIDUAL_FILLS: 'working',
  CANCEL_REQUESTED: 'working',
  EXECUTED: 'filled',
  CANCELLED: 'cancelled',
  EXPIRED: 'expired',
  REJECTED: 'rejected',
};

export function actionsOf(assetClass: AssetClass): Readonly<Record<OrderSide, string>> {
  return assetClass === 'option' ? OPTION_ACTIONS : SHARE_ACTIONS;
}

/** Our value for one of E*TRADE's. */
export function valueFor<Ours extends string>(
  values: Readonly<Record<Ours, string>>,
  theirs: string,
): Ours | undefined {
  return (Object.keys(values) as Ours[]).find((ours) => values[ours] === theirs);
}
