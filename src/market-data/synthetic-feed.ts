import { lastOptionClose, sessionAt } from '../domain/calendar.js';
import { type AssetClass, assetClassOf, parseOptionSymbol } from '../domain/instrument.js';
import type { MarketSession } from '../domain/market.js';
import type { PriceEvent } from '../matching/event.js';
import type { MarketFeed } from './feed.js';
import { instrumentOf, OPTION_ROOT, optionSymbols, unexpiringSymbols } from './synthetic-instruments.js';
import { middlePrice, optionPrices, sharePrices } from './synthetic-prices.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** The longest time without a session: a long weekend with a holiday on either side. */
const LONGEST_CLOSING_MS = 6 * 24 * HOUR_MS;

/**
 * An invented market in real time, with one event per second while the real one would be open. A pure function of symbol and
 * time: all processes see the same prices, and nothing is stored.
 */
export class SyntheticFeed implements MarketFeed {
  readonly id = 'synthetic';
  readonly staleAfterMs = 15_000;

  symbols(at: number): readonly string[] {
    const underlying = instrumentOf(OPTION_ROOT);
    const options = underlying ? optionSymbols(at, middlePrice(underlying, at)) : [];
    return [...unexpiringSymbols(), ...options];
  }

  knows(symbol: string): boolean {
    return instrumentOf(symbol) !== undefined;
  }

  latest(symbol: string, at: number): Promise<PriceEvent | undefined> {
    const assetClass = assetClassOf(symbol);
    if (assetClass === undefined || !this.knows(symbol)) return Promise.resolve(undefined);
    const second = lastOpenSecond(assetClass, Math.min(at, lastTrading(symbol)), symbol);
    return Promise.resolve(second === undefined ? undefined : pricesAt(symbol, second));
  }

  events(symbol: string, from: number, to: number): Promise<readonly PriceEvent[]> {
    const assetClass = assetClassOf(symbol);
    const events: PriceEvent[] = [];
    if (assetClass === undefined || !this.knows(symbol)) return Promise.resolve(events);
    const end = Math.min(to, lastTrading(symbol));
    for (let at = (Math.floor(from / SECOND_MS) + 1) * SECOND_MS; at <= end; at += SECOND_MS) {
      if (isOpen(assetClass, at, symbol)) events.push(pricesAt(symbol, at));
    }
    return Promise.resolve(events);
  }

  splits(): readonly [] {
    return [];
  }

  session(assetClass: AssetClass, at: number, symbol?: string): MarketSession {
    return sessionAt(assetClass, at, symbol);
  }
}

/** An event covers the second before it, as a recorded row covers its minute. */
function isOpen(assetClass: AssetClass, at: number, symbol: string): boolean {
  return sessionAt(assetClass, at - 1, symbol) !== 'closed';
}

function lastTrading(symbol: string): number {
  const contract = assetClassOf(symbol) === 'option' ? parseOptionSymbol(symbol) : undefined;
  return contract ? lastOptionClose(contract) : Number.POSITIVE_INFINITY;
}

/** The last second with an event at or before an instant. Closed hours are skipped in quarters. */
function lastOpenSecond(assetClass: AssetClass, at: number, symbol: string): number | undefined {
  const second = Math.floor(at / SECOND_MS) * SECOND_MS;
  if (isOpen(assetClass, second, symbol)) return second;
  const quarter = HOUR_MS / 4;
  for (let end = Math.floor(second / quarter) * quarter; end > at - LONGEST_CLOSING_MS; end -= quarter) {
    // Sessions end on the quarter, so the first open one found backwards ends with the last event.
    if (isOpen(assetClass, end, symbol)) return end;
  }
  return undefined;
}

function pricesAt(symbol: string, at: number): PriceEvent {
  const instrument = instrumentOf(symbol);
  if (instrument === undefined) throw new RangeError(`${symbol} is not traded here`);
  const contract = instrument.symbol === symbol ? undefined : parseOptionSymbol(symbol);
  return contract ? optionPrices(symbol, contract, instrument, at) : sharePrices(instrument, at);
}
