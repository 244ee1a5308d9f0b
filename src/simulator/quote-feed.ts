/** Tells those who listen the quotes that have changed, and whoever begins to listen the present ones. */
import type { Quote } from '../domain/market.js';
import type { Exchange } from './exchange/exchange.js';
import type { Call } from './exchange/new-order.js';
import type { PlannedFault } from './faults/fault-plan.js';

export interface QuoteListener {
  symbols(): Iterable<string>;
  /** the fault that befalls the next news of a symbol */
  draw(symbol: string): PlannedFault | undefined;
  onQuote(quote: Quote, fault: PlannedFault | undefined): void;
}

const LOOK_EVERY_MS = 100;

export class QuoteFeed {
  private readonly listeners = new Map<QuoteListener, Map<string, string>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(private readonly exchange: Exchange) {}

  add(listener: QuoteListener): void {
    this.listeners.set(listener, new Map());
    this.timer ??= setInterval(() => this.lookAgain(), LOOK_EVERY_MS);
  }

  delete(listener: QuoteListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private lookAgain(): void {
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
  }

  private async look(): Promise<void> {
    for (const [listener, seen] of this.listeners) {
      for (const symbol of [...listener.symbols()]) await this.tellNews(listener, seen, symbol);
    }
  }

  private async tellNews(listener: QuoteListener, seen: Map<string, string>, symbol: string): Promise<void> {
    const quote = await this.exchange.quote(symbol);
    if (quote === undefined) return;
    const { at: _at, ...prices } = quote;
    const news = JSON.stringify(prices);
    if (seen.get(symbol) === news) return;
    seen.set(symbol, news);
    const fault = listener.draw(symbol);
    const disturbed = fault && (await this.exchange.quote(symbol, callOf(fault)));
    listener.onQuote(disturbed ?? quote, fault);
  }
}

function callOf({ kind, seconds }: PlannedFault): Call {
  return { fault: { kind, seconds } };
}
