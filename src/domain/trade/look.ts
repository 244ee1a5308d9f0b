import { type Decimal, type DecimalString, decimal } from '../decimal.js';
import { priceTick } from '../instrument.js';
import type { MarketLook, Quote, Split } from '../market.js';
import {
  better,
  closingPrice,
  hasReachedTarget,
  isNearPrice,
  isThroughStop,
  judgeQuote,
  plannedStopPrice,
  plannedTargetPrice,
  type QuoteVerdict,
  roundStop,
  stopReason,
} from './exit-prices.js';
import { withSplit } from './ledger.js';
import { applyOrderFacts, type OrderFact } from './order-facts.js';
import {
  activeOrder,
  alert,
  brokerCover,
  isInDoubt,
  isLong,
  latestTaken,
  note,
  type TradeState,
  totals,
} from './state.js';
import type { ExitReason, Reason } from './status.js';

/** One look at the market and the broker, with what the database knows of the account's other trades. */
export interface TradeLook {
  market: MarketLook;
  /** the trade's orders that were asked for and changed */
  facts: OrderFact[];
  /** signed quantity that other open trades hold in the same account and symbol */
  othersOpen: DecimalString;
  /** whether those others have sold, or bought, is not known: an answer to a send of theirs was lost. Absent: nobody asked the broker */
  othersInDoubt?: boolean;
  /** they bought so recently that the position may lag behind it */
  othersEntered?: boolean;
  /** how many of them come before this trade when something is missing: the same shares are never taken off two */
  othersBefore?: number;
}

/** With a native stop resting, two good breached quotes so far apart are needed before the monitor sells itself. */
const BREACH_CONFIRM_MS = 5_000;
/** A position that our fills do not explain must be seen again so much later. */
const UNEXPLAINED_CONFIRM_MS = 5_000;
/** A person is told when no usable quote was seen for so long. */
const QUIET_ALERT_MS = 90_000;

/**
 * Takes over what a look has shown, and decides whether the position must be closed:
 * 1. splits first, because they change what every other number means;
 * 2. then the broker's word on the orders;
 * 3. then the position;
 * 4. then the price, and only a good one.
 */
export function applyLook(state: TradeState, look: TradeLook, now: number): void {
  const { market } = look;
  const { monitor } = state;
  monitor.lastLookAt = now;
  monitor.marketTime = market.marketTime;
  monitor.session = market.session;
  delete monitor.unreachableSince;
  for (const split of market.splits) applySplit(state, split, now);
  applyOrderFacts(state, look.facts, now);
  checkPosition(state, look, now);
  checkTimes(state, market, now);
  checkPrice(state, market, now);
}

/** The broker could not be asked: nothing is concluded from that, but a person is told when it lasts. */
export function applyFailedLook(state: TradeState, now: number): void {
  const { monitor } = state;
  monitor.lastLookAt = now;
  monitor.unreachableSince ??= now;
  if (now - monitor.unreachableSince < QUIET_ALERT_MS) return;
  alert(
    state,
    1,
    'broker_unreachable',
    `The broker could not be asked about ${state.request.symbol} for 90 s.`,
    `${monitor.unreachableSince}`,
  );
}

/** Wants the position closed. The first reason stays. */
export function wantClosed(state: TradeState, reason: ExitReason, now: number, by?: string): void {
  if (state.closing) return;
  state.closing = { reason, refusals: 0, ...(by === undefined ? {} : { by }) };
  state.stopEntering ??= { why: 'close' };
  note(state, now, 'closing', `${state.moves}:${reason}`, { reason, ...(by === undefined ? {} : { by }) });
}

export function needAttention(state: TradeState, reason: Reason, now: number): void {
  if (state.attention?.code === reason.code) return;
  state.attention = reason;
  note(state, now, 'attention', `${state.moves}:${reason.code}`, { code: reason.code, message: reason.message });
  alert(state, 1, reason.code, reason.message, `${state.moves}`);
}

