/** The stop: where it is placed, when it is moved, what follows when it is refused or gone, and the time without one. */
import { type Decimal, decimal } from '../decimal.js';
import { isFinal, sidesOf } from '../order.js';
import { needAttention, VANISHED } from './attention.js';
import { startClosing, stopReason } from './closing.js';
import { endedWithSession, isBetweenSessions } from './day-stops.js';
import { better, isTrailBehind, plannedStopPrice, stopLimitPrice } from './exit-prices.js';
import { newOrder, orderData, orderKey } from './new-order.js';
import { mayBeSoldElsewhere } from './position.js';
import { isExitHeld, wouldStopBeThrough } from './refused-exit.js';
import { isDueForRenewal } from './renewal.js';
import { alert, note } from './report.js';
import {
  activeOrder,
  brokerCover,
  hasUnknownOrder,
  isActive,
  latestTaken,
  nextGeneration,
  remainingOf,
  type TradeOrder,
  type TradeState,
  totals,
  tradable,
} from './state.js';
import { cancelStep, placeDecided, type Step } from './step.js';

/** The longest time a filled share may be without cover before a person is alerted. */
const UNPROTECTED_BOUND_MS = 10_000;
/** The longest time in which cover may have ended, or a share been filled, before a person is alerted. */
const UNSURE_BOUND_MS = 30_000;
const OVERSOLD_TRIES = 2;
/** Two looks at the position lie within this time. */
const POSITION_READ_MS = 6_000;

// ------------------------------------------------------------------ decisions

/** Keeps the stop's quantity equal to the open quantity, and its price as planned. It is moved by cancelling it first. */
export function protectStep(state: TradeState, now: number): Step | undefined {
  const { capabilities, protection } = state;
  if (capabilities.stopType === 'none' || protection.emulated || hasUnknownOrder(state, 'stop')) return undefined;
  if (state.attention?.code === 'suspected_split') return undefined;
  if (protection.retryAt !== undefined && protection.retryAt > now) return undefined;
  const stop = activeOrder(state, 'stop');
  if (!stop) return mayPlaceStop(state, now) ? { kind: 'place', order: plannedStop(state) } : undefined;
  if (stop.state === 'decided') return placeDecided(stop, now);
  if (stop.triggered || !stop.status || isFinal(stop.status)) return undefined;
  return isAsPlanned(state, stop) && !isDueForRenewal(state, stop, now) ? undefined : cancelStep(stop, now);
}

function mayPlaceStop(state: TradeState, now: number): boolean {
  if (!state.capabilities.stopBesideEntry && activeOrder(state, 'entry')) return false;
  if (isBetweenSessions(state) || wasCancelledOvernight(state) || !tradable(state).isPositive()) return false;
  return (
    ![VANISHED, 'stop_missing'].includes(state.attention?.code ?? '') &&
    !mayBeSoldElsewhere(state, now) &&
    !wouldStopBeThrough(state)
  );
}

/** Before the first look of the session shows whether it was a split: brokers cancel stops in reverse ones. */
function wasCancelledOvernight(state: TradeState): boolean {
  const { sessionEnd, session } = state.monitor;
  const stop = latestTaken(state, 'stop');
  return sessionEnd !== undefined && session !== 'regular' && stop?.status === 'cancelled' && !stop.endedByUs;
}

function plannedStop(state: TradeState): TradeOrder {
  const { plan, protection, capabilities } = state;
  const generation = nextGeneration(state, 'stop');
  const common = {
    side: sidesOf(state.request.side).closing,
    quantity: tradable(state).toString(),
    timeInForce: capabilities.stopTimeInForce ?? 'gtc',
    session: 'regular',
  } as const;
  // A trail never goes back, and a broker's trail starts at the market: what takes its place is a stop that we move.
  const start = plan.trailPercent === undefined ? undefined : latestTaken(state, 'stop')?.stopPrice;
  const mayTrail = capabilities.stopType === 'trailing_stop' && start === undefined && !protection.opposed;
  if (plan.trailPercent !== undefined && mayTrail) {
    return newOrder(state, 'stop', generation, { ...common, type: 'trailing_stop', trailPercent: plan.trailPercent });
  }
  const planned = plannedStopPrice(state);
  if (planned === undefined) throw new Error('A stop is to be placed for a trade without a fill.');
  const price = start === undefined ? planned : better(state, planned, decimal(start));
  // The corrected try after a refusal is the plainest form of the same protection.
  const asLimit =
    protection.opposed ||
    (capabilities.stopType === 'stop_limit' && (protection.refusals === 0 || plan.limitOffset === undefined));
  return newOrder(state, 'stop', generation, {
    ...common,
    type: asLimit ? 'stop_limit' : 'stop',
    stopPrice: price.toString(),
    ...(asLimit ? { limitPrice: stopLimitPrice(state, price).toString() } : {}),
  });
}

