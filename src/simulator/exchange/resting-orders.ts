/** Matches resting orders as market time passes: the feed's prices, openings and closings, expiries. */
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import type { MarketSession } from '../../domain/market.js';
import type { Documents } from './documents.js';
import type { Market } from './market.js';
import type { OrderProcessor } from './order-processor.js';
import type { Records } from './records.js';

type SymbolState = MarketSession | 'halted';

export class RestingOrders {
  /** by symbol, the time up to which its events have been matched */
  private readonly matchedUntil = new Map<string, number>();
  /** by symbol, its state when last checked; stored, so that a restart misses no opening */
  private readonly seen: Documents<SymbolState>;

  constructor(
    private readonly records: Records,
    private readonly market: Market,
    private readonly processor: OrderProcessor,
  ) {
    this.seen = records.collection('symbol-states');
  }

  /** Called when an order in the symbol arrives: earlier events do not concern it. */
  follow(symbol: string, at: number): void {
    if (this.matchedUntil.has(symbol)) return;
    this.matchedUntil.set(symbol, at);
    this.see(symbol, at);
  }

  async run(now: number): Promise<void> {
    const working = this.workingSymbols();
    for (const symbol of this.matchedUntil.keys()) if (!working.has(symbol)) this.matchedUntil.delete(symbol);
    for (const symbol of working) await this.runSymbol(symbol, now);
    this.processor.expire(now);
  }

  private async runSymbol(symbol: string, now: number): Promise<void> {
    const from = this.matchedUntil.get(symbol) ?? now;
    // Set before anything is awaited, so that two concurrent runs never match the same events.
    this.matchedUntil.set(symbol, now);
    if (this.hasResumed(symbol, now) && this.market.isOwn(symbol)) {
      this.processor.onEvent(this.market.repeat(symbol, now), now);
    }
    for (const event of await this.market.events(symbol, from, now)) this.processor.onEvent(event, now);
  }

  /** Whether the symbol has started to trade: waiting orders then meet the current prices. */
  private hasResumed(symbol: string, now: number): boolean {
    const before = this.seen.get(symbol);
    const state = this.see(symbol, now);
    return before !== undefined && before !== state && state !== 'halted' && state !== 'closed';
  }

  private see(symbol: string, now: number): SymbolState {
    const state = this.market.isHalted(symbol, now) ? 'halted' : this.market.sessionAt(classOf(symbol), now, symbol);
    if (this.seen.get(symbol) !== state) this.seen.set(symbol, state);
    return state;
  }

  private workingSymbols(): Set<string> {
    const accounts = this.records.accountsAtWork();
    return new Set(accounts.flatMap((account) => this.records.book(account).orders.symbols()));
  }
}

function classOf(symbol: string): AssetClass {
  return assetClassOf(symbol) ?? 'equity';
}
