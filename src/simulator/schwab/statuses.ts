/** Schwab's 21 order states (docs/brokers/schwab.md, section 6), and the one that an order of the exchange is in. */
import type { MarketSession } from '../../domain/market.js';
import { type ExchangeOrder, executionsOf } from '../exchange/orders.js';

export const SCHWAB_STATUSES = [
  'AWAITING_PARENT_ORDER',
  'AWAITING_CONDITION',
  'AWAITING_STOP_CONDITION',
  'AWAITING_MANUAL_REVIEW',
  'ACCEPTED',
  'AWAITING_UR_OUT',
  'PENDING_ACTIVATION',
  'QUEUED',
  'WORKING',
  'REJECTED',
  'PENDING_CANCEL',
  'CANCELED',
  'PENDING_REPLACE',
  'REPLACED',
  'FILLED',
  'EXPIRED',
  'NEW',
  'AWAITING_RELEASE_TIME',
  'PENDING_ACKNOWLEDGEMENT',
  'PENDING_RECALL',
  'UNKNOWN',
] as const;
export type SchwabStatus = (typeof SCHWAB_STATUSES)[number];

/** How long a venue takes to acknowledge an order. */
const ACKNOWLEDGED_AFTER_MS = 1_000;

export function schwabStatus(order: ExchangeOrder, now: number, session: MarketSession): SchwabStatus {
  const { status } = order.state;
  if (status === 'submitted') return order.parent === undefined ? 'PENDING_ACKNOWLEDGEMENT' : 'AWAITING_PARENT_ORDER';
  if (status === 'working' || status === 'partially_filled') return liveStatus(order, now, session);
  if (status === 'cancelled') return order.replacedBy === undefined ? 'CANCELED' : 'REPLACED';
  return status === 'filled' ? 'FILLED' : status === 'rejected' ? 'REJECTED' : 'EXPIRED';
}

/** A partly filled order has no state of its own. */
function liveStatus(order: ExchangeOrder, now: number, session: MarketSession): SchwabStatus {
  if (order.cancelRequested) return 'PENDING_CANCEL';
  if (now - order.placedAt < ACKNOWLEDGED_AFTER_MS && executionsOf(order).length === 0)
    return 'PENDING_ACKNOWLEDGEMENT';
  const { type, triggered } = order.state;
  if (type !== 'market' && type !== 'limit' && !triggered) return 'AWAITING_STOP_CONDITION';
  const trades = session === 'regular' || (session !== 'closed' && order.state.session === 'extended');
  return trades ? 'WORKING' : 'PENDING_ACTIVATION';
}

const OVER: readonly SchwabStatus[] = ['FILLED', 'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED'];

export function isOverAtSchwab(status: SchwabStatus): boolean {
  return OVER.includes(status);
}
