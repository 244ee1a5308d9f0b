/** Alpaca's values for the status, time in force and direction of an order, and ours. */
import type { OrderSide, OrderStatus, TimeInForce } from '../../domain/order.js';
import type { AlpacaOrder, AlpacaStatus } from './schemas.js';

/** A cancel or a replacement that was asked for changes nothing until it has happened: fills may still come. */
export const STATUSES: Readonly<Record<AlpacaStatus, OrderStatus>> = {
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

/** Those that we never send end within the day. */
export const TIMES_IN_FORCE: Readonly<Record<AlpacaOrder['time_in_force'], TimeInForce>> = {
  day: 'day',
  gtc: 'gtc',
  opg: 'day',
  cls: 'day',
  ioc: 'day',
  fok: 'day',
};

export const INTENTS = {
  buy: 'buy_to_open',
  sell: 'sell_to_close',
  sell_short: 'sell_to_open',
  buy_to_cover: 'buy_to_close',
} as const satisfies Record<OrderSide, string>;

export function sideOf({ side, position_intent: intent }: AlpacaOrder): OrderSide {
  if (intent === 'sell_to_open') return 'sell_short';
  return intent === 'buy_to_close' ? 'buy_to_cover' : side;
}
