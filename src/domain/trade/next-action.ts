import { lastOptionClose } from '../calendar.js';
import { type Decimal, decimal } from '../decimal.js';
import { parseOptionSymbol } from '../instrument.js';
import { isFinal, sidesOf } from '../order.js';
import { better, isTrailBehind, plannedStopPrice, stopLimitPrice, stopReason } from './exit-prices.js';
import { decidedOrder } from './order-facts.js';
import {
  activeOrder,
  isActive,
  isInDoubt,
  latestOrder,
  latestTaken,
  nextGeneration,
  remainingOf,
  type TradeOrder,
  type TradeState,
  totals,
} from './state.js';
import type { ExitReason, Reason, TradeStatus } from './status.js';

/** What the trade does next. At most one thing is under way at any time. */
export type Action =
  | { kind: 'admit' }
  /** `order` is not in the state yet, or is there as `decided`: it goes in before anything is sent */
  | { kind: 'place'; order: TradeOrder }
  /** the risk check of a changed entry */
  | { kind: 'approve' }
  | { kind: 'cancel'; order: TradeOrder }
  /** asks what became of an unknown order; `resend`: the settle window is over and the broker refuses repeats */
  | { kind: 'resolve'; order: TradeOrder; resend: boolean }
  | { kind: 'look' }
  | { kind: 'wait'; until: number }
  | { kind: 'finish'; status: TradeStatus; exitReason?: ExitReason; reason?: Reason };

/** A market entry that could not be started for so long is no longer what the trader asked for. */
export const START_TOO_LATE_MS = 120_000;
export const TOO_LATE: Reason = {
  code: 'start_too_late',
  message: 'The market order could not be started within 120 s of its request, so it was not sent.',
};
/** Refused closing orders: pause between tries (a halt, a closed market). */
const CLOSE_RETRY_MS = 30_000;
/** The longest time a filled share may be without cover before a person is told. */
export const UNPROTECTED_BOUND_MS = 10_000;
/** So many reads must say "not found" before it is believed. */
const LOOKUPS_NEEDED = 4;
/** The wait until the first look at an order that works. */
export const FIRST_POLL_MS = 1_000;
/** So long a look has to explain a position that is smaller than the trade's; it needs two, 5 s apart. */
const POSITION_DOUBT_MS = 8_000;
const FOREVER_MS = 24 * 3_600_000;

/**
 * The whole life of a trade as one pure decision. The workflow does what this says, folds the outcome into the state,
 * and asks again; so every state can be continued by anybody who holds it.
 *
 * 1. An unknown order is looked for before anything else is done with its leg.
 * 2. Close: entry dead → stop dead, by the broker's word → sell what is left → flat.
 * 3. Otherwise the open quantity and the stop's quantity are made equal.
 */
export function nextAction(state: TradeState, now: number): Action {
  if (state.admission === 'waiting') return { kind: 'admit' };
  if (state.admission === 'refused') return { kind: 'finish', status: 'rejected' };
  return dueLookup(state, now) ?? entryAction(state, now) ?? positionAction(state, now) ?? lookOrWait(state, now);
}

/** The time at which `nextAction` would answer something else if nothing happened. */
export function nextWakeUp(state: TradeState, now: number): number {
  const { nextLookAt, unexplained } = state.monitor;
  const times = [nextLookAt];
  if (unexplained) times.push(unexplained.since + POSITION_DOUBT_MS);
  for (const order of state.orders) {
    if (!isActive(order)) continue;
    if (order.lookup) times.push(order.lookup.nextAt);
    if (order.again) times.push(order.again.nextAt);
    if (order.cancel) times.push(order.cancel.nextAt);
  }
  if (state.closing?.retryAt !== undefined) times.push(state.closing.retryAt);
  if (state.protection.retryAt !== undefined) times.push(state.protection.retryAt);
  if (state.protection.uncoveredSince !== undefined) times.push(state.protection.uncoveredSince + UNPROTECTED_BOUND_MS);
  return Math.max(now, Math.min(now + FOREVER_MS, ...times.filter((time) => time > now)));
}

