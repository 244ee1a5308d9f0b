import type { TradeId } from '../ids.js';
import type { AssetClass } from '../instrument.js';
import type { MarketLook } from '../market.js';
import { VANISHED } from './attention.js';
import { startClosing } from './closing.js';
import { applyOrderFacts, type OrderFact } from './order-facts.js';
import { type KnownOrder, knownOrder } from './order-ref.js';
import { watchedOrders } from './polling.js';
import { applyPosition, isPositionUnclear, type PositionRead } from './position.js';
import { applyPrice, QUIET_ALERT_MS } from './quotes.js';
import { alert } from './report.js';
import { isHeldForSplit, rememberSession } from './split-signs.js';
import { applySplit } from './splits.js';
import { activeOrder, type TradeState } from './state.js';

/** What one look is to read. */
export interface LookRequest {
  tradeId: TradeId;
  broker: string;
  account: string;
  symbol: string;
  assetClass: AssetClass;
  orders: KnownOrder[];
  /** something is to follow from the position: the other trades' orders of the symbol are read at the broker, too */
  positionUnclear: boolean;
  /** a quote is to confirm another one: it must be asked for now. Absent from looks of before. */
  isConfirming?: boolean;
  /** epoch milliseconds, market time */
  splitsSince: number;
}

/** One look at the market and the broker, with what the database knows of the account's other trades. */
export interface TradeLook extends Omit<PositionRead, 'position'> {
  market: MarketLook;
  /** the trade's orders that were asked for and changed */
  facts: OrderFact[];
}

export function lookRequest(state: TradeState, now: number): LookRequest {
  const { broker, account, symbol, assetClass } = state.request;
  const { breachedSince, doubtful } = state.monitor;
  return {
    tradeId: state.id,
    broker,
    account,
    symbol,
    assetClass,
    orders: watchedOrders(state, now).map(knownOrder),
    positionUnclear: isPositionUnclear(state),
    ...((breachedSince ?? doubtful) && { isConfirming: true }),
    splitsSince: state.admittedAt ?? state.createdAt,
  };
}

/**
 * Takes over what a look has shown, and decides whether the position must be closed:
 * 1. splits first, because they change what every other number means;
 * 2. then what the broker says of the orders; where position, price and stop look like an unannounced split, no more follows;
 * 3. then the position;
 * 4. then the price, and only a good one.
 */
export function applyLook(state: TradeState, look: TradeLook, now: number): void {
  const { market, facts, ...others } = look;
  const { monitor } = state;
  monitor.lastLookAt = now;
  monitor.marketTime = market.marketTime;
  monitor.session = market.session;
  if (market.quote?.halted) monitor.halted = true;
  else delete monitor.halted;
  delete monitor.unreachableSince;
  for (const split of market.splits ?? []) applySplit(state, split, now);
  applyOrderFacts(state, facts, now);
  if (isHeldForSplit(state, market, others.othersOpen, now)) return;
  applyPosition(state, { ...others, position: market.position }, market.marketTime, now);
  if (state.attention?.code === VANISHED) return;
  applyTimes(state, market, now);
  applyPrice(state, market, now);
  rememberSession(state, market, others.othersOpen);
}

/** The name of the error of a read for which our own budget of calls had no room. */
export const OUT_OF_CALLS = 'OutOfCalls';

/** The broker could not be asked: nothing is concluded from that, but a person is alerted when it lasts. */
export function applyFailedLook(state: TradeState, isOutOfCalls: boolean, now: number): void {
  const { monitor } = state;
  monitor.lastLookAt = now;
  monitor.unreachableSince ??= now;
  const quietMs = now - monitor.unreachableSince;
  if (quietMs < QUIET_ALERT_MS) return;
  const why = isOutOfCalls ? ', because its own budget of calls is used up: the broker may be well' : '';
  const message = `Arbion has not been able to read ${state.request.symbol} at the broker for ${Math.floor(quietMs / 1_000)} s${why}. A stop that is at the broker keeps working.`;
  alert(state, 1, 'broker_unreachable', message, `${monitor.unreachableSince}`);
}

/** What the trader has set a time for. */
function applyTimes(state: TradeState, market: MarketLook, now: number): void {
  const { request, plan } = state;
  if (request.entryExpiresAt !== undefined && market.marketTime >= request.entryExpiresAt) {
    if (activeOrder(state, 'entry')) state.stopEntering ??= { why: 'expired' };
  }
  const exitsBy = plan.exitsBy ?? plan.exitAt;
  const due = exitsBy !== undefined && market.marketTime >= exitsBy;
  if (due && market.session === 'regular') startClosing(state, 'time', now);
}
