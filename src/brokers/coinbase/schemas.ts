/** What Coinbase Advanced Trade answers, as far as it is read. Source: its API reference. */
import { z } from 'zod';
import { decimal } from '../../domain/decimal.js';
import { amount as plainAmount } from '../../wire/json.js';

/** Coinbase pads some amounts with zeros far beyond our 18 decimals. */
const amount = z
  .string()
  .transform((text) => text.replace(/(\.\d{18})0+$/, '$1'))
  .pipe(plainAmount);
/** "None" is an absent member, or an empty text. */
const optionalAmount = z
  .string()
  .nullish()
  .transform((text) => text || undefined)
  .pipe(amount.optional());
/** A fee, or an average, is reckoned, not traded: what it has beyond 18 decimals is nobody's money. */
const reckoned = z
  .string()
  .transform((text) => text.replace(/(\.\d{18})\d+$/, '$1') || '0')
  .pipe(plainAmount);
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

/** Of anything: each row is read by itself, so that none makes the list unreadable. */
const rows = z.array(z.unknown());
/** What is shown of a thing before it is read: undefined where it is not there, or has another form. */
const shown = z
  .string()
  .optional()
  .catch(undefined)
  .transform((text) => text || undefined);

export const errorBody = z.object({ error: z.string(), message: z.string() });

// ------------------------------------------------------------------ orders

const configuration = z.object({ base_size: optionalAmount, limit_price: optionalAmount, stop_price: optionalAmount });

export const orderRow = z.object({
  order_id: z.string().min(1),
  client_order_id: optionalText,
  product_id: z.string().min(1),
  side: z.enum(['BUY', 'SELL']),
  status: z.enum([
    'PENDING',
    'QUEUED',
    'OPEN',
    'CANCEL_QUEUED',
    'EDIT_QUEUED',
    'FILLED',
    'CANCELLED',
    'EXPIRED',
    'FAILED',
  ]),
  order_configuration: z.record(z.string(), configuration),
  created_time: instant,
  filled_size: optionalAmount,
  trigger_status: z
    .enum(['UNKNOWN_TRIGGER_STATUS', 'INVALID_ORDER_TYPE', 'STOP_PENDING', 'STOP_TRIGGERED', ''])
    .nullish(),
  reject_reason: optionalText,
  reject_message: optionalText,
});
export type OrderRow = z.infer<typeof orderRow>;

/** The kinds of an order, whatever they hold. */
export const anyConfiguration = z.record(z.string(), z.unknown()).catch({});
const noOrder = { order_id: undefined, client_order_id: undefined, product_id: undefined, product_type: undefined };
/** An order of which nothing is known yet but whose it is: it may be of any kind and in any state. */
export const anyOrder = z
  .looseObject({ order_id: shown, client_order_id: shown, product_id: shown, product_type: shown })
  .catch(noOrder);
export type AnyOrder = z.infer<typeof anyOrder>;

const cursor = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const hasNext = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);
export const oneOrder = z.object({ order: anyOrder });
export const orderPage = z.object({ orders: z.array(anyOrder), has_next: hasNext, cursor });

/** A fill of which nothing is known yet but whose it is. */
const anyFill = z.looseObject({ order_id: shown }).catch({ order_id: undefined });
export type AnyFill = z.infer<typeof anyFill>;
export const fillPage = z.object({ fills: z.array(anyFill), cursor });

export const fillRow = z.object({
  entry_id: z.string().min(1),
  trade_time: instant,
  // reversals and corrections are a person's matter
  trade_type: z.literal('FILL'),
  price: amount,
  size: amount,
  size_in_quote: z.boolean().nullish(),
  commission: reckoned,
});
export type FillRow = z.infer<typeof fillRow>;

export const placeAnswer = z.object({
  success: z.boolean(),
  failure_reason: optionalText,
  success_response: z.object({ order_id: z.string().min(1), client_order_id: optionalText }).nullish(),
  error_response: z
    .object({
      error: optionalText,
      message: optionalText,
      error_details: optionalText,
      preview_failure_reason: optionalText,
      new_order_failure_reason: optionalText,
    })
    .nullish(),
});
export type PlaceAnswer = z.infer<typeof placeAnswer>;

export const cancelAnswer = z.object({
  results: z.array(z.object({ success: z.boolean(), failure_reason: optionalText, order_id: z.string() })),
});

// ------------------------------------------------------------------ wallets

const money = z.object({ value: amount });
export const wallet = z.object({
  uuid: optionalText,
  currency: z.string().min(1),
  available_balance: money,
  hold: money,
  retail_portfolio_id: optionalText,
});
export type Wallet = z.infer<typeof wallet>;

const noWallet = { currency: undefined, type: undefined, platform: undefined, retail_portfolio_id: undefined };
/** A wallet before its amounts are read. */
export const shownWallet = z
  .object({ currency: shown, type: shown, platform: shown, retail_portfolio_id: shown })
  .catch(noWallet);
export const walletPage = z.object({ accounts: rows, has_next: hasNext, cursor });

/** What the wallets of a portfolio cost: `average_entry_price` is that of one coin. */
export const portfolioBreakdown = z.object({ breakdown: z.object({ spot_positions: rows }) });
export const pricedWallet = z.object({
  account_uuid: z.string(),
  average_entry_price: z.object({ value: reckoned, currency: z.literal('USD') }),
});

// ------------------------------------------------------------------ prices

/** An increment that is no positive amount is none. */
const increment = optionalAmount.catch(undefined).transform((step) => {
  return step !== undefined && decimal(step).isPositive() ? step : undefined;
});
export const product = z.object({ base_increment: increment, price_increment: increment });

const flag = z.boolean().nullish();
export const quotedProduct = z.object({
  product_id: z.string(),
  price: optionalAmount,
  ...{ is_disabled: flag, trading_disabled: flag, view_only: flag, cancel_only: flag },
});
export type QuotedProduct = z.infer<typeof quotedProduct>;
export const productList = z.object({ products: rows.nullish() });

const levels = z.array(z.object({ price: optionalAmount, size: optionalAmount })).nullish();
export const priceBook = z.object({ product_id: z.string(), bids: levels, asks: levels, time: instant });
export type PriceBook = z.infer<typeof priceBook>;
export const bestBidAsk = z.object({ pricebooks: rows.nullish() });
export const productBook = z.object({ pricebook: z.unknown(), last: optionalAmount.catch(undefined) });

export const tickerEvent = z.object({ tickers: rows });
/** Of the market socket. */
export const ticker = z.object({
  product_id: z.string().min(1),
  price: optionalAmount,
  best_bid: optionalAmount,
  best_bid_quantity: optionalAmount,
  best_ask: optionalAmount,
  best_ask_quantity: optionalAmount,
});

export const candlePage = z.object({
  candles: z.array(
    z.object({
      /** UNIX seconds */
      start: z.string().regex(/^\d{1,12}$/),
      ...{ open: amount, high: amount, low: amount, close: amount, volume: amount },
    }),
  ),
});
