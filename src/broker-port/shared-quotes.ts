/** The quotes that processes share, so that what one of them has heard need not be asked for by another. */

/** What a broker said of a symbol; without a quote, it was asked and showed none. */
export interface SharedQuote {
  symbol: string;
  /** JSON, and the quote's own time in epoch milliseconds */
  quote?: { json: string; at: number };
  ageMs: number;
}

/** `market`: whoever asks there is shown the same quotes. All methods reject when the place cannot be reached. */
export interface SharedQuotes {
  /** A symbol of which nothing was heard of late is absent. */
  read(market: string, symbols: readonly string[]): Promise<SharedQuote[]>;
  /** What is known to be newer stays. */
  write(market: string, heard: readonly SharedQuote[]): Promise<void>;
  /** False while another process has the right to ask; it ends by itself. */
  mayAsk(right: string, forMs: number): Promise<boolean>;
}
