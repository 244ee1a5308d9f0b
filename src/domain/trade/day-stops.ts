/**
 * Stops where a broker takes orders of an asset class for the day only, as Alpaca does for options: the stop ends with each
 * session and is put in again when the next one opens. In between nothing can be bought or sold.
 */
import { nextOpen } from '../calendar.js';
import type { TradeOrder, TradeState } from './state.js';

function hasDayStops({ capabilities }: TradeState): boolean {
  return capabilities.stopTimeInForce === 'day';
}

/** Whether the market of a trade with day stops is closed: there is no stop, and none is missing. */
export function isBetweenSessions(state: TradeState): boolean {
  const { session } = state.monitor;
  return hasDayStops(state) && session !== undefined && session !== 'regular';
}

/** Whether a stop ended with its session, as it must. */
export function endedWithSession({ request, status }: TradeOrder): boolean {
  return request.timeInForce === 'day' && status === 'expired';
}

/** Workflow time of the next open, at which the trade looks at once; undefined while the market is open. */
export function nextSessionAt(state: TradeState, now: number): number | undefined {
  const { marketTime } = state.monitor;
  if (!isBetweenSessions(state) || marketTime === undefined) return undefined;
  return now + nextOpen(state.request.assetClass, marketTime) - marketTime;
}
