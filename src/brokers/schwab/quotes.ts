import type { Quote } from '../../domain/market.js';
import { batchesOf, quoted } from '../../wire/quotes.js';
import { type QuotesAnswer, quoteEntry } from './schemas.js';
import { toSchwabSymbol } from './symbols.js';

/** How many symbols one call asks for; Schwab's own limit is not documented. */
const MOST_SYMBOLS = 200;

/** The paths of the calls that ask for all symbols. */
export function quotePaths(symbols: readonly string[]): string[] {
  return batchesOf(symbols, MOST_SYMBOLS).map((batch) => {
    const names = batch.map((symbol) => encodeURIComponent(toSchwabSymbol(symbol)));
    return `/marketdata/v1/quotes?symbols=${names.join(',')}&fields=quote`;
  });
}

/**
 * The quotes that the answer has of the symbols, as far as they can be read. Delayed ones are as old as their time says. Sizes are left out: whether
 * they count shares or lots is not documented.
 */
export function quotesOf(symbols: readonly string[], answer: QuotesAnswer): Quote[] {
  return symbols.flatMap((symbol) => {
    const shown = quoteEntry.safeParse(answer[toSchwabSymbol(symbol)]).data;
    if (!shown) return [];
    const { bidPrice, askPrice, lastPrice, quoteTime: at, tradeTime, securityStatus } = shown.quote;
    const prices = { ...quoted('bid', bidPrice), ...quoted('ask', askPrice), ...quoted('last', lastPrice) };
    const lastAt = prices.last !== undefined && tradeTime != null ? { lastAt: tradeTime } : {};
    return [{ symbol, ...prices, ...lastAt, at, ...(securityStatus === 'Halted' && { halted: true }) }];
  });
}