/** Whether the stop at the broker is the one the trade wants. */
function isAsPlanned(state: TradeState, stop: TradeOrder): boolean {
  if (!remainingOf(stop).equals(tradable(state))) return false;
  if (stop.stopPrice === undefined) return true;
  const { stopPrice, trailPercent } = state.plan;
  if (trailPercent !== undefined)
    return stop.request.type === 'trailing_stop' || !isTrailBehind(state, decimal(stop.stopPrice));
  if (stopPrice === undefined) return true;
  // As it stands, or as it was asked for: the broker may have rounded it to a tick of its own.
  return [stop.stopPrice, stop.request.stopPrice].some((price) => price && decimal(price).equals(decimal(stopPrice)));
}

// ------------------------------------------------------------------ conclusions

export function concludeEndedStop(state: TradeState, order: TradeOrder, now: number): void {
  if (order.status === 'rejected') concludeRefusedStop(state, order, now);
  else if (!order.endedByUs) concludeMissingStop(state, order, now);
}

function concludeRefusedStop(state: TradeState, order: TradeOrder, now: number): void {
  const { protection } = state;
  const { code = 'refused', message = 'no reason given' } = order.refusal ?? {};
  state.monitor.lookWanted = true;
  // A run that was reset may learn of an old refusal while a later stop works.
  if ((latestTaken(state, 'stop')?.generation ?? 0) > order.generation) return;
  if (!totals(state).open.isPositive()) return;
  if (code === 'oversold' && protection.oversold < OVERSOLD_TRIES) {
    // Less is held than was filled, as where a fee is taken in coins: two looks at the position show how much.
    protection.oversold += 1;
    protection.retryAt = now + POSITION_READ_MS;
    return;
  }
  if (state.exitsChange?.step === 'asked') {
    refuseExitsChange(state, order);
    return;
  }
  if (isExitHeld(state, now)) {
    protection.retryAt = state.refusedExit?.nextTryAt ?? now;
    return;
  }
  protection.refusals += 1;
  // A stop that becomes a market order could meet any order of the other side; one with a limit is taken beside most.
  protection.opposed = code === 'opposite_order';
  if (code !== 'stop_through_market' && protection.refusals === 1) return;
  alert(state, 1, 'stop_refused', `The broker refused the stop (${code}): ${message}`, orderKey(order));
  if (code === 'stop_through_market') startClosing(state, stopReason(state), now);
  else if (state.request.onUnprotected === 'emulate') protection.emulated = true;
  else startClosing(state, 'unprotected', now);
}

/** The stop goes back to where it stood before the trader moved it: that one the broker took. */
function refuseExitsChange(state: TradeState, order: TradeOrder): void {
  const change = state.exitsChange;
  if (!change) return;
  state.plan = change.previous;
  change.step = 'refused';
  change.reason = order.refusal ?? { code: 'refused', message: 'The broker refused the new stop.' };
}

/** The stop ended at the broker, and not because of us. */
function concludeMissingStop(state: TradeState, order: TradeOrder, now: number): void {
  if (state.closing || !totals(state).open.isPositive() || endedWithSession(order)) return;
  note(state, now, 'stop_missing', orderKey(order), orderData(order));
  const message = `The stop of ${state.request.symbol} was ${order.status ?? 'ended'} at the broker, not by Arbion.`;
  alert(state, 1, 'stop_missing', message, orderKey(order));
  if (state.request.onStopMissing === 'restore' || state.attention?.code === 'suspected_split') return;
  needAttention(
    state,
    {
      code: 'stop_missing',
      message: 'There is no stop at the broker any more. Arbion watches the price. Set a stop or close the trade.',
    },
    now,
  );
}

export function concludeExitsChange(state: TradeState, now: number): void {
  const change = state.exitsChange;
  if (change?.step !== 'asked') return;
  if (state.closing) {
    change.step = 'refused';
    change.reason = { code: 'invalid-state', message: 'The trade is being closed.' };
  } else if (change.isOfTime || areExitsAsPlanned(state)) {
    change.step = 'done';
    const { stopPrice = null, targetPrice: takeProfitPrice = null, exitsBy } = state.plan;
    // Not by the time: a workflow task that is run again at a boundary between runs does this again later.
    const key = `${change.number ?? now}:${stopPrice}:${takeProfitPrice}`;
    const isLater = exitsBy !== change.previous.exitsBy;
    const exit = isLater && { exitsBy: exitsBy === undefined ? null : new Date(exitsBy).toISOString() };
    note(state, now, 'exits_adjusted', key, { stopPrice, takeProfitPrice, ...exit });
  }
}

