/** What differs between the venues that the engine serves. */
import { dayOrderEnd, sessionAt } from '../domain/calendar.js';
import { Decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { MarketSession } from '../domain/market.js';
import type { TradingSession } from '../domain/order.js';
import type { BookOrder } from './book.js';

export interface MatchingRules {
  sessionAt(assetClass: AssetClass, at: number, symbol: string): MarketSession;
  /** when a day order taken at `at` expires */
  dayOrderEnd(assetClass: AssetClass, session: TradingSession, at: number, symbol: string): number;
  /** dollars for one fill */
  fee(order: BookOrder, quantity: Decimal, price: Decimal): Decimal;
  /** what is taken out of a quantity that was bought: so much less of it is held */
  feeInKind(order: BookOrder, quantity: Decimal): Decimal;
  /** an arriving order is not filled against a quote older than this */
  staleAfterMs: number;
}

/** The exchanges' calendar, no fees, and quotes that are fresh for 15 seconds. */
export const defaultRules: MatchingRules = {
  sessionAt,
  dayOrderEnd,
  fee: () => Decimal.zero,
  feeInKind: () => Decimal.zero,
  staleAfterMs: 15_000,
};

/** Whether an order may trade in a session: before the open and after the close only limit orders that ask for it. */
export function mayTrade(order: BookOrder, session: MarketSession): boolean {
  if (session === 'regular') return true;
  return session !== 'closed' && order.session === 'extended' && order.type === 'limit';
}
