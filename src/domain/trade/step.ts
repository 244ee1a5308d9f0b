import type { TradeOrder } from './state.js';
import type { ExitReason, Reason, TradeStatus } from './status.js';

/** What the trade does next. It does one thing at a time. */
export type Step =
  | { kind: 'admit' }
  /** `order` is not in the state yet, or is there as `decided`: it goes in before anything is sent */
  | { kind: 'place'; order: TradeOrder }
  /** the risk check of a changed entry */
  | { kind: 'approve' }
  | { kind: 'cancel'; order: TradeOrder }
  /** looks for an unknown order; `resend`: the absence window is over and the broker refuses repeats */
  | { kind: 'resolve'; order: TradeOrder; resend: boolean }
  | { kind: 'look' }
  | { kind: 'wait'; until: number }
  | { kind: 'finish'; status: TradeStatus; exitReason?: ExitReason; reason?: Reason };

/** Sends an order that was decided before. */
export function placeDecided(order: TradeOrder, now: number): Step | undefined {
  return order.again && order.again.nextAt > now ? undefined : { kind: 'place', order };
}

export function cancelStep(order: TradeOrder, now: number): Step | undefined {
  return order.cancel && order.cancel.nextAt > now ? undefined : { kind: 'cancel', order };
}

/** Cancels an order that works at the broker; one whose outcome is unknown is looked for first. */
export function cancelWorking(order: TradeOrder, now: number): Step | undefined {
  return order.state === 'live' ? cancelStep(order, now) : undefined;
}
