/** What sizes and prices of a product are multiples of (docs/brokers/coinbase.md, section 5). */
import { Decimal, decimal } from '../../domain/decimal.js';
import { coinTick, quantityStep } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';

export interface Steps {
  base: Decimal;
  price: Decimal;
  smallestSize: Decimal;
  largestSize: Decimal;
}

/** Of well-known products: the step of sizes, the step of prices, the smallest size. Others have the finest there are. */
const KNOWN: Readonly<Record<string, readonly [base: string, price: string, smallest: string]>> = {
  'XRP-USD': ['0.000001', '0.0001', '0.000001'],
  'DOGE-USD': ['0.1', '0.00001', '0.1'],
  'ICP-USD': ['0.0001', '0.001', '0.0001'],
  'LINK-USD': ['0.001', '0.001', '0.001'],
  'SHIB-USD': ['1', '0.00000001', '1000'],
};
const LARGEST = decimal('1000000000000');

export function stepsOf(symbol: string, quote: Quote | undefined): Steps {
  const [base, price, smallest] = KNOWN[symbol] ?? [];
  const step = base === undefined ? quantityStep('crypto') : decimal(base);
  return {
    base: step,
    price: price === undefined ? coinTick(currentPrice(quote)) : decimal(price),
    smallestSize: smallest === undefined ? step : decimal(smallest),
    largestSize: LARGEST,
  };
}

function currentPrice(quote: Quote | undefined): Decimal {
  return quote ? decimal(quote.last ?? quote.bid ?? '1') : Decimal.one;
}
