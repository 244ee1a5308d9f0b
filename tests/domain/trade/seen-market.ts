/** What a trade sees at a look, for tests that set the market themselves. */
import { decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook, Quote } from '../../../src/domain/market.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { SimulatedTrade } from './simulated-trade.js';

/** A long of 10 at 100, its stop at 95 given to nobody: every usable price is acted on at once. */
export function emulatedLong(): SimulatedTrade {
  const trade = new SimulatedTrade({
    capabilities: { stopType: 'none' },
    request: { takeProfit: { percent: decimalString('10') } },
  });
  trade.rest();
  return trade;
}

export interface Shown {
  bid?: string;
  ask?: string;
  last?: string;
  /** seconds before market time */
  age?: number;
  session?: MarketLook['session'];
}

/** The trade looks, a minute later unless said otherwise, and sees this. */
export function see(
  trade: SimulatedTrade,
  { age = 0, session = 'regular', ...prices }: Shown,
  afterSeconds = 60,
  { position = '10', othersOpen = '0', othersInDoubt = false, othersBefore = 0 } = {},
): void {
  trade.now += afterSeconds * 1000;
  const texts = Object.fromEntries(Object.entries(prices).map(([side, price]) => [side, decimalString(price)]));
  const quote: Quote = { symbol: 'AAPL', at: trade.now - age * 1000, ...texts };
  const market: MarketLook = {
    marketTime: trade.now,
    session,
    staleAfterMs: 15_000,
    quote,
    orders: [],
    position: decimalString(position),
    splits: [],
  };
  applyLook(
    trade.state,
    { market, facts: [], othersOpen: decimalString(othersOpen), othersInDoubt, othersBefore },
    trade.now,
  );
}

/** A market without a spread. */
export function at(price: string): Shown {
  return { bid: price, ask: price, last: price };
}
