import { sessionAt } from '../src/domain/calendar.js';
import { decimal } from '../src/domain/decimal.js';
import type { AssetClass } from '../src/domain/instrument.js';
import type { MarketSession } from '../src/domain/market.js';
import type { MarketFeed } from '../src/market-data/feed.js';
import type { PriceEvent } from '../src/matching/event.js';

export const SYMBOL = 'BTC-USD';
export const FIRST_PRICE = 7_000;
const A_DAY_MS = 86_400_000;

/** A market of one coin, in real time, whose price is the one that was set last. */
export class SetMarket implements MarketFeed {
  readonly id = 'bench-set';
  readonly staleAfterMs = A_DAY_MS;
  private readonly prices: PriceEvent[];

  constructor(price = FIRST_PRICE) {
    this.prices = [pricesOf(price, Date.now() - A_DAY_MS / 2)];
  }

  /** From now on; answers when that is, epoch milliseconds. */
  set(price: number): number {
    const at = Date.now();
    this.prices.push(pricesOf(price, at));
    return at;
  }

  symbols(): readonly string[] {
    return [SYMBOL];
  }

  knows(symbol: string): boolean {
    return symbol === SYMBOL;
  }

  async latest(_symbol: string, at: number): Promise<PriceEvent | undefined> {
    return this.prices.findLast((event) => event.at <= at);
  }

  async events(_symbol: string, from: number, to: number): Promise<readonly PriceEvent[]> {
    return this.prices.filter(({ at }) => at > from && at <= to);
  }

  splits(): readonly [] {
    return [];
  }

  session(assetClass: AssetClass, at: number, symbol?: string): MarketSession {
    return sessionAt(assetClass, at, symbol);
  }
}

function pricesOf(price: number, at: number): PriceEvent {
  const exact = decimal(String(price));
  const size = decimal('1000000');
  const trades = { low: exact, high: exact, last: exact };
  return { kind: 'prices', symbol: SYMBOL, at, bid: exact, ask: exact, bidSize: size, askSize: size, ...trades };
}
