import type { SharedQuotes } from '../broker-port/shared-quotes.js';
import type { Quote } from '../domain/market.js';
import { GatheredCalls } from './gathered-calls.js';
import { type Heard, KnownQuotes } from './known-quotes.js';
import { SharedBook } from './shared-book.js';

export interface QuoteBookOptions {
  /** Who is shown the same quotes: one account, or all where the broker shows its prices to everybody. */
  marketOf(account: string | undefined): string;
  /** one call to the broker, or a few */
  ask(symbols: readonly string[], account: string | undefined): Promise<Quote[]>;
  /** the market's time */
  now(): number;
  /** in-process without it, and whenever it cannot be reached */
  shared?: SharedQuotes | undefined;
}

interface Wanted {
  symbol: string;
  account: string | undefined;
  ageMs: number;
}

/**
 * The latest quotes of a broker. What a call or a stream has brought serves everybody who accepts its age; those who miss the
 * same symbol share one call.
 */
export class QuoteBook {
  private readonly known: KnownQuotes;
  private readonly calls: GatheredCalls;
  private readonly others: SharedBook | undefined;
  private readonly underway = new Map<string, { account: string | undefined; quote: Promise<Quote | undefined> }>();

  constructor(private readonly options: QuoteBookOptions) {
    this.known = new KnownQuotes(options.now);
    this.calls = new GatheredCalls((symbols, account, isKept) => this.call(symbols, account, isKept));
    this.others = options.shared && new SharedBook(options.shared);
  }

  /**
   * Quotes that were heard at most `ageMs` ago; a symbol that the broker does not know is absent. With 0 the broker is asked
   * from now on. @throws BrokerUnavailable
   */
  async get(symbols: readonly string[], account: string | undefined, ageMs: number): Promise<Quote[]> {
    const wanted = [...new Set(symbols)];
    if (ageMs === 0) return this.ask(wanted, account, true);
    const quotes = await Promise.all(
      wanted.map(async (symbol) => {
        const heard = await this.recent({ symbol, account, ageMs });
        return heard ? heard.quote : this.refreshed({ symbol, account, ageMs }, true);
      }),
    );
    return quotes.filter((quote) => quote !== undefined);
  }

  /**
   * The same for a trade's look, which a price may have woken: it never gets an older quote than the one that did. That one is
   * in the shared book, or in this process's when the listener is in it; what other looks have asked for may be older.
   */
  async forLook(symbol: string, account: string, ageMs: number): Promise<Quote | undefined> {
    const heard = ageMs === 0 ? undefined : await this.recent({ symbol, account, ageMs });
    if (heard) return heard.quote;
    return ageMs > 0 && this.others
      ? this.refreshed({ symbol, account, ageMs }, false)
      : this.askOne(symbol, account, false);
  }

  /** A quote of a stream. Every process has it when this ends. */
  async hear(quote: Quote, account: string): Promise<void> {
    const market = this.options.marketOf(account);
    const heard = this.known.hear(market, quote);
    if (heard) await this.others?.write(market, [[quote.symbol, heard]]);
  }

  private async recent({ symbol, account, ageMs }: Wanted): Promise<Heard | undefined> {
    const market = this.options.marketOf(account);
    return (await this.others?.recent(market, symbol, ageMs)) ?? this.known.recent(market, symbol, ageMs);
  }

  /** One call for all who miss the symbol, in whatever process they are. */
  private async refreshed(wanted: Wanted, isKept: boolean): Promise<Quote | undefined> {
    const { symbol, account, ageMs } = wanted;
    const key = `${this.options.marketOf(account)} ${symbol} ${ageMs}`;
    const underway = this.underway.get(key);
    if (underway && underway.account === account) return underway.quote;
    // Where accounts share a market, a login that fails is not the others' failure.
    if (underway) return underway.quote.catch(() => this.askOne(symbol, account, isKept));
    const quote = this.inTurn(wanted, isKept).finally(() => this.underway.delete(key));
    this.underway.set(key, { account, quote });
    return quote;
  }

  private async inTurn({ symbol, account, ageMs }: Wanted, isKept: boolean): Promise<Quote | undefined> {
    const heard = await this.others?.awaited(this.options.marketOf(account), symbol, ageMs);
    return heard ? heard.quote : this.askOne(symbol, account, isKept);
  }

  private async askOne(symbol: string, account: string | undefined, isKept: boolean): Promise<Quote | undefined> {
    return (await this.ask([symbol], account, isKept)).find((quote) => quote.symbol === symbol);
  }

  private async ask(symbols: readonly string[], account: string | undefined, isKept: boolean): Promise<Quote[]> {
    const quotes = await this.calls.make(this.options.marketOf(account), symbols, account, isKept);
    return quotes.filter(({ symbol }) => symbols.includes(symbol));
  }

  /** What it brings is in the book before anybody acts on it. */
  private async call(symbols: readonly string[], account: string | undefined, isKept: boolean): Promise<Quote[]> {
    const heardAt = Date.now();
    const quotes = await this.options.ask(symbols, account);
    const market = this.options.marketOf(account);
    const latest = symbols.map((symbol): [string, Heard] => {
      const quote = quotes.find((candidate) => candidate.symbol === symbol);
      const heard = { ...(quote && { quote }), heardAt };
      return [symbol, isKept ? this.known.answer(market, symbol, heard) : heard];
    });
    if (latest.length > 0) await this.others?.write(market, latest);
    return quotes;
  }
}
