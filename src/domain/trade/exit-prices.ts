/** Prices of a trade's exits, computed from its plan and fills. */
import { Decimal, decimal } from '../decimal.js';
import { type Instrument, priceTick } from '../instrument.js';
import type { TradePlan, TradeSide } from './request.js';
import { isLong, type TradeState, totals } from './state.js';

type Sided = Instrument & { side: TradeSide };

const HUNDRED = Decimal.ofInteger(100);

/** Where the stop belongs now, or undefined while nothing was filled that a percentage could be taken of. */
export function plannedStopPrice(state: TradeState): Decimal | undefined {
  const { stopPrice, stopPercent, trailPercent } = state.plan;
  if (stopPrice !== undefined) return decimal(stopPrice);
  const average = totals(state).averageEntry;
  if (average === undefined) return undefined;
  if (stopPercent !== undefined) return awayFrom(state.request, average, decimal(stopPercent));
  if (trailPercent === undefined) return undefined;
  const best = state.protection.trailBest;
  return awayFrom(
    state.request,
    best === undefined ? average : better(state, decimal(best), average),
    decimal(trailPercent),
  );
}

/** Where the target stands now, or undefined when there is none. */
export function plannedTargetPrice(state: TradeState): Decimal | undefined {
  const { targetPrice, targetPercent } = state.plan;
  if (targetPrice !== undefined) return decimal(targetPrice);
  const average = totals(state).averageEntry;
  if (targetPercent === undefined || average === undefined) return undefined;
  return gainOf(state.request, average, decimal(targetPercent));
}

/** The target so many percent from a price: never less than the gain that was asked for. */
function gainOf(trade: Sided, price: Decimal, percent: Decimal): Decimal {
  const share = percent.dividedBy(HUNDRED);
  const target = price.times(trade.side === 'buy' ? Decimal.one.plus(share) : Decimal.one.minus(share));
  return target.roundedToTick(priceTick(trade, target), trade.side === 'buy' ? 'up' : 'down');
}

/** Where stop and target of a request would be if it were filled at `entry`. */
export function expectedExits(trade: TradePlan, entry: Decimal): { stop: Decimal; target?: Decimal } {
  const { stopLoss, takeProfit } = trade;
  const percent = 'percent' in stopLoss ? stopLoss.percent : 'trailPercent' in stopLoss ? stopLoss.trailPercent : '0';
  const stop = 'price' in stopLoss ? decimal(stopLoss.price) : awayFrom(trade, entry, decimal(percent));
  if (!takeProfit) return { stop };
  const target = 'price' in takeProfit ? decimal(takeProfit.price) : gainOf(trade, entry, decimal(takeProfit.percent));
  return { stop, target };
}

/** A stop-limit that nobody asked for has its limit so far beyond the stop, in percent: it must fill. */
const WIDE_LIMIT_PERCENT = decimal('5');

/** The limit of a stop-limit: the offset asked for, in dollars, beyond the stop; on its own tick, and a price in any case. */
export function stopLimitPrice(state: TradeState, stopPrice: Decimal): Decimal {
  const limit = exactLimit(state, stopPrice);
  return roundStop(state.request, limit).max(priceTick(state.request, limit));
}

function exactLimit(state: TradeState, stopPrice: Decimal): Decimal {
  const { limitOffset } = state.plan;
  if (limitOffset === undefined) return awayFrom(state.request, stopPrice, WIDE_LIMIT_PERCENT);
  const distance = decimal(limitOffset);
  return isLong(state) ? stopPrice.minus(distance) : stopPrice.plus(distance);
}

/** A stop that is moved as a trail is moved when it lags by a tenth of the trail: not at every tick. */
const TRAIL_STEPS = Decimal.ofInteger(10);

/** Whether a stop that stands in for a trail rests so far behind that it must be moved. */
export function isTrailBehind(state: TradeState, resting: Decimal): boolean {
  const { trailPercent } = state.plan;
  const planned = plannedStopPrice(state);
  if (trailPercent === undefined || !planned) return false;
  const lag = isLong(state) ? planned.minus(resting) : resting.minus(planned);
  return lag.atLeast(planned.times(decimal(trailPercent)).dividedBy(HUNDRED).dividedBy(TRAIL_STEPS));
}

/** A stop price on its tick, at least one: sell stops down, buy stops up, so that rounding never brings a stop nearer. */
export function roundStop(trade: Sided, price: Decimal): Decimal {
  const tick = priceTick(trade, price);
  return price.roundedToTick(tick, trade.side === 'buy' ? 'down' : 'up').max(tick);
}

/** Whether a price is at or through the stop. */
export function isThroughStop(state: TradeState, price: Decimal, stop: Decimal): boolean {
  return isLong(state) ? price.atMost(stop) : price.atLeast(stop);
}

export function hasReachedTarget(state: TradeState, price: Decimal, target: Decimal): boolean {
  return isLong(state) ? price.atLeast(target) : price.atMost(target);
}

/** The better of two prices for the position: the higher for a long. */
export function better(state: TradeState, one: Decimal, other: Decimal): Decimal {
  return isLong(state) ? one.max(other) : one.min(other);
}

/** The stop so many percent from a price. */
function awayFrom(trade: Sided, price: Decimal, percent: Decimal): Decimal {
  const share = percent.dividedBy(HUNDRED);
  return roundStop(trade, price.times(trade.side === 'buy' ? Decimal.one.minus(share) : Decimal.one.plus(share)));
}
