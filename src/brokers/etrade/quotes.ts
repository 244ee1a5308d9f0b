import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { checked } from '../../wire/answers.js';
import { passingOver } from '../../wire/orders.js';
import { batchesOf, quoted } from '../../wire/quotes.js';
import type { EtradeCalls } from './calls.js';
import { quoteList, quoteRow } from './schemas.js';
import { quoteName, symbolOf } from './symbols.js';

const MOST_SYMBOLS = 50;

/** Delayed quotes are left out as if there were none: nothing may be decided by them. One that cannot be read hides no other. */
export async function readQuotes(calls: EtradeCalls, account: string, symbols: readonly string[]): Promise<Quote[]> {
  const names = symbols.filter((symbol) => assetClassOf(symbol) !== 'crypto').map(quoteName);
  const quotes: Quote[] = [];
  for (const batch of batchesOf(names, MOST_SYMBOLS)) {
    const asked = batch.map(encodeURIComponent).join(',');
    const path = `/v1/market/quote/${asked}.json?detailFlag=ALL&overrideSymbolCount=true`;
    const answer = await calls.read(account, () => path, quoteList);
    quotes.push(...passingOver(answer?.QuoteResponse.QuoteData ?? [], quoteOf));
  }
  return quotes;
}

/** @throws UnexpectedAnswer for a quote of another form, or in a state that is not known: nothing is decided by it */
function quoteOf(row: unknown): Quote | undefined {
  const { Product, quoteStatus, dateTimeUTC, All } = checked(quoteRow, row, "E*TRADE's quote");
  const traded = symbolOf(Product);
  if (!traded || quoteStatus === 'DELAYED') return undefined;
  const extended = All.ExtendedHourQuoteDetail;
  // Before the open the current price is only here, beside yesterday's close.
  const prices = extended?.quoteStatus === 'EH_REALTIME' ? { ...extended, lastTrade: extended.lastPrice } : All;
  const { bid, ask, bidSize, askSize, lastTrade } = prices;
  return {
    symbol: traded.symbol,
    ...quoted('bid', bid, bidSize),
    ...quoted('ask', ask, askSize),
    ...quoted('last', lastTrade),
    at: dateTimeUTC * 1_000,
  };
}
