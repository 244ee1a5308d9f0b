/** The order that opens the position, and the trader's changes of it. */
import { decimal } from '../decimal.js';
import { sidesOf } from '../order.js';
import { isReplacement } from './lost-order.js';
import { newOrder } from './new-order.js';
import {
  activeOrder,
  type EntryChange,
  hasUnknownOrder,
  isActive,
  latestOrder,
  nextGeneration,
  type TradeOrder,
  type TradeState,
  totals,
} from './state.js';
import type { Reason } from './status.js';
import { cancelStep, placeDecided, type Step } from './step.js';

/** A market entry that could not be sent for so long is no longer what the trader asked for. */
const START_TOO_LATE_MS = 120_000;
const TOO_LATE: Reason = {
  code: 'start_too_late',
  message: 'The market order could not be sent within 120 s of its request, so it was not sent at all.',
};

// ------------------------------------------------------------------ decisions

export function entryStep(state: TradeState, now: number): Step | undefined {
  if (hasUnknownOrder(state, 'entry')) return undefined;
  const entry = latestEntry(state);
  if (!entry) return firstEntry(state, now);
  if (entry.state === 'decided') return placeDecided(entry, now);
  if (entry.state === 'done')
    return hasMadeWay(state, entry) ? { kind: 'place', order: changedEntry(state, entry) } : undefined;
  if (state.stopEntering) return cancelStep(entry, now);
  return changeStep(state, entry, now);
}

function latestEntry(state: TradeState): TradeOrder | undefined {
  return activeOrder(state, 'entry') ?? latestOrder(state, 'entry');
}

function firstEntry(state: TradeState, now: number): Step {
  const { request } = state;
  if (state.stopEntering) return { kind: 'finish', status: 'cancelled' };
  if (isTooLate(state, now)) return { kind: 'finish', status: 'expired', reason: TOO_LATE };
  const order = newOrder(state, 'entry', 1, {
    side: sidesOf(request.side).opening,
    type: request.orderType,
    quantity: request.quantity,
    timeInForce: request.timeInForce,
    session: request.session,
    ...(request.limitPrice === undefined ? {} : { limitPrice: request.limitPrice }),
  });
  return { kind: 'place', order };
}

function isTooLate(state: TradeState, now: number): boolean {
  return state.request.orderType === 'market' && now - state.createdAt > START_TOO_LATE_MS;
}

/** The trader's change of the working entry: approved by the risk check, then the order is cancelled to make way. */
function changeStep(state: TradeState, entry: TradeOrder, now: number): Step | undefined {
  const change = state.entryChange;
  if (change?.step === 'asked') return { kind: 'approve' };
  return change?.step === 'approved' ? cancelStep(entry, now) : undefined;
}

/** Whether the entry was cancelled so that the changed one can take its place. */
function hasMadeWay(state: TradeState, entry: TradeOrder): boolean {
  const { entryChange: change, stopEntering, request } = state;
  if (change?.step !== 'approved' || change.sentAs !== undefined || stopEntering) return false;
  const isIncomplete = totals(state).entered.lessThan(decimal(change.quantity ?? request.quantity));
  return entry.status === 'cancelled' && entry.endedByUs === true && isIncomplete;
}

/** The entry with the change made, for what is not filled yet. */
function changedEntry(state: TradeState, { request }: TradeOrder): TradeOrder {
  const change = state.entryChange;
  const total = decimal(change?.quantity ?? state.request.quantity);
  const limitPrice = change?.limitPrice ?? state.request.limitPrice;
  return newOrder(state, 'entry', nextGeneration(state, 'entry'), {
    side: request.side,
    type: request.type,
    quantity: total.minus(totals(state).entered).toString(),
    timeInForce: request.timeInForce,
    session: request.session,
    ...(limitPrice === undefined ? {} : { limitPrice }),
  });
}

// ------------------------------------------------------------------ conclusions

/** An entry that certainly was not sent is dropped when it comes too late, or when the rest of it is to be cancelled. */
export function isEntryUnwanted(state: TradeState, order: TradeOrder, now: number): boolean {
  if (order.generation === 1 && isTooLate(state, now) && !state.stopEntering) {
    state.stopEntering = { why: 'expired' };
    state.reason = TOO_LATE;
  }
  return state.stopEntering !== undefined;
}

export function concludeEndedEntry(state: TradeState, order: TradeOrder): void {
  if (order.status !== 'rejected' || isReplacement(order)) return;
  state.reason = order.refusal ?? { code: 'refused', message: 'The broker refused the order.' };
  const change = state.entryChange;
  if (change?.sentAs === order.request.clientOrderId) refuseChange(change, state.reason);
}

/** Where no stop is taken beside the working entry, the trader may want the rest of the entry cancelled instead. */
export function concludePartialFill(state: TradeState): void {
  const { capabilities, request } = state;
  if (capabilities.stopBesideEntry || request.onPartialFill !== 'cancel_rest') return;
  const entry = latestEntry(state);
  const mayFillMore = entry && (isActive(entry) || hasMadeWay(state, entry));
  if (mayFillMore && totals(state).open.isPositive()) state.stopEntering ??= { why: 'partial_fill' };
}

export function concludeEntryChange(state: TradeState): void {
  const change = state.entryChange;
  if (!change || change.step === 'done' || change.step === 'refused') return;
  const sent = state.orders.find((order) => order.request.clientOrderId === change.sentAs);
  if (sent?.brokerOrderId !== undefined) {
    completeChange(state, change);
    return;
  }
  if (sent && !isActive(sent)) delete change.sentAs;
  const entry = latestEntry(state);
  if (!entry || isActive(entry) || hasMadeWay(state, entry)) return;
  refuseChange(change, { code: 'too_late', message: 'The entry order has ended: it can no longer be changed.' });
}

function completeChange(state: TradeState, change: EntryChange): void {
  change.step = 'done';
  if (change.limitPrice !== undefined) state.request.limitPrice = change.limitPrice;
  if (change.quantity !== undefined) state.request.quantity = change.quantity;
}

function refuseChange(change: EntryChange, reason: Reason): void {
  change.step = 'refused';
  change.reason = reason;
}
