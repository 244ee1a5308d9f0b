import { decimal } from '../decimal.js';
import { stopReason } from './exit-prices.js';
import { needAttention, wantClosed } from './look.js';
import {
  closeRetryAt,
  hasMadeWay,
  isAsPlanned,
  isReplacement,
  isSettleWindowOver,
  isTooLate,
  mayResend,
  TOO_LATE,
  UNPROTECTED_BOUND_MS,
} from './next-action.js';
import { orderData, orderKey } from './order-facts.js';
import {
  activeOrder,
  alert,
  brokerCover,
  type EntryChange,
  isActive,
  latestOrder,
  note,
  type TradeOrder,
  type TradeState,
  totals,
} from './state.js';
import { isFinalStatus, type TradeStatus } from './status.js';

const OVERSOLD_TRIES = 2;
const POSITION_TOLD_MS = 6_000;
const EXIT_ATTEMPTS_BEFORE_A_PERSON = 3;

/**
 * Draws every conclusion that follows from what is known: refused and vanished orders, unknown orders whose window is
 * over, orders nobody wants any more, the time without cover, the status. Called after every outcome, before `nextAction`.
 */
export function settle(state: TradeState, now: number): void {
  if (state.admission !== 'accepted') return;
  for (const order of state.orders) {
    if (isActive(order)) settleActive(state, order, now);
    else if (!order.settled) settleEnded(state, order, now);
  }
  settlePartialFill(state);
  settleChanges(state, now);
  clearAttention(state, now);
  clockCover(state, now);
  moveStatus(state, statusOf(state), now);
}

