import type { DecimalString } from '../../domain/decimal.js';
import { isSymbol } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { BadRequest, type CoinbaseApi } from './coinbase-api.js';
import { bestBidAsk, candlePage, type PriceBook, type Product, productBook, productList } from './schemas.js';

/** One call for all books and one for all last trades. Everything @throws as `CoinbaseApi.get`. */
export async function quotes(
  api: CoinbaseApi,
  symbols: readonly string[],
  account: string | undefined,
): Promise<Quote[]> {
  const products = symbols.filter((symbol) => isSymbol(symbol, 'crypto'));
  if (products.length === 0) return [];
  const batch = account === undefined ? [] : await batchOf(api, products, account);
  const missing = products.filter((symbol) => !batch.some((quote) => quote.symbol === symbol));
  const single = await Promise.all(missing.map((symbol) => quoteOf(api, symbol)));
  return [...batch, ...single.filter((quote) => quote !== undefined)];
}

async function batchOf(api: CoinbaseApi, symbols: readonly string[], account: string): Promise<Quote[]> {
  const query = { product_ids: symbols };
  try {
    const [books, products] = await Promise.all([
      api.get(account, '/best_bid_ask', query, bestBidAsk),
      api.get(account, '/market/products', query, productList),
    ]);
    const wanted = books?.pricebooks.filter(({ product_id }) => symbols.includes(product_id)) ?? [];
    return wanted.map((book) => {
      const product = products?.products.find(({ product_id }) => product_id === book.product_id);
      return { ...quote(book, product?.price), ...(product && isHalted(product) && { halted: true }) };
    });
  } catch (error) {
    // A symbol that is not known may spoil the whole: then each is asked for alone.
    if (error instanceof BadRequest) return [];
    throw error;
  }
}

function isHalted({ is_disabled, trading_disabled, view_only, cancel_only }: Product): boolean {
  return [is_disabled, trading_disabled, view_only, cancel_only].includes(true);
}

/** Shown to everybody, and under the name that was asked for where two names share a book. */
async function quoteOf(api: CoinbaseApi, symbol: string): Promise<Quote | undefined> {
  try {
    const query = { product_id: symbol, limit: '1' };
    const answer = await api.getPublic('/market/product_book', query, productBook);
    return answer && { ...quote(answer.pricebook, answer.last), symbol };
  } catch (error) {
    if (error instanceof BadRequest) return undefined;
    throw error;
  }
}

function quote({ product_id, bids, asks, time }: PriceBook, last: DecimalString | undefined): Quote {
  const [bid, ask] = [bids[0], asks[0]];
  return {
    symbol: product_id,
    ...(bid && { bid: bid.price, bidSize: bid.size }),
    ...(ask && { ask: ask.price, askSize: ask.size }),
    ...(last !== undefined && { last }),
    at: time,
  };
}

// ------------------------------------------------------------------ candles

/** Widths that Coinbase has, in milliseconds. */
const GRANULARITIES = {
  ONE_MINUTE: 60_000,
  FIVE_MINUTE: 300_000,
  FIFTEEN_MINUTE: 900_000,
  THIRTY_MINUTE: 1_800_000,
  ONE_HOUR: 3_600_000,
  TWO_HOUR: 7_200_000,
  SIX_HOUR: 21_600_000,
  ONE_DAY: 86_400_000,
} as const;
type Granularity = keyof typeof GRANULARITIES;

/** `at`: its start, epoch milliseconds. */
export interface Candle {
  at: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  volume: DecimalString;
}

export interface CandleSpan {
  granularity: Granularity;
  /** epoch milliseconds */
  from: number;
  to: number;
}

/** Coinbase answers 350 at most. */
const CANDLES_AT_ONCE = 300;

/** Oldest first; none for a product that Coinbase does not have. */
export async function candles(api: CoinbaseApi, account: string, symbol: string, span: CandleSpan): Promise<Candle[]> {
  const found = new Map<number, Candle>();
  const windowMs = CANDLES_AT_ONCE * GRANULARITIES[span.granularity];
  for (let start = span.from; start < span.to; start += windowMs) {
    const query = {
      start: seconds(start),
      end: seconds(Math.min(start + windowMs, span.to)),
      granularity: span.granularity,
    };
    const page = await api.get(account, `/market/products/${encodeURIComponent(symbol)}/candles`, query, candlePage);
    for (const { start: at, ...prices } of page?.candles ?? []) {
      found.set(Number(at), { at: Number(at) * 1_000, ...prices });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1_000));
}
