/** An order as Alpaca shows it (docs/brokers/alpaca.md, sections 5.2 and 7). */
import { Decimal, decimal } from '../../domain/decimal.js';
import { isBuying } from '../../domain/order.js';
import { averagePrice, type ExchangeOrder, executionsUntil, type OrderEventKind } from '../exchange/orders.js';
import type { AlpacaDetails } from './order-mapping.js';
import { assetId, classOf, toAlpacaSymbol } from './symbols.js';

const PRICE_DECIMALS = 9;

export interface ViewSetting {
  /** whether the order's market is open */
  isOpen: boolean;
  /** the legs to show inside the order; null unless they were requested */
  legs: readonly ExchangeOrder[] | null;
}

export type OrderView = Record<string, unknown> & { id: string; status: string };

export function orderView(order: ExchangeOrder, setting: ViewSetting): OrderView {
  const details = detailsOf(order);
  const { state, request } = order;
  const isBuy = isBuying(state.side);
  const opens = state.side === 'buy' || state.side === 'sell_short';
  return {
    ...{ id: order.orderId, client_order_id: order.clientOrderId },
    ...timesOf(order),
    ...{ replaced_by: order.replacedBy ?? null, replaces: order.replaces ?? null },
    ...{ asset_id: assetId(state.symbol), symbol: toAlpacaSymbol(state.symbol), asset_class: classOf(state.symbol) },
    ...{ notional: details.notional, qty: details.notional === null ? state.quantity.toString() : null },
    ...{ filled_qty: state.filled.toString(), filled_avg_price: averageOf(order) },
    ...{ order_class: details.orderClass === 'simple' ? '' : details.orderClass },
    ...{ order_type: details.type, type: details.type, side: isBuy ? 'buy' : 'sell' },
    position_intent: `${isBuy ? 'buy' : 'sell'}_to_${opens ? 'open' : 'close'}`,
    time_in_force: details.timeInForce,
    // Alpaca does not show the limit that it gives a triggered buy stop.
    limit_price: details.type === 'stop' ? null : (state.limitPrice?.toString() ?? null),
    stop_price: state.stopPrice?.toString() ?? null,
    ...{ status: statusOf(order, setting.isOpen), extended_hours: request.session === 'extended' },
    legs: setting.legs?.map((leg) => orderView(leg, { ...setting, legs: null })) ?? null,
    ...{
      trail_percent: state.trailPercent?.toString() ?? null,
      trail_price: null,
      hwm: null,
      subtag: null,
      source: null,
    },
  };
}

/** The answer to a placement shows the order as received, before any fill of the same moment. */
export function receivedView(order: ExchangeOrder, setting: ViewSetting): OrderView {
  const view = orderView(order, setting);
  const isStop = view.type === 'stop' || view.type === 'stop_limit' || view.type === 'trailing_stop';
  const status = isStop || view.status === 'accepted' ? view.status : 'pending_new';
  return { ...view, status, filled_qty: '0', filled_avg_price: null, filled_at: null, canceled_at: null };
}

/** What a replacement takes over from the old order, stored as requested. */
export function detailsOf(order: ExchangeOrder): AlpacaDetails {
  return order.details as unknown as AlpacaDetails;
}

export function statusOf(order: ExchangeOrder, isOpen: boolean): string {
  const { state } = order;
  if (state.status === 'submitted') return order.parent === undefined ? 'pending_new' : 'held';
  if (state.status === 'cancelled') return order.replacedBy === undefined ? 'canceled' : 'replaced';
  if (state.status === 'filled' || state.status === 'expired' || state.status === 'rejected') return state.status;
  if (order.cancelRequested) return 'pending_cancel';
  if (state.status === 'partially_filled') return 'partially_filled';
  return isOpen ? 'new' : 'accepted';
}

function timesOf(order: ExchangeOrder) {
  const at = (...kinds: OrderEventKind[]) => {
    const event = order.events.findLast(({ kind }) => kinds.includes(kind));
    return event ? iso(event.at) : null;
  };
  const { expiresAt } = order.state;
  const isReplaced = order.replacedBy !== undefined;
  return {
    ...{ created_at: iso(order.placedAt), updated_at: iso(order.updatedAt), submitted_at: iso(order.placedAt) },
    ...{ filled_at: order.state.status === 'filled' ? at('fill') : null, expired_at: at('expired') },
    expires_at: expiresAt === undefined ? null : iso(expiresAt),
    ...{ canceled_at: isReplaced ? null : at('cancelled'), failed_at: at('rejected'), replaced_at: at('replaced') },
  };
}

function averageOf(order: ExchangeOrder): string | null {
  return averagePrice(order)?.roundedTo(PRICE_DECIMALS, 'half_even').toString() ?? null;
}

/** One row per execution until then (section 3), oldest first. */
export function fillActivities(order: ExchangeOrder, until: number) {
  const asked = decimal(order.request.quantity);
  let filled = Decimal.zero;
  return executionsUntil(order, until).map(({ executionId, quantity, price, at }) => {
    filled = filled.plus(decimal(quantity));
    const isLast = filled.atLeast(asked);
    return {
      ...{ id: `${iso(at).replace(/\D/g, '')}::${executionId}`, activity_type: 'FILL', transaction_time: iso(at) },
      ...{ type: isLast ? 'fill' : 'partial_fill', price, qty: quantity, symbol: toAlpacaSymbol(order.state.symbol) },
      ...{ side: isBuying(order.state.side) ? 'buy' : 'sell', leaves_qty: asked.minus(filled).toString() },
      ...{ order_id: order.orderId, cum_qty: filled.toString(), order_status: isLast ? 'filled' : 'partially_filled' },
    };
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