function applySplit(state: TradeState, split: Split, now: number): void {
  const before = state.ledger;
  state.ledger = withSplit(state.ledger, split);
  if (state.ledger === before) return;
  const ratio = decimal(split.ratio);
  const { plan, protection, monitor } = state;
  if (plan.stopPrice !== undefined)
    plan.stopPrice = roundStop(state, decimal(plan.stopPrice).dividedBy(ratio)).toString();
  if (plan.targetPrice !== undefined) plan.targetPrice = onTick(state, decimal(plan.targetPrice).dividedBy(ratio));
  if (plan.limitOffset !== undefined) plan.limitOffset = onTick(state, decimal(plan.limitOffset).dividedBy(ratio));
  if (protection.trailBest !== undefined)
    protection.trailBest = decimal(protection.trailBest).dividedBy(ratio).toString();
  for (const order of state.orders) {
    // Of working ones the broker tells the new price itself.
    if (order.state === 'done' && order.stopPrice !== undefined)
      order.stopPrice = roundStop(state, decimal(order.stopPrice).dividedBy(ratio)).toString();
  }
  delete monitor.quote;
  delete monitor.doubtful;
  delete monitor.breachedSince;
  note(state, now, 'split', `${split.at}`, { ratio: split.ratio });
}

function onTick(state: TradeState, price: Decimal): DecimalString {
  return price.roundedToTick(priceTick(state.request.assetClass, price), 'half_even').toString();
}

/** Shares sold (or bought back) outside of Arbion shrink the trade; nothing is concluded from one look. */
function checkPosition(state: TradeState, look: TradeLook, now: number): void {
  const { monitor } = state;
  const { open } = totals(state);
  const held = decimal(look.market.position).minus(decimal(look.othersOpen));
  const ours = isLong(state) ? held : held.negated();
  monitor.held = ours.toString();
  monitor.heldIsCertain = look.othersInDoubt === false;
  const missing = open.minus(ours).min(open);
  if (!missing.isPositive() || mayHaveSold(state)) {
    delete monitor.unexplained;
    return;
  }
  const seen = monitor.unexplained;
  const { othersOpen } = look;
  const isTheSame =
    seen && decimal(seen.quantity).equals(missing) && decimal(seen.othersOpen).equals(decimal(othersOpen));
  if (!isTheSame) {
    monitor.unexplained = { quantity: missing.toString(), othersOpen, since: now };
    return;
  }
  const alone = decimal(look.othersOpen).isZero();
  // Another trade's shares may have left by its own stop: it knows at its next look, and a moment later so do we.
  const turns = alone ? 0 : 1 + (look.othersBefore ?? 0);
  const patience = UNEXPLAINED_CONFIRM_MS + turns * state.settings.monitorIntervalMs;
  // A look may take seconds: what it shows may have been read as it began, soon after the one before.
  const begunAt = monitor.lookBegunAt ?? now;
  if (begunAt - seen.since < patience || look.othersInDoubt || look.othersEntered) return;
  if (mayLagBehindEntry(state, begunAt)) return;
  delete monitor.unexplained;
  state.ledger.external.push({ quantity: missing.toString(), at: look.market.marketTime });
  note(state, now, 'external_change', `${state.ledger.external.length}`, { quantity: missing.toString() });
  alert(
    state,
    2,
    'external_change',
    `${missing} ${state.request.symbol} left the account without an order of this trade.`,
    `${state.ledger.external.length}`,
  );
}

/** A position may be told later than the fill that made it. It is not late when something else says the same. */
function mayLagBehindEntry(state: TradeState, begunAt: number): boolean {
  const stop = latestTaken(state, 'stop');
  const wasStopTakenAway = stop?.status === 'cancelled' && !stop.endedByUs;
  const wasRefusedAsOversold = state.protection.oversold > 0;
  if (wasStopTakenAway || wasRefusedAsOversold) return false;
  return begunAt - (state.monitor.enteredAt ?? 0) < state.capabilities.settleWindowMs;
}

/** An order of the trade's own explains what is missing, or may do so. */
function mayHaveSold(state: TradeState): boolean {
  return (
    activeOrder(state, 'exit') !== undefined ||
    activeOrder(state, 'stop')?.triggered === true ||
    isInDoubt(state, 'stop')
  );
}

