import type { Quote } from '../domain/market.js';

type Call = (symbols: readonly string[], account: string | undefined, isKept: boolean) => Promise<Quote[]>;

interface Gathering {
  symbols: Set<string>;
  account: string | undefined;
  /** somebody wants the answer kept */
  isKept: boolean;
  quotes: Promise<Quote[]>;
}

/** Symbols are gathered for so long before their quotes are asked for in one call. */
const GATHER_MS = 20;

/** One call for all who ask for a market's quotes at the same moment. */
export class GatheredCalls {
  private readonly gathering = new Map<string, Gathering>();

  constructor(private readonly call: Call) {}

  /** Quotes that are asked for from now on; there may be more than those of the symbols. */
  make(market: string, symbols: readonly string[], account: string | undefined, isKept: boolean): Promise<Quote[]> {
    const open = this.gathering.get(market) ?? this.begin(market, account);
    for (const symbol of symbols) open.symbols.add(symbol);
    open.isKept ||= isKept;
    if (open.account === account) return open.quotes;
    // Where accounts share a market, a login that fails is not the others' failure.
    return open.quotes.catch(() => this.call(symbols, account, isKept));
  }

  private begin(market: string, account: string | undefined): Gathering {
    const gathering = { symbols: new Set<string>(), account, isKept: false, quotes: this.later(market) };
    this.gathering.set(market, gathering);
    return gathering;
  }

  private async later(market: string): Promise<Quote[]> {
    await new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS));
    const gathered = this.gathering.get(market);
    this.gathering.delete(market);
    return gathered ? this.call([...gathered.symbols], gathered.account, gathered.isKept) : [];
  }
}
