/** Lets market time pass for resting orders: the feed's news, openings and closings, expiries. */
import type { AssetClass } from '../../domain/instrument.js';
import { assetClassOf } from '../../domain/instrument.js';
import type { MarketSession } from '../../domain/market.js';
import type { Desk } from './desk.js';
import type { Market } from './market.js';
import type { Records } from './records.js';

export class Ticker {
  /** by symbol, up to when its news have been matched */
  private readonly matchedUntil = new Map<string, number>();
  private readonly lastState = new Map<string, string>();

  constructor(
    private readonly records: Records,
    private readonly market: Market,
    private readonly desk: Desk,
  ) {}

  /** An order in the symbol arrives: what happened before it is not its concern. */
  follow(symbol: string, at: number): void {
    if (!this.matchedUntil.has(symbol)) this.matchedUntil.set(symbol, at);
  }

  async run(now: number): Promise<void> {
    const working = this.workingSymbols();
    for (const symbol of this.matchedUntil.keys()) if (!working.has(symbol)) this.matchedUntil.delete(symbol);
    for (const symbol of working) await this.runSymbol(symbol, now);
    this.desk.expire(now);
  }

  private async runSymbol(symbol: string, now: number): Promise<void> {
    const from = this.matchedUntil.get(symbol) ?? now;
    // set before anything is awaited, so that two runs at once never match the same news
    this.matchedUntil.set(symbol, now);
    if (this.hasResumed(symbol, now) && this.market.isOwn(symbol)) {
      this.desk.onEvent(this.market.repeat(symbol, now), now);
    }
    for (const event of await this.market.events(symbol, from, now)) this.desk.onEvent(event, now);
  }

  /** Whether the symbol trades now and did not before: what waited meets the prices as they stand. */
  private hasResumed(symbol: string, now: number): boolean {
    const session: MarketSession = this.market.sessionAt(classOf(symbol), now);
    const state = this.market.isHalted(symbol, now) ? 'halted' : session;
    const before = this.lastState.get(symbol);
    this.lastState.set(symbol, state);
    return before !== undefined && before !== state && state !== 'halted' && state !== 'closed';
  }

  private workingSymbols(): Set<string> {
    const accounts = this.records.accountsAtWork();
    return new Set(accounts.flatMap((account) => this.records.book(account).orders.map(({ symbol }) => symbol)));
  }
}

function classOf(symbol: string): AssetClass {
  return assetClassOf(symbol) ?? 'equity';
}
