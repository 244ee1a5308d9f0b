import type { MarketSource } from '../market-data/market.js';

/** Faster than this the server cannot wake a trade anyway. */
const SHORTEST_MS = 20;

/** The monitor's interval is market time: at a replay's speed it shrinks; a market that stands still is looked at as usual. */
export function monitorInterval(intervalMs: number, source: MarketSource): number {
  if (source.kind !== 'replay' || source.speed <= 0) return intervalMs;
  return Math.max(SHORTEST_MS, Math.round(intervalMs / source.speed));
}