function checkTimes(state: TradeState, market: MarketLook, now: number): void {
  const { request, plan } = state;
  if (request.entryExpiresAt !== undefined && market.marketTime >= request.entryExpiresAt) {
    if (activeOrder(state, 'entry')) state.stopEntering ??= { why: 'expired' };
  }
  const due = plan.exitAt !== undefined && market.marketTime >= plan.exitAt;
  if (due && market.session === 'regular') wantClosed(state, 'time', now);
}

function checkPrice(state: TradeState, market: MarketLook, now: number): void {
  const { monitor } = state;
  if (!totals(state).open.isPositive() || market.session !== 'regular') {
    delete monitor.breachedSince;
    delete monitor.quietSince;
    return;
  }
  const verdict = judgeQuote(market, monitor);
  if (verdict === 'suspected_split') {
    holdForSplit(state, now);
    return;
  }
  if (verdict !== 'good' || !market.quote) {
    if (verdict === 'absurd' && market.quote) monitor.doubtful = market.quote;
    noteQuiet(state, verdict, market.marketTime, now);
    return;
  }
  monitor.quote = market.quote;
  delete monitor.doubtful;
  delete monitor.quietSince;
  followTrail(state, market.quote);
  const price = closingPrice(state, market.quote);
  if (price === undefined || state.attention?.code === 'suspected_split') return;
  checkStop(state, price, market.marketTime, now);
  const target = plannedTargetPrice(state);
  if (target && hasReachedTarget(state, price, target)) wantClosed(state, 'target', now);
}

function checkStop(state: TradeState, price: Decimal, marketTime: number, now: number): void {
  const { monitor } = state;
  const native = activeOrder(state, 'stop');
  const stop = native?.stopPrice !== undefined ? decimal(native.stopPrice) : plannedStopPrice(state);
  if (stop === undefined || !isThroughStop(state, price, stop)) {
    delete monitor.breachedSince;
    return;
  }
  const reason = stopReason(state);
  const resting = native?.state === 'live' && !native.triggered;
  const triggeredMarketStop = native?.triggered && native.request.type !== 'stop_limit';
  if (triggeredMarketStop) return;
  if (!resting || isPartlyEmulated(state)) {
    wantClosed(state, reason, now);
    return;
  }
  monitor.breachedSince ??= { marketTime, at: now };
  if (elapsedSince(monitor.breachedSince, marketTime, now) >= BREACH_CONFIRM_MS) wantClosed(state, reason, now);
}

function isPartlyEmulated(state: TradeState): boolean {
  return brokerCover(state).lessThan(totals(state).open);
}

/** A trail follows the last trade, unless that is nowhere near the quote; it never moves back. */
function followTrail(state: TradeState, quote: Quote): void {
  if (state.plan.trailPercent === undefined || quote.last === undefined) return;
  if (!isNearPrice(quote.last, quote.bid)) return;
  const best = state.protection.trailBest;
  const last = decimal(quote.last);
  state.protection.trailBest = (best === undefined ? last : better(state, decimal(best), last)).toString();
}

function holdForSplit(state: TradeState, now: number): void {
  needAttention(
    state,
    {
      code: 'suspected_split',
      message: `${state.request.symbol} opened at a price that looks like a split. The stop is held; check the quantity and adjust the stop.`,
    },
    now,
  );
}

function noteQuiet(state: TradeState, verdict: QuoteVerdict, marketTime: number, now: number): void {
  const { monitor } = state;
  monitor.quietSince ??= { marketTime, at: now };
  if (elapsedSince(monitor.quietSince, marketTime, now) < QUIET_ALERT_MS) return;
  const message = `No usable quote of ${state.request.symbol} for 90 s (${verdict}). The stop at the broker still rests; the monitor waits.`;
  alert(state, 2, 'market_data_unavailable', message, `${monitor.quietSince.at}`);
}

/** In a replay market time runs faster than the workflow's, and it stands still when a market is moved by hand. */
function elapsedSince(since: { marketTime: number; at: number }, marketTime: number, now: number): number {
  return Math.max(marketTime - since.marketTime, now - since.at);
}