/** The wait until the next look: quickly while an order works and something may change, else at the monitor's pace. */
export function pollPause(state: TradeState): number {
  const changing = state.orders.some(
    (order) => isActive(order) && (order.leg !== 'stop' || order.cancel !== undefined),
  );
  const { breachedSince, unexplained, doubtful } = state.monitor;
  const confirming = breachedSince !== undefined || unexplained !== undefined || doubtful !== undefined;
  const interval = state.settings.monitorIntervalMs;
  if (confirming && !changing) return Math.min(interval, 5_000);
  if (!changing) return interval;
  return Math.min(interval, Math.max(FIRST_POLL_MS, state.monitor.pollMs * 2));
}

// ------------------------------------------------------------------ unknown orders

/** Whether "not found" may be believed: enough reads over the broker's settle window. */
export function isSettleWindowOver(state: TradeState, order: TradeOrder, now: number): boolean {
  const { lookup } = order;
  return (
    lookup !== undefined && lookup.count >= LOOKUPS_NEEDED && now - lookup.since >= state.capabilities.settleWindowMs
  );
}

/**
 * Whether the identical body may be sent once more when its window is over: where the broker refuses or returns a
 * repeat; elsewhere only a protective stop. An entry at a broker without own ids is never sent again.
 */
export function mayResend(state: TradeState, order: TradeOrder): boolean {
  if (order.lookup?.resent !== false || isReplacement(order)) return false;
  if (order.leg === 'entry' && state.stopEntering) return false;
  return state.capabilities.refusesRepeats || order.leg === 'stop';
}

/** Until 2026-11 the paper broker replaced orders in one step. One that an older trade left behind is never sent again. */
export function isReplacement({ request }: TradeOrder): boolean {
  return 'replaces' in request;
}

function dueLookup(state: TradeState, now: number): Action | undefined {
  const order = state.orders.find(({ lookup }) => lookup !== undefined && lookup.nextAt <= now);
  return order && { kind: 'resolve', order, resend: mayResend(state, order) && isSettleWindowOver(state, order, now) };
}

// ------------------------------------------------------------------ entry

function entryAction(state: TradeState, now: number): Action | undefined {
  if (isInDoubt(state, 'entry')) return undefined;
  const entry = activeOrder(state, 'entry') ?? latestOrder(state, 'entry');
  if (!entry) return firstEntry(state, now);
  if (entry.state === 'decided') return placeAction(entry, now);
  if (entry.state === 'done')
    return hasMadeWay(state, entry) ? { kind: 'place', order: changedEntry(state, entry) } : undefined;
  if (entry.state !== 'live') return undefined;
  if (state.stopEntering) return cancelAction(entry, now);
  return changeAction(state, entry, now);
}

function firstEntry(state: TradeState, now: number): Action {
  const { request } = state;
  if (state.stopEntering) return { kind: 'finish', status: 'cancelled' };
  if (isTooLate(state, now)) return { kind: 'finish', status: 'expired', reason: TOO_LATE };
  const order = decidedOrder(state, 'entry', 1, {
    side: sidesOf(request.side).opening,
    type: request.orderType,
    quantity: request.quantity,
    timeInForce: request.timeInForce,
    session: request.session,
    ...(request.limitPrice === undefined ? {} : { limitPrice: request.limitPrice }),
  });
  return { kind: 'place', order };
}

/** An order that was decided before. */
function placeAction(order: TradeOrder, now: number): Action | undefined {
  return order.again && order.again.nextAt > now ? undefined : { kind: 'place', order };
}

export function isTooLate(state: TradeState, now: number): boolean {
  return state.request.orderType === 'market' && now - state.createdAt > START_TOO_LATE_MS;
}

/** The trader's change of the working entry: approved by the risk gate first, then the order is cancelled to make way. */
function changeAction(state: TradeState, entry: TradeOrder, now: number): Action | undefined {
  const change = state.entryChange;
  if (change?.step === 'asked') return { kind: 'approve' };
  return change?.step === 'approved' ? cancelAction(entry, now) : undefined;
}