function areExitsAsPlanned(state: TradeState): boolean {
  const stop = activeOrder(state, 'stop');
  const isNativeDone = stop?.state === 'live' && isAsPlanned(state, stop);
  return !totals(state).open.isPositive() || state.protection.emulated || isBetweenSessions(state) || isNativeDone;
}

/**
 * Whether there may be shares without cover, though none are known to be: the broker has not said what became of a market
 * order in an open market, of an entry that is being sent or whose answer was lost, or of a stop or entry that is being
 * cancelled.
 */
export function isCoverUnsure({ orders, monitor }: TradeState): boolean {
  const { session = 'regular', halted } = monitor;
  if (session !== 'regular' || halted) return false;
  return orders.some((order) => isActive(order) && mayHaveEnded(order));
}

function mayHaveEnded({ leg, request, state, cancel, again }: TradeOrder): boolean {
  // It certainly did not reach the broker, and waits for another try.
  if (again !== undefined) return false;
  if (leg === 'stop') return cancel !== undefined;
  return request.type === 'market' || (leg === 'entry' && (state !== 'live' || cancel !== undefined));
}

/** When a person is to be alerted if nothing happens. */
export function coverReportDueAt({ protection }: TradeState): number | undefined {
  const { uncoveredSince, unsure } = protection;
  if (uncoveredSince !== undefined) return uncoveredSince + UNPROTECTED_BOUND_MS;
  return unsure && unsure.since + UNSURE_BOUND_MS;
}

function concludeUnsureCover(state: TradeState, now: number): void {
  const { protection, request } = state;
  if (!isCoverUnsure(state)) {
    delete protection.unsure;
    return;
  }
  protection.unsure ??= { since: now, reported: false };
  const { since, reported } = protection.unsure;
  if (reported || now - since < UNSURE_BOUND_MS) return;
  protection.unsure.reported = true;
  const message = `An order of ${request.symbol} has been without an outcome at the broker for 30 s: some of the position may have no stop. Arbion keeps asking.`;
  alert(state, 1, 'cover_unsure', message, `${since}`);
}

/** Whether the broker holds less cover than the trade holds shares, in a session in which it could hold it. */
export function isUncovered(state: TradeState): boolean {
  const { open } = totals(state);
  return open.isPositive() && !brokerCover(state).atLeast(tradable(state)) && !isBetweenSessions(state);
}

/** Measures the time in which the broker held less cover than the trade holds shares. */
export function concludeCover(state: TradeState, now: number): void {
  concludeUnsureCover(state, now);
  const { protection } = state;
  const { open } = totals(state);
  if (isUncovered(state)) {
    protection.uncoveredSince ??= now;
    const isTooLong = now - protection.uncoveredSince >= UNPROTECTED_BOUND_MS;
    if (isTooLong && !protection.boundReported) reportUncovered(state, now);
    return;
  }
  if (protection.uncoveredSince !== undefined) protection.unprotectedMs += now - protection.uncoveredSince;
  delete protection.uncoveredSince;
  delete protection.boundReported;
  const stop = activeOrder(state, 'stop');
  if (stop?.state === 'live' && open.isPositive()) reportCovered(state, stop, open, now);
}

function reportCovered(state: TradeState, stop: TradeOrder, open: Decimal, now: number): void {
  const { protection } = state;
  protection.refusals = 0;
  protection.oversold = 0;
  delete protection.opposed;
  const key = `${orderKey(stop)}:${open}`;
  if (protection.reported === key) return;
  protection.reported = key;
  const stopPrice = stop.stopPrice === undefined ? null : decimal(stop.stopPrice).toString();
  note(state, now, 'protected', key, { quantity: open.toString(), stopPrice, kind: 'broker' });
}

function reportUncovered(state: TradeState, now: number): void {
  state.protection.boundReported = true;
  const key = `${state.protection.uncoveredSince}`;
  const quantity = totals(state).open.toString();
  note(state, now, 'unprotected', key, { quantity });
  const message = `${quantity} ${state.request.symbol} have had no stop at the broker for 10 s. Arbion watches the price.`;
  alert(state, 1, 'unprotected', message, key);
}
