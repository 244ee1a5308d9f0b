/** Coinbase's values for the kind and status of an order, and ours. */
import type { OrderStatus, OrderType, TimeInForce } from '../../domain/order.js';
import type { OrderRow } from './schemas.js';

/** Kinds of order that are the same as one of ours; brackets, slices and ladders are not. */
export const KINDS: ReadonlyMap<string, { type: OrderType; timeInForce: TimeInForce }> = new Map([
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
export const STATUSES: Readonly<Record<OrderRow['status'], OrderStatus>> = {
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
