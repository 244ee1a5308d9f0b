/** What the state notes when a deed begins and when it ends, so that a crash in between finds it written down. */
import { FIRST_POLL_MS, pollPause } from './next-action.js';
import { lookupPause } from './order-facts.js';
import type { TradeOrder, TradeState } from './state.js';

const CANCEL_AGAIN_MS = 5_000;
/** Pauses between sends that certainly did not reach the broker. */
const SEND_AGAIN_PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** An order that ended is still read for so long: a fill may be reported after its cancel. */
const TOMBSTONE_MS = 120_000;

/** The order goes into the state before anything is written or sent. */
export function beginPlacing(state: TradeState, order: TradeOrder, now: number): void {
  if (!state.orders.includes(order)) state.orders.push(order);
  if (order.leg !== 'stop') watchClosely(state, now);
  if (order.leg === 'exit' && state.monitor.held !== undefined) order.heldBefore = state.monitor.held;
  const change = state.entryChange;
  if (order.leg === 'entry' && change?.step === 'approved') change.sentAs = order.request.clientOrderId;
}

/** An order that is still only decided after its send did not reach the broker: it is sent again, ever less often. */
export function endPlacing(order: TradeOrder, now: number): void {
  if (order.state !== 'decided') {
    delete order.again;
    return;
  }
  const tries = order.again?.tries ?? 0;
  const pause = SEND_AGAIN_PAUSES_MS[Math.min(tries, SEND_AGAIN_PAUSES_MS.length - 1)] ?? 30_000;
  order.again = { nextAt: now + pause, tries: tries + 1 };
}

/** The second and last send of the same body: its settle window begins anew. */
export function beginResending(order: TradeOrder, now: number): void {
  order.lookup = { nextAt: now + lookupPause(0), count: 0, since: now, resent: true };
}

export function beginCancelling(state: TradeState, order: TradeOrder, now: number): void {
  watchClosely(state, now);
  order.endedByUs = true;
  order.cancel = { askedAt: order.cancel?.askedAt ?? now, nextAt: now + CANCEL_AGAIN_MS };
}

/** The request was made, or its answer lost: the broker's word is the next read's. */
export function endCancelling(state: TradeState, order: TradeOrder, now: number): void {
  if (order.cancel) order.cancel.nextAt = now + CANCEL_AGAIN_MS;
  if (order.state === 'live') state.monitor.lookWanted = true;
}

/** What is asked for from here on needs another look: this one may have read already. */
export function beginLooking({ monitor }: TradeState, now: number): void {
  monitor.lookWanted = false;
  monitor.lookBegunAt = now;
}

/** One read said "not found" or more; from the first one on, the send can no longer reach the broker. */
export function countLookup(order: TradeOrder, now: number): void {
  const { lookup } = order;
  if (!lookup) return;
  if (lookup.count === 0) lookup.since = now;
  lookup.count += 1;
}

/** Ever slower, but not past the end of the settle window: what follows from it is not waited for any longer. */
export function scheduleLookup(state: TradeState, order: TradeOrder, now: number): void {
  const { lookup } = order;
  if (!lookup) return;
  const slower = now + lookupPause(lookup.count);
  const windowEnd = lookup.since + state.capabilities.settleWindowMs;
  lookup.nextAt = windowEnd > now ? Math.min(slower, windowEnd) : slower;
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
  monitor.nextLookAt = pause < interval ? now + pause : nextOnGrid(state, interval, now);
}

/**
 * Whether something is to follow from the position, so that the broker is asked for the other trades' orders, too. Where it
 * does not know our ids, what was held before and after tells whether a lost closing order has sold.
 */
export function isPositionInDoubt({ monitor, closing, capabilities }: TradeState): boolean {
  return monitor.unexplained !== undefined || (closing !== undefined && !capabilities.findsById);
}

/** Orders whose state at the broker can still bring news. */
export function watchedOrders(state: TradeState, now: number): TradeOrder[] {
  return state.orders.filter((order) => {
    if (order.brokerOrderId === undefined) return false;
    if (order.state !== 'done') return true;
    return order.status !== 'filled' && now - (order.doneAt ?? 0) < TOMBSTONE_MS;
  });
}

/** Something may happen at any moment: the looks begin again at their quickest, whatever the last wait was. */
function watchClosely({ monitor }: TradeState, now: number): void {
  monitor.pollMs = 0;
  monitor.nextLookAt = Math.min(monitor.nextLookAt, now + FIRST_POLL_MS);
}

function nextOnGrid(state: TradeState, interval: number, now: number): number {
  const phase = Number.parseInt(state.id.slice(0, 8), 16) % interval;
  return phase + (Math.floor((now - phase) / interval) + 1) * interval;
}
