/** What the state notes when a send or a cancel begins and when it ends, so that a crash in between finds it written down. */
import { watchClosely } from './polling.js';
import type { TradeOrder, TradeState } from './state.js';

const CANCEL_AGAIN_MS = 5_000;
/** Pauses between sends that certainly did not reach the broker. */
const SEND_AGAIN_PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];

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

export function beginCancelling(state: TradeState, order: TradeOrder, now: number): void {
  watchClosely(state, now);
  order.endedByUs = true;
  order.cancel = { askedAt: order.cancel?.askedAt ?? now, nextAt: now + CANCEL_AGAIN_MS };
}

/** The request was made, or its answer lost: the next read shows whether the order has ended. */
export function endCancelling(state: TradeState, order: TradeOrder, now: number): void {
  if (order.cancel) order.cancel.nextAt = now + CANCEL_AGAIN_MS;
  if (order.state === 'live') state.monitor.lookWanted = true;
}
