/** An order whose outcome is unknown: it is looked for until it is found, or until its absence may be believed. */
import { decimal } from '../decimal.js';
import { needAttention } from './attention.js';
import { orderData, orderKey } from './new-order.js';
import { note } from './report.js';
import { type TradeOrder, type TradeState, totals } from './state.js';
import type { Step } from './step.js';

/** Type of the failure of a look-up that found several orders which could be ours. */
export const AMBIGUOUS_ORDER = 'AmbiguousOrder';
/** First looks for an unknown order, then ever slower ones; at least four lie within every absence window. */
const LOOKUP_PAUSES_MS = [500, 1_500, 3_000, 5_000, 10_000, 15_000, 30_000];
/** So many reads must say "not found" before it is believed. */
const LOOKUPS_NEEDED = 4;

/** Until 2026-11 the paper broker replaced orders in one step. One that an older trade left behind is never sent again. */
export function isReplacement({ request }: TradeOrder): boolean {
  return 'replaces' in request;
}

// ------------------------------------------------------------------ decisions

export function lookupStep(state: TradeState, now: number): Step | undefined {
  const order = state.orders.find(({ lookup }) => lookup !== undefined && lookup.nextAt <= now);
  return order && { kind: 'resolve', order, resend: mayResend(state, order) && isAbsenceWindowOver(state, order, now) };
}

/** Whether "not found" may be believed: enough reads over the broker's absence window. */
function isAbsenceWindowOver({ capabilities }: TradeState, { lookup }: TradeOrder, now: number): boolean {
  return lookup !== undefined && lookup.count >= LOOKUPS_NEEDED && now - lookup.since >= capabilities.settleWindowMs;
}

/**
 * Whether the identical body may be sent once more when its window is over: where the broker refuses or returns a
 * repeat; elsewhere only a protective stop. An entry at a broker without own ids is never sent again.
 */
function mayResend(state: TradeState, order: TradeOrder): boolean {
  if (order.lookup?.resent !== false || isReplacement(order)) return false;
  if (order.leg === 'entry' && state.stopEntering) return false;
  // Its quantity and price are of the old shares.
  if (state.attention?.code === 'suspected_split') return false;
  return state.capabilities.refusesRepeats || order.leg === 'stop';
}

// ------------------------------------------------------------------ what is noted while it is looked for

/** The outcome of this send is unknown: from here on the order is looked for, never sent again on a guess. */
export function markUnknown(state: TradeState, order: TradeOrder, detail: string, now: number): void {
  if (order.state === 'done' || order.state === 'live') return;
  if (order.state === 'decided') note(state, now, 'order_unknown', orderKey(order), { ...orderData(order), detail });
  order.state = 'unknown';
  order.lookup ??= { nextAt: now + lookupPause(0), count: 0, since: now, resent: false };
}

/** The second and last send of the same body: its absence window begins anew. */
export function beginResending(order: TradeOrder, now: number): void {
  order.lookup = { nextAt: now + lookupPause(0), count: 0, since: now, resent: true };
}

/** One read was answered, found or not; from the first one on, the send can no longer reach the broker. */
export function countLookup(order: TradeOrder, now: number): void {
  const { lookup } = order;
  if (!lookup) return;
  if (lookup.count === 0) lookup.since = now;
  lookup.count += 1;
}

/** Ever slower, but not past the end of the absence window: what follows from it is not delayed any longer. */
export function scheduleLookup(state: TradeState, order: TradeOrder, now: number): void {
  const { lookup } = order;
  if (!lookup) return;
  const slower = now + lookupPause(lookup.count);
  const windowEnd = lookup.since + state.capabilities.settleWindowMs;
  lookup.nextAt = windowEnd > now ? Math.min(slower, windowEnd) : slower;
}

function lookupPause(count: number): number {
  return LOOKUP_PAUSES_MS[Math.min(count, LOOKUP_PAUSES_MS.length - 1)] ?? 30_000;
}

// ------------------------------------------------------------------ conclusions

/** Several orders at the broker could be this one: only a person can say which. Arbion goes on looking for it. */
export function reportAmbiguous(state: TradeState, { leg }: TradeOrder, now: number): void {
  const message = `Several orders in the account could be the ${leg} order whose answer was lost. Cancel the ones that do not belong to this trade, then cancel or close the trade again.`;
  needAttention(state, { code: 'placement_unknown', message }, now);
}

/** The window is over, nothing was found, and nothing may be sent again: either the order is absent, or a person must look. */
export function concludeUnknown(state: TradeState, order: TradeOrder, now: number): void {
  if (!isAbsenceWindowOver(state, order, now) || mayResend(state, order)) return;
  if (isAbsent(state, order)) {
    takeForAbsent(state, order, now);
    return;
  }
  const message = `It is unknown whether the ${order.leg} order reached the broker. Look for it in the account. If it is not there, cancel or close the trade again.`;
  needAttention(state, { code: 'placement_unknown', message }, now);
}

/**
 * A stop counts as refused: the next one is refused as oversold if it is there after all. An order that the broker turned
 * down in a way that is on no list is absent, and so is, where the broker finds orders by our id, a closing order or an
 * entry that is to be cancelled. So is a closing order that has sold nothing. A person who cancels or closes the trade
 * after having been asked has looked.
 */
function isAbsent(state: TradeState, order: TradeOrder): boolean {
  const mayBeLeft = order.leg === 'exit' || state.stopEntering !== undefined;
  return (
    order.leg === 'stop' ||
    isReplacement(order) ||
    (mayBeLeft && state.capabilities.findsById) ||
    order.refusal !== undefined ||
    hasSoldNothing(state, order) ||
    state.absenceConfirmed === true
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

function takeForAbsent(state: TradeState, order: TradeOrder, now: number): void {
  const isEntry = order.leg === 'entry' && !isReplacement(order);
  order.state = 'done';
  order.absent = true;
  order.status = isEntry && order.refusal === undefined ? 'cancelled' : 'rejected';
  order.refusal ??= { code: 'refused', message: 'The order never reached the broker.' };
  delete order.lookup;
  note(state, now, 'order_resolved', orderKey(order), { ...orderData(order), evidence: 'absent' });
}
