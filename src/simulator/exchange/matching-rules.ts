import { dayOrderEnd } from '../../domain/calendar.js';
import { Decimal, decimal } from '../../domain/decimal.js';
import type { MatchingRules } from '../../matching/rules.js';
import type { BrokerName } from './accounts.js';
import type { Market } from './market.js';

/** Coinbase's taker fee in the examples of its wire contract; the other brokers charge nothing for what is simulated. */
const COINBASE_FEE = decimal('0.004');

/** What the engine matches a broker's orders by. */
export function matchingRules(broker: BrokerName, market: Market): MatchingRules {
  return {
    sessionAt: (assetClass, at) => market.sessionAt(assetClass, at),
    dayOrderEnd,
    fee: (_order, quantity, price) => feeOf(broker, quantity, price),
    // Prices that were set stay valid until they are changed.
    staleAfterMs: Number.POSITIVE_INFINITY,
  };
}

/** What a broker charges for a fill, in dollars. */
export function feeOf(broker: BrokerName, quantity: Decimal, price: Decimal): Decimal {
  return broker === 'coinbase' ? quantity.times(price).times(COINBASE_FEE) : Decimal.zero;
}