/** Whether the entry was cancelled so that the changed one can take its place. */
export function hasMadeWay(state: TradeState, entry: TradeOrder): boolean {
  const { entryChange: change, stopEntering, request } = state;
  if (change?.step !== 'approved' || change.sentAs !== undefined || stopEntering) return false;
  const isIncomplete = totals(state).entered.lessThan(decimal(change.quantity ?? request.quantity));
  return entry.status === 'cancelled' && entry.endedByUs === true && isIncomplete;
}

/** The entry as the change wants it, for what is not filled yet. */
function changedEntry(state: TradeState, { request }: TradeOrder): TradeOrder {
  const change = state.entryChange;
  const total = decimal(change?.quantity ?? state.request.quantity);
  const limitPrice = change?.limitPrice ?? state.request.limitPrice;
  return decidedOrder(state, 'entry', nextGeneration(state, 'entry'), {
    side: request.side,
    type: request.type,
    quantity: total.minus(totals(state).entered).toString(),
    timeInForce: request.timeInForce,
    session: request.session,
    ...(limitPrice === undefined ? {} : { limitPrice }),
  });
}

function cancelAction(order: TradeOrder, now: number): Action | undefined {
  if (order.cancel && order.cancel.nextAt > now) return undefined;
  return { kind: 'cancel', order };
}

// ------------------------------------------------------------------ position

function positionAction(state: TradeState, now: number): Action | undefined {
  const { open } = totals(state);
  const entry = activeOrder(state, 'entry');
  if (state.closing) return closeAction(state, open, entry, now);
  if (open.isPositive()) return protectAction(state, open, entry, now);
  const stop = activeOrder(state, 'stop');
  if (stop) return stop.state === 'live' ? cancelAction(stop, now) : undefined;
  return entry ? undefined : finishAction(state);
}

function closeAction(state: TradeState, open: Decimal, entry: TradeOrder | undefined, now: number): Action | undefined {
  if (entry) return undefined;
  const stop = activeOrder(state, 'stop');
  if (stop) {
    return stop.state === 'live' ? cancelAction(stop, now) : undefined;
  }
  const exit = activeOrder(state, 'exit');
  if (exit) return exit.state === 'decided' ? placeAction(exit, now) : undefined;
  if (!open.isPositive()) return finishAction(state);
  if (state.closing?.retryAt !== undefined && state.closing.retryAt > now) return undefined;
  const order = decidedOrder(state, 'exit', nextGeneration(state, 'exit'), {
    side: sidesOf(state.request.side).closing,
    type: 'market',
    quantity: open.toString(),
    timeInForce: 'day',
    session: 'regular',
  });
  return { kind: 'place', order };
}

/** Everything is quiet and nothing is held: which end is it? */
function finishAction(state: TradeState): Action {
  const { entered } = totals(state);
  if (entered.isPositive()) return { kind: 'finish', status: 'closed', exitReason: exitReasonOf(state) };
  const entry = latestTaken(state, 'entry') ?? latestOrder(state, 'entry');
  if (entry?.status === 'rejected') return { kind: 'finish', status: 'rejected' };
  const expired = entry?.status === 'expired' || state.stopEntering?.why === 'expired';
  return { kind: 'finish', status: expired ? 'expired' : 'cancelled' };
}

function exitReasonOf(state: TradeState): ExitReason {
  const last = state.ledger.fills.filter((fill) => fill.leg !== 'entry').at(-1);
  if (last?.leg === 'stop') return stopReason(state);
  if (last) return state.closing?.reason ?? 'manual';
  return hasExpired(state) ? 'expired' : 'external';
}

/** An option that left the account after its last session: exercised or not, the broker's statement says. */
function hasExpired({ request, monitor }: TradeState): boolean {
  const expiry = request.assetClass === 'option' ? parseOptionSymbol(request.symbol)?.expiry : undefined;
  const lastClose = expiry === undefined ? undefined : lastOptionClose(expiry);
  return lastClose !== undefined && monitor.marketTime !== undefined && monitor.marketTime >= lastClose;
}

// ------------------------------------------------------------------ protection

