import { dayOrderEnd } from '../../domain/calendar.js';
import { Decimal, decimal } from '../../domain/decimal.js';
import { quantityStep } from '../../domain/instrument.js';
import type { BookOrder } from '../../matching/book.js';
import type { MatchingRules } from '../../matching/rules.js';
import type { BrokerName } from './accounts.js';
import type { Market } from './market.js';

/** Coinbase's taker fee in the examples of its wire contract. */
const COINBASE_FEE = decimal('0.004');
/**
 * What Alpaca takes of coins from a taker with little volume, out of what is received: coins of a purchase, dollars of a sale.
 * Source: docs.alpaca.markets, "Crypto Spot Trading Fees". The other brokers charge nothing for what is simulated.
 */
const ALPACA_COIN_FEE = decimal('0.0025');

/** What the engine matches a broker's orders by. */
export function matchingRules(broker: BrokerName, market: Market): MatchingRules {
  return {
    sessionAt: (assetClass, at, symbol) => market.sessionAt(assetClass, at, symbol),
    dayOrderEnd,
    fee: (order, quantity, price) => feeOf(broker, quantity, price).plus(dollarsOfSale(broker, order, quantity, price)),
    feeInKind: (order, quantity) => coinsOfPurchase(broker, order, quantity),
    // Prices that were set stay valid until they are changed.
    staleAfterMs: Number.POSITIVE_INFINITY,
  };
}

type Sided = Pick<BookOrder, 'assetClass' | 'side'>;

function coinsOfPurchase(broker: BrokerName, { assetClass, side }: Sided, quantity: Decimal): Decimal {
  if (broker !== 'alpaca' || assetClass !== 'crypto' || side !== 'buy') return Decimal.zero;
  return quantity.times(ALPACA_COIN_FEE).roundedToTick(quantityStep(assetClass), 'up');
}

function dollarsOfSale(broker: BrokerName, { assetClass, side }: Sided, quantity: Decimal, price: Decimal): Decimal {
  if (broker !== 'alpaca' || assetClass !== 'crypto' || side === 'buy') return Decimal.zero;
  return quantity.times(price).times(ALPACA_COIN_FEE);
}

/** What a broker charges for a fill, in dollars. */
export function feeOf(broker: BrokerName, quantity: Decimal, price: Decimal): Decimal {
  return broker === 'coinbase' ? quantity.times(price).times(COINBASE_FEE) : Decimal.zero;
}
