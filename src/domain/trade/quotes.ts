/** Which quotes may be believed, and what follows from the price: the stop, the target, the trail. */
import { type Decimal, type DecimalString, decimal } from '../decimal.js';
import type { MarketLook, Quote } from '../market.js';
import { startClosing, stopReason } from './closing.js';
import { better, hasReachedTarget, isThroughStop, plannedStopPrice, plannedTargetPrice } from './exit-prices.js';
import { alert } from './report.js';
import { holdForSplit } from './splits.js';
import { activeOrder, brokerCover, type TradeState, totals } from './state.js';
import { judgedPrice } from './wide-quotes.js';

/** A price further than this from the one before is not believed until it is seen again. */
const ABSURD_CHANGE = decimal('0.5');
/** With a stop at the broker, two good quotes through it, so far apart, are needed before Arbion sells itself. */
const BREACH_CONFIRM_MS = 5_000;
/** A person is alerted when no usable quote was seen for so long. */
export const QUIET_ALERT_MS = 90_000;

// ------------------------------------------------------------------ which quotes may be believed

type QuoteVerdict = 'good' | 'missing' | 'stale' | 'crossed' | 'absurd' | 'suspected_split';

/**
 * Whether a decision may be based on this quote. Only `good` ones may; the others never close a position by themselves. A
 * quote far from the last good one is believed when another one, not the same read again, says the same.
 */
function judgeQuote(look: MarketLook, seen: { quote?: Quote; doubtful?: Quote; jumpAccepted?: boolean }): QuoteVerdict {
  const { quote } = look;
  if (quote?.suspectedSplit && !seen.jumpAccepted) return 'suspected_split';
  if (!isTwoSided(quote)) return 'missing';
  if (decimal(quote.bid).greaterThan(decimal(quote.ask))) return 'crossed';
  if (look.marketTime - quote.at > look.staleAfterMs) return 'stale';
  if (!seen.quote || isNear(quote, seen.quote)) return 'good';
  const isConfirmed = seen.doubtful !== undefined && seen.doubtful.at !== quote.at && isNear(quote, seen.doubtful);
  return isConfirmed ? 'good' : 'absurd';
}

type TwoSided = Quote & { bid: DecimalString; ask: DecimalString };

function isTwoSided(quote: Quote | undefined): quote is TwoSided {
  if (quote?.bid === undefined || quote.ask === undefined) return false;
  return decimal(quote.bid).isPositive() && decimal(quote.ask).isPositive();
}

function isNear(quote: TwoSided, other: Quote): boolean {
  return isNearPrice(quote.bid, other.bid) && isNearPrice(quote.ask, other.ask);
}

function isNearPrice(price: DecimalString, other: DecimalString | undefined): boolean {
  if (other === undefined) return true;
  const before = decimal(other);
  return decimal(price).minus(before).absolute().atMost(before.times(ABSURD_CHANGE));
}

// ------------------------------------------------------------------ what follows from the price

export function applyPrice(state: TradeState, market: MarketLook, now: number): void {
  const { monitor } = state;
  if (!totals(state).open.isPositive() || market.session !== 'regular') {
    delete monitor.breachedSince;
    delete monitor.quietSince;
    return;
  }
  const verdict = judgeQuote(market, monitor);
  if (verdict === 'suspected_split') holdForSplit(state, now);
  else if (verdict === 'good' && market.quote) applyGoodQuote(state, market.quote, market.marketTime, now);
  else {
    if (verdict === 'absurd' && market.quote) monitor.doubtful = market.quote;
    reportQuiet(state, verdict, market.marketTime, now);
  }
}

function applyGoodQuote(state: TradeState, quote: Quote, marketTime: number, now: number): void {
  const { monitor } = state;
  const before = monitor.quote;
  monitor.quote = quote;
  delete monitor.doubtful;
  delete monitor.quietSince;
  followTrail(state, quote);
  const price = judgedPrice(state, quote, before);
  if (price === undefined || state.attention?.code === 'suspected_split') return;
  checkStop(state, price, marketTime, now);
  const target = plannedTargetPrice(state);
  if (target && hasReachedTarget(state, price, target)) startClosing(state, 'target', now);
}

/** A trail follows the last trade, unless that is nowhere near the quote; it never moves back. */
function followTrail(state: TradeState, quote: Quote): void {
  if (state.plan.trailPercent === undefined || quote.last === undefined) return;
  if (!isNearPrice(quote.last, quote.bid)) return;
  const best = state.protection.trailBest;
  const last = decimal(quote.last);
  state.protection.trailBest = (best === undefined ? last : better(state, decimal(best), last)).toString();
}

/** A stop that works at the broker is given time to do its work; one that the workflow emulates acts at once. */
function checkStop(state: TradeState, price: Decimal, marketTime: number, now: number): void {
  const { monitor } = state;
  const native = activeOrder(state, 'stop');
  const stop = native?.stopPrice !== undefined ? decimal(native.stopPrice) : plannedStopPrice(state);
  if (stop === undefined || !isThroughStop(state, price, stop)) {
    delete monitor.breachedSince;
    return;
  }
  const isFilling = native?.triggered && native.request.type !== 'stop_limit';
  if (isFilling) return;
  const isWorking = native?.state === 'live' && !native.triggered;
  const isPartlyEmulated = brokerCover(state).lessThan(totals(state).open);
  if (!isWorking || isPartlyEmulated) {
    startClosing(state, stopReason(state), now);
    return;
  }
  monitor.breachedSince ??= { marketTime, at: now };
  const isConfirmed = elapsedSince(monitor.breachedSince, marketTime, now) >= BREACH_CONFIRM_MS;
  if (isConfirmed) startClosing(state, stopReason(state), now);
}

function reportQuiet(state: TradeState, verdict: QuoteVerdict, marketTime: number, now: number): void {
  const { monitor } = state;
  monitor.quietSince ??= { marketTime, at: now };
  if (elapsedSince(monitor.quietSince, marketTime, now) < QUIET_ALERT_MS) return;
  const stop = activeOrder(state, 'stop')?.state === 'live' ? 'Its stop is still working; ' : '';
  const message = `There has been no usable quote of ${state.request.symbol} for 90 s (${verdict.replace('_', ' ')}). ${stop}Arbion waits for quotes.`;
  alert(state, 2, 'market_data_unavailable', message, `${monitor.quietSince.at}`);
}

/** In a replay market time runs faster than the workflow's, and it stands still when a test moves the market. */
function elapsedSince(since: { marketTime: number; at: number }, marketTime: number, now: number): number {
  return Math.max(marketTime - since.marketTime, now - since.at);
}
