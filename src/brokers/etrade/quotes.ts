import type { z } from 'zod';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { batchesOf, quoted } from '../../wire/quotes.js';
import type { EtradeCalls } from './calls.js';
import { quoteList } from './schemas.js';
import { quoteName, symbolOf } from './symbols.js';

const MOST_SYMBOLS = 50;

type QuoteData = NonNullable<z.infer<typeof quoteList>['QuoteResponse']['QuoteData']>[number];

/** Delayed quotes are left out as if there were none: nothing may be decided by them. */
export async function readQuotes(calls: EtradeCalls, account: string, symbols: readonly string[]): Promise<Quote[]> {
  const names = symbols.filter((symbol) => assetClassOf(symbol) !== 'crypto').map(quoteName);
  const quotes: Quote[] = [];
  for (const batch of batchesOf(names, MOST_SYMBOLS)) {
    const asked = batch.map(encodeURIComponent).join(',');
    const path = `/v1/market/quote/${asked}.json?detailFlag=ALL&overrideSymbolCount=true`;
    const answer = await calls.read(account, () => path, quoteList);
    quotes.push(...(answer?.QuoteResponse.QuoteData ?? []).flatMap(quoteOf));
  }
  return quotes;
}

function quoteOf({ Product, quoteStatus, dateTimeUTC, All }: QuoteData): Quote[] {
  const traded = symbolOf(Product);
  if (!traded || quoteStatus === 'DELAYED') return [];
  const extended = All.ExtendedHourQuoteDetail;
  // Before the open the current price is only here, beside yesterday's close.
  const prices = extended?.quoteStatus === 'EH_REALTIME' ? { ...extended, lastTrade: extended.lastPrice } : All;
  const { bid, ask, bidSize, askSize, lastTrade } = prices;
  return [
    {
      symbol: traded.symbol,
      ...quoted('bid', bid, bidSize),
      ...quoted('ask', ask, askSize),
      ...quoted('last', lastTrade),
      at: dateTimeUTC * 1_000,
    },
  ];
}
