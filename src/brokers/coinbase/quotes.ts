import type { DecimalString } from '../../domain/decimal.js';
import { isSymbol } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { checked } from '../../wire/answers.js';
import { passingOver } from '../../wire/orders.js';
import { quoted } from '../../wire/quotes.js';
import { BadRequest } from './answers.js';
import type { CoinbaseCalls } from './calls.js';
import {
  bestBidAsk,
  type PriceBook,
  priceBook,
  productBook,
  productList,
  type QuotedProduct,
  quotedProduct,
} from './schemas.js';

/** One call for all books and one for all last trades; what cannot be read hides no other. Everything @throws as `CoinbaseCalls.get`. */
export async function readQuotes(
  calls: CoinbaseCalls,
  symbols: readonly string[],
  account: string | undefined,
): Promise<Quote[]> {
  const products = symbols.filter((symbol) => isSymbol(symbol, 'crypto'));
  if (products.length === 0) return [];
  const batch = account === undefined ? [] : await batchOf(calls, products, account);
  const missing = products.filter((symbol) => !batch.some((quote) => quote.symbol === symbol));
  const single = await Promise.all(missing.map((symbol) => quoteOf(calls, symbol)));
  return [...batch, ...single.filter((quote) => quote !== undefined)];
}

async function batchOf(calls: CoinbaseCalls, symbols: readonly string[], account: string): Promise<Quote[]> {
  const query = { product_ids: symbols };
  try {
    const [books, products] = await Promise.all([
      calls.get(account, '/best_bid_ask', query, bestBidAsk),
      calls.get(account, '/market/products', query, productList),
    ]);
    const known = passingOver(products?.products ?? [], (row) => checked(quotedProduct, row, 'a product'));
    const wanted = passingOver(books?.pricebooks ?? [], readBook).filter(({ product_id }) =>
      symbols.includes(product_id),
    );
    return wanted.map((book) => {
      const product = known.find(({ product_id }) => product_id === book.product_id);
      return { ...quote(book, product?.price), ...(product && isHalted(product) && { halted: true }) };
    });
  } catch (error) {
    // A symbol that is not known may spoil the whole: then each is asked for alone.
    if (error instanceof BadRequest) return [];
    throw error;
  }
}

function isHalted({ is_disabled, trading_disabled, view_only, cancel_only }: QuotedProduct): boolean {
  return [is_disabled, trading_disabled, view_only, cancel_only].includes(true);
}

/** Shown to everybody, and under the name that was asked for where two names share a book. */
async function quoteOf(calls: CoinbaseCalls, symbol: string): Promise<Quote | undefined> {
  try {
    const query = { product_id: symbol, limit: '1' };
    const answer = await calls.getPublic('/market/product_book', query, productBook);
    const [book] = answer ? passingOver([answer.pricebook], readBook) : [];
    return book && { ...quote(book, answer?.last), symbol };
  } catch (error) {
    if (error instanceof BadRequest) return undefined;
    throw error;
  }
}

/** A book without its time is none: nobody knows how old it is. @throws UnexpectedAnswer */
function readBook(row: unknown): PriceBook {
  return checked(priceBook, row, 'a book');
}

function quote({ product_id, bids, asks, time }: PriceBook, last: DecimalString | undefined): Quote {
  const [bid, ask] = [bids?.[0], asks?.[0]];
  return {
    symbol: product_id,
    ...quoted('bid', bid?.price, bid?.size),
    ...quoted('ask', ask?.price, ask?.size),
    ...quoted('last', last),
    at: time,
  };
}
