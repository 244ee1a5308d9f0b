/** Events of a market, the matching engine's input. All times are market time in epoch milliseconds. */
import { type Decimal, decimal } from '../domain/decimal.js';
import type { Quote, Split } from '../domain/market.js';

/**
 * Prices of a symbol for the time up to `at`: one tick of a live market, or one row of a recording at the end of its
 * minute. A side that is not quoted is absent and nothing can be filled on it; a size that is absent is unlimited.
 */
export interface PriceEvent {
  readonly kind: 'prices';
  readonly symbol: string;
  readonly at: number;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
  readonly bidSize?: Decimal;
  readonly askSize?: Decimal;
  /** the first trade since the event before, where the source shows it */
  readonly open?: Decimal;
  /** lowest and highest trade since the event before; both absent when nothing traded */
  readonly low?: Decimal;
  readonly high?: Decimal;
  /** the last trade, of this event or an earlier one */
  readonly last?: Decimal;
  /** trading is halted: nothing triggers and nothing fills */
  readonly halted?: boolean;
  /** when the price jumped as in an unannounced split: older stops are held */
  readonly suspectedSplitAt?: number;
}

/** One old share became `ratio` new ones, before the first trade at or after `at`. */
export interface SplitEvent {
  readonly kind: 'split';
  readonly symbol: string;
  readonly at: number;
  readonly ratio: Decimal;
  /** for one new share, at which a fraction of one is paid out; the average price where it is not known */
  readonly price?: Decimal;
}

export type MarketEvent = PriceEvent | SplitEvent;

export function tradedIn(event: PriceEvent): boolean {
  return event.low !== undefined;
}

export function splitEvent(split: Split): SplitEvent {
  const { symbol, at, ratio, price } = split;
  return { kind: 'split', symbol, at, ratio: decimal(ratio), ...(price !== undefined && { price: decimal(price) }) };
}

/** The event as the quote that traders see. */
export function quoteOf(event: PriceEvent): Quote {
  return {
    symbol: event.symbol,
    at: event.at,
    ...(event.bid && { bid: event.bid.toString() }),
    ...(event.ask && { ask: event.ask.toString() }),
    ...(event.bidSize && { bidSize: event.bidSize.toString() }),
    ...(event.askSize && { askSize: event.askSize.toString() }),
    ...(event.last && { last: event.last.toString() }),
    ...(event.suspectedSplitAt !== undefined && { suspectedSplit: true }),
    ...(event.halted && { halted: true }),
  };
}
