/** What the exchange's hours mean for a trade at an instant: whether it trades now, and what waits until when. */
import { nextOpen, sessionAt } from '../calendar.js';
import { decimal } from '../decimal.js';
import type { MarketSession } from '../market.js';
import { isFinalStatus } from './status.js';
import type { TradeView } from './view.js';

/** Times are ISO 8601, UTC, of the trade's market. */
export interface MarketStanding {
  /** null when the market's time is unknown */
  marketSession: MarketSession | null;
  /** when the entry, or the order that closes the trade, may fill at the earliest; null when it may now, or none works */
  waitsUntil: string | null;
  /** from when the stop of what is held can be triggered; null when it can now, or nothing is held */
  stopActiveFrom: string | null;
}

export const UNKNOWN_STANDING: MarketStanding = { marketSession: null, waitsUntil: null, stopActiveFrom: null };

/** @param marketTime epoch milliseconds */
export function marketStanding(view: TradeView, marketTime: number): MarketStanding {
  const { assetClass, symbol, status } = view;
  const marketSession = sessionAt(assetClass, marketTime, symbol);
  if (marketSession === 'regular' || isFinalStatus(status))
    return { marketSession, waitsUntil: null, stopActiveFrom: null };
  const opensAt = nextOpen(assetClass, marketTime);
  const isStopOnly = status !== 'closing' && decimal(view.openQuantity).isPositive();
  return {
    marketSession,
    waitsUntil: isoOf(status === 'closing' ? opensAt : entryWaitsUntil(view, marketSession, marketTime)),
    stopActiveFrom: isoOf(isStopOnly ? opensAt : undefined),
  };
}

/** An order for extended hours trades before and after the regular session, too. */
function entryWaitsUntil(view: TradeView, marketSession: MarketSession, marketTime: number): number | undefined {
  const { assetClass, session, remainingQuantity } = view;
  if (!decimal(remainingQuantity).isPositive()) return undefined;
  if (session === 'regular') return nextOpen(assetClass, marketTime);
  return marketSession === 'closed' ? nextOpen(assetClass, marketTime, session) : undefined;
}

function isoOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
