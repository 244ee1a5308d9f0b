/** When the trade looks next, at what, and when it wakes up. */
import { VANISHED } from './attention.js';
import { nextSessionAt } from './day-stops.js';
import { explanationEndsAt } from './position.js';
import { coverReportDueAt, isCoverUnsure } from './protection.js';
import { isActive, type TradeOrder, type TradeState } from './state.js';
import type { Step } from './step.js';

/** The wait until the first look at an order that works. */
const FIRST_POLL_MS = 1_000;
/** The wait between looks while something is to be confirmed. */
const CONFIRM_POLL_MS = 5_000;
/** An order that ended is still read for so long: a fill may be reported after its cancel. */
export const LATE_FILLS_MS = 120_000;
const FOREVER_MS = 24 * 3_600_000;

// ------------------------------------------------------------------ decisions

export function lookOrWait(state: TradeState, now: number): Step {
  if (state.monitor.lookWanted || state.monitor.nextLookAt <= now) return { kind: 'look' };
  return { kind: 'wait', until: nextWakeUp(state, now) };
}

/** The time at which `nextStep` would answer something else if nothing happened. */
function nextWakeUp(state: TradeState, now: number): number {
  const { monitor, closing, protection } = state;
  const orders = state.orders.filter(isActive);
  const times = [
    monitor.nextLookAt,
    explanationEndsAt(state),
    ...orders.flatMap(({ lookup, again, cancel }) => [lookup?.nextAt, again?.nextAt, cancel?.nextAt]),
    closing?.retryAt,
    state.refusedExit?.nextTryAt,
    protection.retryAt,
    coverReportDueAt(state),
  ];
  const later = times.filter((time) => time !== undefined && time > now) as number[];
  return Math.max(now, Math.min(now + FOREVER_MS, ...later));
}

// ------------------------------------------------------------------ the pace of the looks

/** What is asked for from here on needs another look: this one may have read already. */
export function beginLooking({ monitor }: TradeState, now: number): void {
  monitor.lookWanted = false;
  monitor.lookBegunAt = now;
}

/**
 * When to look next. Looks at the monitor's pace fall on a grid of the trade's own phase: a late one does not shift
 * those that follow, and trades that were opened together do not look together for the rest of their lives.
 */
export function scheduleLook(state: TradeState, now: number): void {
  const { monitor, settings } = state;
  const interval = settings.monitorIntervalMs;
  const pause = pollPause(state);
  monitor.pollMs = pause;
  const next = pause < interval ? now + pause : nextOnGrid(state, interval, now);
  monitor.nextLookAt = Math.min(next, nextSessionAt(state, now) ?? next, exitLookAt(state, now));
}

/** The wait until the next look: quickly while an order works and something may change, else at the monitor's pace. */
function pollPause(state: TradeState): number {
  const changing = state.orders.some(
    (order) => isActive(order) && (order.leg !== 'stop' || order.cancel !== undefined),
  );
  const { breachedSince, unexplained, doubtful } = state.monitor;
  const isAsked = state.attention?.code === VANISHED;
  const confirming = breachedSince !== undefined || (unexplained !== undefined && !isAsked) || doubtful !== undefined;
  const interval = state.settings.monitorIntervalMs;
  if (confirming && !changing) return Math.min(interval, CONFIRM_POLL_MS);
  if (!changing) return interval;
  const longest = isCoverUnsure(state) ? Math.min(interval, CONFIRM_POLL_MS) : interval;
  return Math.min(longest, Math.max(FIRST_POLL_MS, state.monitor.pollMs * 2));
}

/** A time exit may have one minute: when it is due, if the market's time goes on as the workflow's does. */
function exitLookAt({ plan, monitor, closing }: TradeState, now: number): number {
  const left = closing ? undefined : plan.exitsBy && plan.exitsBy - (monitor.marketTime ?? plan.exitsBy);
  return left && left > 0 ? now + Math.max(left, FIRST_POLL_MS) : Number.POSITIVE_INFINITY;
}

/** Something may happen at any moment: the looks begin again at their quickest, whatever the last wait was. */
export function watchClosely({ monitor }: TradeState, now: number): void {
  monitor.pollMs = 0;
  monitor.nextLookAt = Math.min(monitor.nextLookAt, now + FIRST_POLL_MS);
}

/** The broker was not asked, so a look is due all the same; the budget has room again within seconds. */
export function lookAgainSoon({ monitor }: TradeState, now: number): void {
  monitor.nextLookAt = Math.min(monitor.nextLookAt, now + CONFIRM_POLL_MS);
}

function nextOnGrid(state: TradeState, interval: number, now: number): number {
  const phase = Number.parseInt(state.id.slice(0, 8), 16) % interval;
  return phase + (Math.floor((now - phase) / interval) + 1) * interval;
}

/** Orders of which a read can still bring something new. */
export function watchedOrders(state: TradeState, now: number): TradeOrder[] {
  return state.orders.filter((order) => {
    if (order.brokerOrderId === undefined) return false;
    if (order.state !== 'done') return true;
    return order.status !== 'filled' && now - (order.doneAt ?? 0) < LATE_FILLS_MS;
  });
}
