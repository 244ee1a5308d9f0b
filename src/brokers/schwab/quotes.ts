import { type DecimalString, decimal } from '../../domain/decimal.js';
import type { Quote } from '../../domain/market.js';
import type { QuotesAnswer } from './schemas.js';
import { toSchwabSymbol } from './symbols.js';

/** How many symbols one call asks for; Schwab's own limit is not documented. */
const MOST_SYMBOLS = 200;

/** The paths of the calls that ask for all symbols. */
export function quotePaths(symbols: readonly string[]): string[] {
  const groups = Math.ceil(symbols.length / MOST_SYMBOLS);
  return Array.from({ length: groups }, (_, index) => {
    const group = symbols.slice(index * MOST_SYMBOLS, (index + 1) * MOST_SYMBOLS);
    const names = group.map((symbol) => encodeURIComponent(toSchwabSymbol(symbol)));
    return `/marketdata/v1/quotes?symbols=${names.join(',')}&fields=quote`;
  });
}

/**
 * The quotes that the answer has of the symbols. Delayed ones are as old as their time says. Sizes are left out: whether
 * they count shares or lots is not documented.
 */
export function quotesOf(symbols: readonly string[], answer: QuotesAnswer): Quote[] {
  return symbols.flatMap((symbol) => {
    const { assetMainType, quote } = answer[toSchwabSymbol(symbol)] ?? {};
    if (assetMainType === undefined || quote?.quoteTime === undefined) return [];
    const { bidPrice, askPrice, lastPrice, quoteTime: at, securityStatus } = quote;
    const prices = { ...priced('bid', bidPrice), ...priced('ask', askPrice), ...priced('last', lastPrice) };
    return [{ symbol, ...prices, at, ...(securityStatus === 'Halted' && { halted: true }) }];
  });
}

/** A side that nobody quotes is told as zero. */
export function priced(side: 'bid' | 'ask' | 'last', price: DecimalString | undefined) {
  return price !== undefined && decimal(price).isPositive() ? { [side]: price } : {};
}