/** Makes the stop's quantity the open quantity. */
function protectAction(
  state: TradeState,
  open: Decimal,
  entry: TradeOrder | undefined,
  now: number,
): Action | undefined {
  const { capabilities, protection } = state;
  if (capabilities.stopType === 'none' || protection.emulated || isInDoubt(state, 'stop')) return undefined;
  if (protection.retryAt !== undefined && protection.retryAt > now) return undefined;
  const stop = activeOrder(state, 'stop');
  if (!stop && entry && !capabilities.stopBesideEntry) return undefined;
  if (!stop) return mayPlaceStop(state, now) ? { kind: 'place', order: plannedStop(state, open) } : undefined;
  if (stop.state === 'decided') return placeAction(stop, now);
  if (stop.triggered || !stop.status || isFinal(stop.status)) return undefined;
  if (isAsPlanned(state, stop, open)) return undefined;
  return cancelAction(stop, now);
}

function mayPlaceStop(state: TradeState, now: number): boolean {
  const held = state.attention?.code === 'stop_missing' || state.attention?.code === 'suspected_split';
  return !held && !mayBeSoldElsewhere(state, now);
}

/** Whoever took the stop away may have sold as well: a stop is not put back for shares that may be gone. */
function mayBeSoldElsewhere(state: TradeState, now: number): boolean {
  const { unexplained } = state.monitor;
  const isRestoring = latestTaken(state, 'stop') !== undefined;
  return isRestoring && unexplained !== undefined && now - unexplained.since < POSITION_DOUBT_MS;
}

function plannedStop(state: TradeState, open: Decimal): TradeOrder {
  const { plan, protection } = state;
  const common = {
    side: sidesOf(state.request.side).closing,
    quantity: open.toString(),
    timeInForce: 'gtc',
    session: 'regular',
  } as const;
  const generation = nextGeneration(state, 'stop');
  const { stopType } = state.capabilities;
  // A trail never goes back, and a broker's trail starts at the market: what takes its place is a stop that we move.
  const start = plan.trailPercent === undefined ? undefined : latestTaken(state, 'stop')?.stopPrice;
  if (plan.trailPercent !== undefined && stopType === 'trailing_stop' && start === undefined) {
    return decidedOrder(state, 'stop', generation, {
      ...common,
      type: 'trailing_stop',
      trailPercent: plan.trailPercent,
    });
  }
  const planned = plannedStopPrice(state);
  if (planned === undefined) throw new Error('a stop is planned for a trade without a fill');
  const price = start === undefined ? planned : better(state, planned, decimal(start));
  // The corrected try after a refusal is the plainest form of the same protection.
  const asLimit = stopType === 'stop_limit' && (protection.refusals === 0 || plan.limitOffset === undefined);
  return decidedOrder(state, 'stop', generation, {
    ...common,
    type: asLimit ? 'stop_limit' : 'stop',
    stopPrice: price.toString(),
    ...(asLimit ? { limitPrice: stopLimitPrice(state, price).toString() } : {}),
  });
}

/** Whether the stop at the broker is the one the trade wants. */
export function isAsPlanned(state: TradeState, stop: TradeOrder, open: Decimal): boolean {
  if (!remainingOf(stop).equals(open)) return false;
  if (stop.stopPrice === undefined) return true;
  const { stopPrice, trailPercent } = state.plan;
  if (trailPercent !== undefined)
    return stop.request.type === 'trailing_stop' || !isTrailBehind(state, decimal(stop.stopPrice));
  if (stopPrice === undefined) return true;
  // As it stands, or as it was asked for: the broker may have rounded it to a tick of its own.
  return [stop.stopPrice, stop.request.stopPrice].some((price) => price && decimal(price).equals(decimal(stopPrice)));
}

// ------------------------------------------------------------------ waiting

function lookOrWait(state: TradeState, now: number): Action {
  if (state.monitor.lookWanted || state.monitor.nextLookAt <= now) return { kind: 'look' };
  return { kind: 'wait', until: nextWakeUp(state, now) };
}

/** When a refused closing order may be tried again. */
export function closeRetryAt(now: number): number {
  return now + CLOSE_RETRY_MS;
}
