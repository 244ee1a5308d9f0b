/** Sends each listener the quotes that have changed, and a new listener the current ones. */
import type { Quote } from '../domain/market.js';
import type { Exchange } from './exchange/exchange.js';
import type { Call } from './exchange/new-order.js';
import type { PlannedFault } from './faults/fault-plan.js';

export interface QuoteListener {
  symbols(): Iterable<string>;
  /** the fault for the next quote of a symbol */
  drawFault(symbol: string): PlannedFault | undefined;
  onQuote(quote: Quote, fault: PlannedFault | undefined): void;
}

const POLL_EVERY_MS = 100;

export class QuoteFeed {
  private readonly listeners = new Map<QuoteListener, Map<string, string>>();
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> | undefined;

  constructor(private readonly exchange: Exchange) {}

  add(listener: QuoteListener): void {
    this.listeners.set(listener, new Map());
    this.timer ??= setInterval(() => this.poll(), POLL_EVERY_MS);
  }

  delete(listener: QuoteListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private poll(): void {
    this.polling ??= this.sendChanges().finally(() => {
      this.polling = undefined;
    });
  }

  private async sendChanges(): Promise<void> {
    for (const [listener, seen] of this.listeners) {
      for (const symbol of [...listener.symbols()]) await this.sendChange(listener, seen, symbol);
    }
  }

  private async sendChange(listener: QuoteListener, seen: Map<string, string>, symbol: string): Promise<void> {
    const quote = await this.exchange.quote(symbol);
    if (quote === undefined) return;
    const { at: _at, ...prices } = quote;
    const shown = JSON.stringify(prices);
    if (seen.get(symbol) === shown) return;
    seen.set(symbol, shown);
    const fault = listener.drawFault(symbol);
    const changed = fault && (await this.exchange.quote(symbol, callOf(fault)));
    listener.onQuote(changed ?? quote, fault);
  }
}

function callOf({ kind, seconds }: PlannedFault): Call {
  return { fault: { kind, seconds } };
}
