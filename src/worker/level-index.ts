/** The prices at which open trades must look at once, in order. */
import { type Decimal, type DecimalString, decimal } from '../domain/decimal.js';
import type { TradeId } from '../domain/ids.js';
import type { Quote } from '../domain/market.js';
import { SortedTree } from '../matching/sorted-tree.js';
import { isWatched, type WatchedLevels } from '../storage/watched-levels.js';

/** Which price crosses a level, and from where. */
type Crossing = 'bid_falls' | 'bid_rises' | 'ask_falls' | 'ask_rises';

interface Level {
  price: Decimal;
  /** absent in the place before those of all trades at a price */
  trade?: TradeId;
}

type Levels = InstanceType<typeof SortedTree<Level, TradeId>>;

/** Whose quotes judge a trade: those of its account, or of a broker where all accounts share them. */
type MarketOf = (trade: WatchedLevels) => string;

export class LevelIndex {
  private readonly trades = new Map<TradeId, WatchedLevels>();
  private readonly markets = new Map<string, Map<string, Record<Crossing, Levels>>>();

  constructor(private readonly marketOf: MarketOf) {}

  /** The symbols that trades of a market wait for. */
  symbols(market: string): string[] {
    return [...(this.markets.get(market)?.keys() ?? [])];
  }

  /** The trades of a market one of whose levels a quote has reached, each once. */
  crossedBy(market: string, quote: Quote): TradeId[] {
    const levels = this.markets.get(market)?.get(quote.symbol);
    if (levels === undefined) return [];
    const bid = quote.bid === undefined ? undefined : decimal(quote.bid);
    const ask = quote.ask === undefined ? undefined : decimal(quote.ask);
    const crossed = [
      ...(bid === undefined ? [] : [...atLeast(levels.bid_falls, bid), ...atMost(levels.bid_rises, bid)]),
      ...(ask === undefined ? [] : [...atLeast(levels.ask_falls, ask), ...atMost(levels.ask_rises, ask)]),
    ];
    return [...new Set(crossed)];
  }

  /** The trade as it is now. */
  take(trade: WatchedLevels): void {
    this.forget(trade.id);
    const waits = waitsFor(trade);
    if (!isWatched(trade) || waits.length === 0) return;
    this.trades.set(trade.id, trade);
    const levels = this.levelsOf(trade);
    for (const [crossing, price] of waits) levels[crossing].set({ price, trade: trade.id }, trade.id);
  }

  clear(): void {
    this.trades.clear();
    this.markets.clear();
  }

  private forget(id: TradeId): void {
    const trade = this.trades.get(id);
    if (trade === undefined) return;
    const levels = this.levelsOf(trade);
    for (const [crossing, price] of waitsFor(trade)) levels[crossing].delete({ price, trade: id });
    this.trades.delete(id);
    if (Object.values(levels).every(({ size }) => size === 0)) this.forgetSymbol(trade);
  }

  private levelsOf(trade: WatchedLevels): Record<Crossing, Levels> {
    const market = this.marketOf(trade);
    const symbols = this.markets.get(market) ?? new Map<string, Record<Crossing, Levels>>();
    this.markets.set(market, symbols);
    const levels = symbols.get(trade.symbol) ?? noLevels();
    symbols.set(trade.symbol, levels);
    return levels;
  }

  private forgetSymbol(trade: WatchedLevels): void {
    const market = this.marketOf(trade);
    const symbols = this.markets.get(market);
    symbols?.delete(trade.symbol);
    if (symbols?.size === 0) this.markets.delete(market);
  }
}

function waitsFor(trade: WatchedLevels): [Crossing, Decimal][] {
  const { side, limitPrice, remainingQuantity, openQuantity, stopPrice, takeProfitPrice } = trade;
  const isLong = side === 'buy';
  const level = (crossing: Crossing, price: DecimalString | null): [Crossing, Decimal][] =>
    price === null ? [] : [[crossing, decimal(price)]];
  // An entry that rests at its limit may have filled, and nothing protects it yet.
  const entry = decimal(remainingQuantity).isZero() ? [] : level(isLong ? 'ask_falls' : 'bid_rises', limitPrice);
  if (decimal(openQuantity).isZero()) return entry;
  return [
    ...entry,
    ...level(isLong ? 'bid_falls' : 'ask_rises', stopPrice),
    ...level(isLong ? 'bid_rises' : 'ask_falls', takeProfitPrice),
  ];
}

function noLevels(): Record<Crossing, Levels> {
  const none = () => new SortedTree<Level, TradeId>([], compareLevels);
  return { bid_falls: none(), bid_rises: none(), ask_falls: none(), ask_rises: none() };
}

function compareLevels(one: Level, other: Level): number {
  const byPrice = one.price.compare(other.price);
  if (byPrice !== 0 || one.trade === other.trade) return byPrice;
  return (one.trade ?? '') < (other.trade ?? '') ? -1 : 1;
}

function atLeast(levels: Levels, price: Decimal): TradeId[] {
  return [...levels.entries({ price })].map(([, trade]) => trade);
}

function atMost(levels: Levels, bound: Decimal): TradeId[] {
  const found: TradeId[] = [];
  for (const [{ price }, trade] of levels.entries()) {
    if (price.greaterThan(bound)) break;
    found.push(trade);
  }
  return found;
}