/** The status that the facts amount to; final ones come from `nextAction`'s finish. */
export function statusOf(state: TradeState): TradeStatus {
  if (isFinalStatus(state.status)) return state.status;
  if (state.attention) return 'needs_attention';
  const { entered, open } = totals(state);
  if (state.closing && entered.isPositive()) return 'closing';
  if (open.isPositive()) return activeOrder(state, 'entry') ? 'partially_filled' : 'open';
  if (entered.isPositive()) return 'closing';
  const wasSent = state.orders.some((order) => order.leg === 'entry' && order.state !== 'decided');
  // A send that was in doubt and turned out never to have been made is no step back.
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

// ------------------------------------------------------------------ orders that are still active

function settleActive(state: TradeState, order: TradeOrder, now: number): void {
  if (order.state === 'decided') settleUnsent(state, order, now);
  else if (order.state === 'unknown' && isSettleWindowOver(state, order, now) && !mayResend(state, order)) {
    concludeUnknown(state, order, now);
  }
}

/** An order that certainly was not sent: it is dropped when nobody wants it any more, or when it comes too late. */
function settleUnsent(state: TradeState, order: TradeOrder, now: number): void {
  if (order.leg === 'entry' && order.generation === 1 && isTooLate(state, now) && !state.stopEntering) {
    state.stopEntering = { why: 'expired' };
    state.reason = TOO_LATE;
  }
  const unwanted = order.leg === 'entry' ? state.stopEntering : order.leg === 'stop' ? state.closing : undefined;
  if (!unwanted && !isReplacement(order)) return;
  order.state = 'done';
  order.status = 'cancelled';
  order.endedByUs = true;
}

/**
 * The window is over, nothing was found and nothing may be sent again. A stop counts as refused, and so does, where the
 * broker finds orders by our id, a closing order or an entry that nobody wants any more; so does one that the broker turned
 * down in words of its own, and a closing order of which the position shows nothing. Everything else needs a person; one
 * who then cancels or closes the trade has looked, and ends the doubt.
 */
function concludeUnknown(state: TradeState, order: TradeOrder, now: number): void {
  const isEntry = order.leg === 'entry' && !isReplacement(order);
  const mayBeLeft = order.leg === 'exit' || state.stopEntering !== undefined;
  const isFoundById = mayBeLeft && state.capabilities.findsById;
  const wasTurnedDown = order.refusal !== undefined;
  const isProven = isReplacement(order) || isFoundById || wasTurnedDown || hasSoldNothing(state, order);
  const certain = order.leg === 'stop' || isProven || state.absenceConfirmed === true;
  if (certain) {
    order.state = 'done';
    order.absent = true;
    order.status = isEntry && !wasTurnedDown ? 'cancelled' : 'rejected';
    order.refusal ??= { code: 'refused', message: 'The order never reached the broker.' };
    delete order.lookup;
    note(state, now, 'order_resolved', orderKey(order), { ...orderData(order), evidence: 'absent' });
    return;
  }
  needAttention(
    state,
    {
      code: 'placement_unknown',
      message: `It is not known whether the ${order.leg} order reached the broker. Look for it in the account; if it is not there, cancel or close the trade again.`,
    },
    now,
  );
}

/**
 * Whether the account holds as much after the window of a closing order was over as before it was sent. The trade's own
 * quantity is no measure: the owner may hold more of the same. Should that order be there all the same, the broker refuses
 * the next one as oversold.
 */
function hasSoldNothing(state: TradeState, { leg, lookup, heldBefore }: TradeOrder): boolean {
  const { held, heldIsCertain, lastLookAt = 0, unreachableSince } = state.monitor;
  if (leg !== 'exit' || held === undefined || heldBefore === undefined || !lookup || !heldIsCertain) return false;
  const isAfter = unreachableSince === undefined && lastLookAt >= lookup.since + state.capabilities.settleWindowMs;
  return isAfter && decimal(held).atLeast(decimal(heldBefore)) && decimal(held).atLeast(totals(state).open);
}

/** Several orders at the broker could be this one: which, only a person can say. It is looked for all the same. */
export function leaveToAPerson(state: TradeState, { leg }: TradeOrder, now: number): void {
  const message = `Several orders in the account could be the ${leg} order whose answer was lost. Cancel the one that is not Arbion's, then cancel or close the trade again.`;
  needAttention(state, { code: 'placement_unknown', message }, now);
}

// ------------------------------------------------------------------ orders that ended

function settleEnded(state: TradeState, order: TradeOrder, now: number): void {
  order.settled = true;
  if (order.status === 'filled') return;
  if (order.leg === 'entry') settleEndedEntry(state, order);
  else if (order.leg === 'exit') settleEndedExit(state, order, now);
  else if (order.status === 'rejected') settleRefusedStop(state, order, now);
  else if (!order.endedByUs) settleMissingStop(state, order, now);
}

function settleEndedEntry(state: TradeState, order: TradeOrder): void {
  if (order.status !== 'rejected' || isReplacement(order)) return;
  state.reason = order.refusal ?? { code: 'refused', message: 'The broker refused the order.' };
  const change = state.entryChange;
  if (change?.sentAs !== order.request.clientOrderId) return;
  change.step = 'refused';
  change.reason = state.reason;
}

function settleEndedExit(state: TradeState, order: TradeOrder, now: number): void {
  const closing = state.closing;
  if (!closing) return;
  state.monitor.lookWanted = true;
  closing.retryAt = closeRetryAt(now);
  if (order.status !== 'rejected') return;
  closing.refusals += 1;
  const { code = 'refused', message = 'refused' } = order.refusal ?? {};
  alert(state, 1, 'exit_refused', `The closing order was refused (${code}): ${message}`, orderKey(order));
  if (code === 'halted' || code === 'market_closed' || closing.refusals < EXIT_ATTEMPTS_BEFORE_A_PERSON) return;
  delete state.closing;
  needAttention(
    state,
    {
      code: 'exit_refused',
      message: `The broker refuses to close the position (${code}). The stop is put back; close it again when the cause is gone.`,
    },
    now,
  );
}

function settleRefusedStop(state: TradeState, order: TradeOrder, now: number): void {
  const { protection } = state;
  const code = order.refusal?.code;
  state.monitor.lookWanted = true;
  if (!totals(state).open.isPositive()) return;
  if (code === 'oversold' && protection.oversold < OVERSOLD_TRIES) {
    // Less is held than was filled, as where a fee is taken in coins: two looks at the position tell how much.
    protection.oversold += 1;
    protection.retryAt = now + POSITION_TOLD_MS;
    return;
  }
  if (state.exitsChange?.step === 'asked') {
    refuseExitsChange(state, order);
    return;
  }
  protection.refusals += 1;
  if (code !== 'stop_through_market' && protection.refusals === 1) return;
  const message = `The stop was refused (${code ?? 'refused'}): ${order.refusal?.message ?? ''}`;
  alert(state, 1, 'stop_refused', message, orderKey(order));
  if (code === 'stop_through_market') wantClosed(state, stopReason(state), now);
  else if (state.request.onUnprotected === 'emulate') protection.emulated = true;
  else wantClosed(state, 'unprotected', now);
}

/** The stop goes back to where it stood before the trader moved it: that one the broker took. */
function refuseExitsChange(state: TradeState, order: TradeOrder): void {
  const change = state.exitsChange;
  if (!change) return;
  state.plan = change.previous;
  change.step = 'refused';
  change.reason = order.refusal ?? { code: 'refused', message: 'The broker refused the change of the stop.' };
}

/** The stop ended at the broker and it was not us. */
function settleMissingStop(state: TradeState, order: TradeOrder, now: number): void {
  if (state.closing || !totals(state).open.isPositive()) return;
  note(state, now, 'stop_missing', orderKey(order), orderData(order));
  alert(
    state,
    1,
    'stop_missing',
    `The stop of ${state.request.symbol} was ${order.status ?? 'ended'} at the broker.`,
    orderKey(order),
  );
  if (state.request.onStopMissing === 'restore') return;
  needAttention(
    state,
    {
      code: 'stop_missing',
      message: 'The stop is gone at the broker. The monitor watches the price; set a stop or close the trade.',
    },
    now,
  );
}

// ------------------------------------------------------------------ the rest

/** Where a stop cannot rest beside the working entry, the trader may want the rest of the entry cancelled instead. */
function settlePartialFill(state: TradeState): void {
  const { capabilities, request } = state;
  if (capabilities.stopBesideEntry || request.onPartialFill !== 'cancel_rest') return;
  const entry = activeOrder(state, 'entry') ?? latestOrder(state, 'entry');
  const mayFillMore = entry && (isActive(entry) || hasMadeWay(state, entry));
  if (mayFillMore && totals(state).open.isPositive()) state.stopEntering ??= { why: 'partial_fill' };
}

function settleChanges(state: TradeState, now: number): void {
  settleEntryChange(state);
  settleExitsChange(state, now);
}

function settleEntryChange(state: TradeState): void {
  const change = state.entryChange;
  if (!change || change.step === 'done' || change.step === 'refused') return;
  const sent = state.orders.find((order) => order.request.clientOrderId === change.sentAs);
  if (sent?.brokerOrderId !== undefined) {
    acceptEntryChange(state, change);
    return;
  }
  if (sent && !isActive(sent)) delete change.sentAs;
  const entry = activeOrder(state, 'entry') ?? latestOrder(state, 'entry');
  if (!entry || isActive(entry) || hasMadeWay(state, entry)) return;
  change.step = 'refused';
  change.reason = { code: 'too_late', message: 'The entry is no longer working.' };
}

function acceptEntryChange(state: TradeState, change: EntryChange): void {
  change.step = 'done';
  if (change.limitPrice !== undefined) state.request.limitPrice = change.limitPrice;
  if (change.quantity !== undefined) state.request.quantity = change.quantity;
}

function settleExitsChange(state: TradeState, now: number): void {
  const change = state.exitsChange;
  if (change?.step !== 'asked') return;
  const stop = activeOrder(state, 'stop');
  const { open } = totals(state);
  if (state.closing) {
    change.step = 'refused';
    change.reason = { code: 'invalid-state', message: 'The trade is closing.' };
  } else if (
    !open.isPositive() ||
    state.protection.emulated ||
    (stop?.state === 'live' && isAsPlanned(state, stop, open))
  ) {
    change.step = 'done';
    const { stopPrice = null, targetPrice: takeProfitPrice = null } = state.plan;
    // Not by the time: a workflow task that is run again at a boundary between runs does this again later.
    const key = `${change.number ?? now}:${stopPrice}:${takeProfitPrice}`;
    note(state, now, 'exits_adjusted', key, { stopPrice, takeProfitPrice });
  }
}

/** A reason for attention goes when its cause is gone. */
function clearAttention(state: TradeState, now: number): void {
  const { attention } = state;
  if (!hasUnknown(state)) delete state.absenceConfirmed;
  if (!attention) return;
  const gone =
    (attention.code === 'placement_unknown' && !hasUnknown(state)) ||
    (attention.code === 'stop_missing' && (state.closing !== undefined || activeOrder(state, 'stop') !== undefined)) ||
    (attention.code === 'exit_refused' && !totals(state).open.isPositive()) ||
    (attention.code === 'suspected_split' && (state.closing !== undefined || state.ledger.splits.length > 0));
  if (!gone) return;
  delete state.attention;
  note(state, now, 'attention_cleared', `${state.moves}:${attention.code}`, { code: attention.code });
}

function hasUnknown(state: TradeState): boolean {
  return state.orders.some((order) => order.state === 'unknown');
}

/** Measures the time in which the broker held less cover than the trade holds shares. */
function clockCover(state: TradeState, now: number): void {
  const { protection } = state;
  const { open } = totals(state);
  const covered = !open.isPositive() || brokerCover(state).atLeast(open);
  if (!covered) {
    protection.uncoveredSince ??= now;
    if (now - protection.uncoveredSince >= UNPROTECTED_BOUND_MS && !protection.boundReported)
      reportUncovered(state, now);
    return;
  }
  if (protection.uncoveredSince !== undefined) protection.unprotectedMs += now - protection.uncoveredSince;
  delete protection.uncoveredSince;
  delete protection.boundReported;
  const stop = activeOrder(state, 'stop');
  if (stop?.state !== 'live' || !open.isPositive()) return;
  protection.refusals = 0;
  protection.oversold = 0;
  const stopPrice = stop.stopPrice === undefined ? null : decimal(stop.stopPrice).toString();
  if (protection.reported === `${orderKey(stop)}:${open}`) return;
  protection.reported = `${orderKey(stop)}:${open}`;
  note(state, now, 'protected', `${orderKey(stop)}:${open}`, { quantity: open.toString(), stopPrice, kind: 'broker' });
}

function reportUncovered(state: TradeState, now: number): void {
  state.protection.boundReported = true;
  const message = `${totals(state).open} ${state.request.symbol} have been without a stop at the broker for 10 s; the monitor watches the price.`;
  note(state, now, 'unprotected', `${state.protection.uncoveredSince}`, { quantity: totals(state).open.toString() });
  alert(state, 1, 'unprotected', message, `${state.protection.uncoveredSince}`);
}
