/**
 * A good-till-cancelled stop ends by itself after some months. It is renewed before that, in the quiet of a session: far from
 * the open and the close, and with no decision under way.
 */
import { sessionClose, sessionOpen, tradingDay } from '../calendar.js';
import type { TradeOrder, TradeState } from './state.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** So long before its end a stop is renewed: long weekends and outages lie in between. */
const MARGIN_MS = 10 * DAY_MS;

export function isDueForRenewal(state: TradeState, stop: TradeOrder, now: number): boolean {
  const { gtcLifeMs } = state.capabilities;
  if (gtcLifeMs === undefined || stop.request.timeInForce !== 'gtc' || stop.placedAt === undefined) return false;
  return now - stop.placedAt >= gtcLifeMs - MARGIN_MS && isQuiet(state);
}

function isQuiet({ monitor, request }: TradeState): boolean {
  const { marketTime, session, breachedSince, unexplained, unreachableSince, wideLooks, halted } = monitor;
  if (marketTime === undefined || session !== 'regular') return false;
  if (halted || breachedSince || unexplained || wideLooks || unreachableSince !== undefined) return false;
  const day = tradingDay(request.assetClass, marketTime);
  const [open, close] = [sessionOpen(request.assetClass, day), sessionClose(request.assetClass, day)];
  return open !== undefined && close !== undefined && marketTime >= open + HOUR_MS && marketTime <= close - HOUR_MS;
}
