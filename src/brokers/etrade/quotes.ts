import type { z } from 'zod';
import type { DecimalString } from '../../domain/decimal.js';
import { decimal } from '../../domain/decimal.js';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { EtradeClient } from './etrade-client.js';
import { quoteList } from './schemas.js';
import { quoteName, symbolOf } from './symbols.js';

const MOST_SYMBOLS = 50;

type QuoteData = NonNullable<z.infer<typeof quoteList>['QuoteResponse']['QuoteData']>[number];

/** Delayed quotes are left out as if there were none: nothing may be decided by them. */
export async function readQuotes(client: EtradeClient, account: string, symbols: readonly string[]): Promise<Quote[]> {
  const names = symbols.filter((symbol) => assetClassOf(symbol) !== 'crypto').map(quoteName);
  const quotes: Quote[] = [];
  for (let start = 0; start < names.length; start += MOST_SYMBOLS) {
    const asked = names
      .slice(start, start + MOST_SYMBOLS)
      .map(encodeURIComponent)
      .join(',');
    const path = `/v1/market/quote/${asked}.json?detailFlag=ALL&overrideSymbolCount=true`;
    const answer = await client.read(account, () => path, quoteList);
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
      ...shown('bid', bid),
      ...shown('ask', ask),
      ...shown('bidSize', bid && bidSize),
      ...shown('askSize', ask && askSize),
      ...shown('last', lastTrade),
      at: dateTimeUTC * 1_000,
    },
  ];
}

/** A side that is not quoted is sent as zero. */
function shown(name: keyof Quote, value: DecimalString | undefined): Partial<Quote> {
  return value === undefined || decimal(value).isZero() ? {} : { [name]: value };
}
