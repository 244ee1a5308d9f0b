/** Products and prices (docs/brokers/coinbase.md, sections 5 and 9). */
import type { Quote } from '../../domain/market.js';
import { candlesOf } from '../exchange/candles.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { Simulator } from '../protocol.js';
import { failure } from './answers.js';
import { stepsOf } from './products.js';
import { unrelatedBooks, unrelatedProducts } from './unrelated.js';

const MINUTE_MS = 60_000;
const WIDTHS: Readonly<Record<string, number>> = {
  ONE_MINUTE: MINUTE_MS,
  FIVE_MINUTE: 5 * MINUTE_MS,
  FIFTEEN_MINUTE: 15 * MINUTE_MS,
  THIRTY_MINUTE: 30 * MINUTE_MS,
  ONE_HOUR: 60 * MINUTE_MS,
  TWO_HOUR: 120 * MINUTE_MS,
  SIX_HOUR: 360 * MINUTE_MS,
  ONE_DAY: 1440 * MINUTE_MS,
};
const MOST_CANDLES = 350;
const SIZE = '1';

type Shown = Pick<Simulator, 'exchange' | 'hasUnrelated'>;

/** Coins, unless other types are asked for. */
export async function products(simulator: Shown, query: URLSearchParams, call: Call): Promise<Response> {
  const { exchange, hasUnrelated } = simulator;
  const type = query.get('product_type') ?? 'UNKNOWN_PRODUCT_TYPE';
  const isWanted = (product: { product_id: string; product_type: string }) =>
    among(query, 'product_ids', product.product_id) &&
    (type === 'UNKNOWN_PRODUCT_TYPE' || type === product.product_type);
  const known = exchange.market.symbols(exchange.now()).filter((symbol) => symbol.includes('-'));
  const quoted = await Promise.all(
    known.map(async (symbol) => productView(symbol, await exchange.quote(symbol, call))),
  );
  const listed = [...quoted, ...(hasUnrelated ? unrelatedProducts : [])].filter(isWanted);
  const start = Number(query.get('offset') ?? '0') || 0;
  const page = listed.slice(start, start + (Number(query.get('limit') ?? listed.length) || listed.length));
  return Response.json({ products: page, num_products: listed.length });
}

export async function product({ exchange, hasUnrelated }: Shown, symbol: string, call: Call): Promise<Response> {
  const unrelated = hasUnrelated && unrelatedProducts.find(({ product_id }) => product_id === symbol);
  if (unrelated) return Response.json(unrelated);
  if (!symbol.includes('-') || !exchange.market.knows(symbol)) return unknownProduct();
  return Response.json(productView(symbol, await exchange.quote(symbol, call)));
}

export async function bestBidAsk(simulator: Shown, query: URLSearchParams, call: Call): Promise<Response> {
  const { exchange, hasUnrelated } = simulator;
  const names = query.getAll('product_ids');
  const wanted =
    names.length > 0 ? names : exchange.market.symbols(exchange.now()).filter((symbol) => symbol.includes('-'));
  const unrelated = hasUnrelated
    ? unrelatedBooks.filter(({ product_id }) => among(query, 'product_ids', product_id))
    : [];
  const books = [];
  for (const symbol of wanted) {
    const quote = await exchange.quote(symbol, call);
    if (quote) books.push(bookView(quote));
  }
  return Response.json({ pricebooks: [...unrelated, ...books] });
}

/** Whether a list that may be narrowed down holds the value. */
function among(query: URLSearchParams, name: string, value: string): boolean {
  return !query.has(name) || query.getAll(name).includes(value);
}

export async function productBook(exchange: Exchange, symbol: string, call: Call): Promise<Response> {
  const quote = await exchange.quote(symbol, call);
  if (quote === undefined) return unknownProduct();
  const { bid = '', ask = '', last = bid } = quote;
  const middle = bid === '' || ask === '' ? '' : String((Number(bid) + Number(ask)) / 2);
  return Response.json({ pricebook: bookView(quote), last, mid_market: middle, spread_bps: '', spread_absolute: '' });
}

export async function ticker(exchange: Exchange, symbol: string, call: Call): Promise<Response> {
  const quote = await exchange.quote(symbol, call);
  if (quote === undefined) return unknownProduct();
  const { bid = '', ask = '', last, at } = quote;
  const trade = {
    trade_id: String(at),
    product_id: symbol,
    price: last,
    size: SIZE,
    time: iso(at),
    side: 'SELL',
    bid: '',
    ask: '',
  };
  return Response.json({
    trades: last === undefined ? [] : [{ ...trade, exchange: 'coinbase' }],
    best_bid: bid,
    best_ask: ask,
  });
}

/** Newest first; `start` and `end` in UNIX seconds. */
export async function candles(exchange: Exchange, symbol: string, query: URLSearchParams): Promise<Response> {
  const widthMs = WIDTHS[query.get('granularity') ?? ''];
  const [from, to] = ['start', 'end'].map((name) => Number(query.get(name) ?? Number.NaN) * 1000);
  if (widthMs === undefined || from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) {
    return failure(400, 'INVALID_ARGUMENT', 'start, end and granularity are required');
  }
  if ((to - from) / widthMs > MOST_CANDLES) {
    return failure(400, 'INVALID_ARGUMENT', 'number of candles requested should be less than 350');
  }
  const found = await candlesOf(exchange.market, symbol, { from, to: Math.min(to, exchange.now()), widthMs });
  const rows = found.map(({ at, open, high, low, close, volume }) => ({
    ...{ start: String(at / 1000), low: low.toString(), high: high.toString(), open: open.toString() },
    ...{ close: close.toString(), volume: volume.toString() },
  }));
  return Response.json({ candles: rows.reverse() });
}

export function serverTime(exchange: Exchange) {
  const now = exchange.now();
  return { iso: iso(now), epochSeconds: String(Math.floor(now / 1000)), epochMillis: String(now) };
}

function productView(symbol: string, quote: Quote | undefined) {
  const [base = '', currency = ''] = symbol.split('-');
  const steps = stepsOf(symbol, quote);
  const increment = steps.price.toString();
  return {
    ...{
      product_id: symbol,
      price: quote?.last ?? quote?.bid ?? '',
      price_percentage_change_24h: '0',
      volume_24h: '0',
    },
    ...{
      base_increment: steps.base.toString(),
      quote_increment: increment,
      price_increment: increment,
      quote_min_size: '1',
    },
    ...{
      quote_max_size: '150000000',
      base_min_size: steps.smallestSize.toString(),
      base_max_size: steps.largestSize.toString(),
    },
    ...{
      base_name: base,
      quote_name: 'US Dollar',
      status: 'online',
      is_disabled: false,
      new: false,
      cancel_only: false,
    },
    ...{
      limit_only: false,
      post_only: false,
      trading_disabled: quote?.halted === true,
      auction_mode: false,
      view_only: false,
    },
    ...{ product_type: 'SPOT', quote_currency_id: currency, base_currency_id: base, alias: '', alias_to: [] },
    ...{ base_display_symbol: base, quote_display_symbol: currency, display_name: symbol },
  };
}

function bookView({ symbol, bid, ask, bidSize, askSize, at }: Quote) {
  return {
    product_id: symbol,
    bids: bid === undefined ? [] : [{ price: bid, size: bidSize ?? SIZE }],
    asks: ask === undefined ? [] : [{ price: ask, size: askSize ?? SIZE }],
    time: iso(at),
  };
}

function unknownProduct(): Response {
  return failure(404, 'NOT_FOUND', 'valid product_id is required');
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
