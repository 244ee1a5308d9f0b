/**
 * The broker keeps refusing to close the position. After three refusals a person is asked, the stop goes back, and the next
 * try waits: an order every half minute would change nothing.
 */
import { tradingDay } from '../calendar.js';
import type { Refusal } from '../order.js';
import { needAttention, VANISHED } from './attention.js';
import { isThroughStop, plannedStopPrice } from './exit-prices.js';
import { type Closing, closingQuotePrice, type TradeState } from './state.js';
import type { ExitReason } from './status.js';

/** Pause between the first tries (a halt, a closed market). */
const RETRY_MS = 30_000;
const REFUSALS_BEFORE_A_PERSON = 3;
/** Refusals in ever other words count as well. */
const MOST_REFUSALS = 6;
const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 15 * MINUTE_MS;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;
/** These follow from the price: whether the position must still be closed then, the next look shows. */
const REASONS_OF_PRICE: readonly ExitReason[] = ['stop', 'trailing', 'target', 'unprotected'];

/** One more refusal: another try soon, or a person and a long pause. */
export function countRefusedExit(state: TradeState, closing: Closing, refusal: Refusal, now: number): void {
  const words = wordsOf(refusal);
  closing.refusals = closing.words === words ? closing.refusals + 1 : 1;
  closing.tries = (closing.tries ?? 0) + 1;
  closing.words = words;
  closing.retryAt = now + RETRY_MS;
  const isFinal = closing.refusals >= REFUSALS_BEFORE_A_PERSON || closing.tries >= MOST_REFUSALS;
  if (isFinal || state.refusedExit !== undefined) holdExit(state, closing, refusal, now);
}

/** The same refusal of another order says the same: ids, prices and quantities do not count. */
function wordsOf({ code, message }: Refusal): string {
  return `${code} ${message.replace(/\S*\d\S*/g, '#')}`.slice(0, 200);
}

function holdExit(state: TradeState, { reason, by }: Closing, { code }: Refusal, now: number): void {
  const holds = (state.refusedExit?.holds ?? 0) + 1;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (holds - 1), LONGEST_PAUSE_MS);
  state.refusedExit = { reason, holds, nextTryAt: now + pause, ...(by !== undefined && { by }), ...marketNow(state) };
  delete state.closing;
  needAttention(
    state,
    {
      code: 'exit_refused',
      message: `The broker keeps refusing to close the position (${code}). Arbion puts the stop back and tries again every 15 to 60 minutes, and at each new session. Close the trade again when the cause is gone.`,
    },
    now,
  );
}

function marketNow({ monitor, request }: TradeState): { day?: string; halted?: boolean; outside?: boolean } {
  const { marketTime, halted, session } = monitor;
  return {
    ...(session !== undefined && session !== 'regular' && { outside: true }),
    ...(marketTime !== undefined && { day: tradingDay(request.assetClass, marketTime) }),
    ...(halted && { halted }),
  };
}

/** Whether the way out is refused for now: nothing is closed before the next try is due. */
export function isExitHeld(state: TradeState, now: number): boolean {
  const held = state.refusedExit;
  return held !== undefined && now < held.nextTryAt && !isNewSession(state) && !hasResumed(state);
}

function isNewSession({ refusedExit, monitor, request }: TradeState): boolean {
  if (monitor.session !== 'regular' || monitor.marketTime === undefined) return false;
  if (refusedExit?.outside) return true;
  return refusedExit?.day !== undefined && tradingDay(request.assetClass, monitor.marketTime) !== refusedExit.day;
}

function hasResumed({ refusedExit, monitor }: TradeState): boolean {
  return refusedExit?.halted === true && monitor.halted !== true;
}

/** While the way out is refused, a stop that the market is through already would only be refused as well. */
export function wouldStopBeThrough(state: TradeState): boolean {
  if (state.refusedExit === undefined || state.monitor.wideLooks !== undefined) return false;
  const [stop, price] = [plannedStopPrice(state), closingQuotePrice(state)];
  return stop !== undefined && price !== undefined && isThroughStop(state, price, stop);
}

/** What is to be tried again now; undefined while it waits, and where the price decides anew. */
export function exitToRetry(state: TradeState, now: number): { reason: ExitReason; by?: string } | undefined {
  const held = state.refusedExit;
  if (held === undefined || state.closing || isExitHeld(state, now)) return undefined;
  if ([VANISHED, 'suspected_split'].includes(state.attention?.code ?? '')) return undefined;
  return REASONS_OF_PRICE.includes(held.reason) ? undefined : held;
}
