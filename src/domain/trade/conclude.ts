import { concludeAttention } from './attention.js';
import { concludeEndedExit, concludeRefusedExit } from './closing.js';
import { concludeEndedEntry, concludeEntryChange, concludePartialFill, isEntryUnwanted } from './entry.js';
import { concludeUnknown, isReplacement } from './lost-order.js';
import { forgetOldOrders } from './old-orders.js';
import { concludeRemnant } from './position.js';
import { concludeCover, concludeEndedStop, concludeExitsChange } from './protection.js';
import { note } from './report.js';
import { activeOrder, isActive, type TradeOrder, type TradeState, totals } from './state.js';
import { isFinalStatus, type TradeStatus } from './status.js';

/**
 * Draws every conclusion that follows from what is known: refused and vanished orders, unknown orders whose window is
 * over, orders that are not wanted any more, the time without cover, the status. Called after every outcome, before
 * `nextStep`.
 */
export function conclude(state: TradeState, now: number): void {
  if (state.admission !== 'accepted') return;
  for (const order of state.orders) {
    if (order.state === 'decided') concludeUnsent(state, order, now);
    else if (order.state === 'unknown') concludeUnknown(state, order, now);
    else if (!isActive(order) && !order.settled) concludeEnded(state, order, now);
  }
  concludeRemnant(state, now);
  concludeRefusedExit(state, now);
  concludePartialFill(state);
  concludeEntryChange(state);
  concludeExitsChange(state, now);
  concludeAttention(state, now);
  concludeCover(state, now);
  forgetOldOrders(state, now);
  moveStatus(state, statusOf(state), now);
}

/** An order that certainly was not sent is dropped when it is not wanted any more. */
function concludeUnsent(state: TradeState, order: TradeOrder, now: number): void {
  const isUnwanted =
    order.leg === 'entry' ? isEntryUnwanted(state, order, now) : order.leg === 'stop' && state.closing !== undefined;
  if (!isUnwanted && !isReplacement(order)) return;
  order.state = 'done';
  order.status = 'cancelled';
  order.endedByUs = true;
}

function concludeEnded(state: TradeState, order: TradeOrder, now: number): void {
  order.settled = true;
  if (order.status === 'filled') return;
  if (order.leg === 'entry') concludeEndedEntry(state, order);
  else if (order.leg === 'exit') concludeEndedExit(state, order, now);
  else concludeEndedStop(state, order, now);
}

/** The status that the facts amount to; final ones come from `nextStep`'s finish. */
function statusOf(state: TradeState): TradeStatus {
  if (isFinalStatus(state.status)) return state.status;
  if (state.attention) return 'needs_attention';
  const { entered, open } = totals(state);
  if (state.closing && entered.isPositive()) return 'closing';
  if (open.isPositive()) return activeOrder(state, 'entry') ? 'partially_filled' : 'open';
  if (entered.isPositive()) return 'closing';
  const wasSent = state.orders.some((order) => order.leg === 'entry' && order.state !== 'decided');
  // A send whose outcome was unknown and that turned out never to have been made is no step back.
  return wasSent || state.status === 'submitted' ? 'submitted' : 'pending';
}

export function moveStatus(state: TradeState, status: TradeStatus, now: number): void {
  if (state.status === status) return;
  state.status = status;
  state.moves += 1;
  if (status === 'open' || status === 'partially_filled') state.openedAt ??= now;
  if (isFinalStatus(status)) state.closedAt = now;
  note(state, now, 'status', `${state.moves}:${status}`, {
    status,
    ...(state.exitReason === undefined ? {} : { exitReason: state.exitReason }),
    ...(state.reason === undefined ? {} : { code: state.reason.code, message: state.reason.message }),
    ...(isFinalStatus(status) ? { realizedPnl: totals(state).realizedPnl.toString() } : {}),
  });
}
