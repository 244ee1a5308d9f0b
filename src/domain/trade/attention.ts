/** When a trade needs a person, and when it no longer does. */
import { alert, note } from './report.js';
import { activeOrder, type TradeState, totals } from './state.js';
import type { Reason } from './status.js';

export const VANISHED = 'position_vanished';

export function needAttention(state: TradeState, reason: Reason, now: number): void {
  if (state.attention?.code === reason.code) return;
  state.attention = reason;
  note(state, now, 'attention', `${state.moves}:${reason.code}`, { code: reason.code, message: reason.message });
  alert(state, 1, reason.code, reason.message, `${state.moves}`);
}

/** The broker has taken a closing order, or nothing is held. */
function isGettingOut(state: TradeState): boolean {
  return activeOrder(state, 'exit')?.state === 'live' || !totals(state).open.isPositive();
}

/** Attention is no longer needed when its cause is gone. */
export function concludeAttention(state: TradeState, now: number): void {
  const { attention } = state;
  const hasUnknown = state.orders.some((order) => order.state === 'unknown');
  if (!hasUnknown) delete state.absenceConfirmed;
  if (!attention) return;
  const gone =
    (attention.code === 'placement_unknown' && !hasUnknown) ||
    (attention.code === 'stop_missing' && (state.closing !== undefined || activeOrder(state, 'stop') !== undefined)) ||
    (attention.code === VANISHED && state.monitor.unexplained === undefined) ||
    (attention.code === 'exit_refused' && state.refusedExit === undefined && isGettingOut(state)) ||
    (attention.code === 'suspected_split' &&
      (state.closing !== undefined || state.ledger.splits.length > (state.monitor.splitsBefore ?? 0)));
  if (!gone) return;
  delete state.attention;
  delete state.monitor.splitsBefore;
  delete state.monitor.attentionBefore;
  note(state, now, 'attention_cleared', `${state.moves}:${attention.code}`, { code: attention.code });
}
