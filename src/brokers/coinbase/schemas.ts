/** What Coinbase Advanced Trade answers, as far as it is read. Source: its API reference. */
import { z } from 'zod';
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

/** An order of which nothing is known yet but whose it is: it may be of a kind or in a state that we do not know. */
export const anyOrder = z.looseObject({ order_id: z.string().min(1), client_order_id: optionalText });
export type AnyOrder = z.infer<typeof anyOrder>;

const cursor = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
export const oneOrder = z.object({ order: anyOrder });
export const orderPage = z.object({ orders: z.array(anyOrder), has_next: z.boolean(), cursor });

export const fillPage = z.object({
  fills: z.array(
    z.object({
      entry_id: z.string().min(1),
      order_id: z.string(),
      trade_time: instant,
      // reversals and corrections are a person's matter
      trade_type: z.literal('FILL'),
      price: amount,
      size: amount,
      size_in_quote: z.boolean().optional(),
      commission: reckoned,
    }),
  ),
  cursor,
});
export type FillRow = z.infer<typeof fillPage>['fills'][number];

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

const money = z.object({ value: amount, currency: z.string() });
export const walletPage = z.object({
  accounts: z.array(
    z.object({
      uuid: optionalText,
      currency: z.string().min(1),
      type: z.string(),
      available_balance: money,
      hold: money,
      retail_portfolio_id: optionalText,
    }),
  ),
  has_next: z.boolean(),
  cursor,
});
export type Wallet = z.infer<typeof walletPage>['accounts'][number];

/** What the wallets of a portfolio cost: `average_entry_price` is that of one coin. */
export const portfolioBreakdown = z.object({
  breakdown: z.object({
    spot_positions: z.array(
      z.object({
        account_uuid: z.string(),
        average_entry_price: z.object({ value: reckoned, currency: z.string() }).nullish(),
      }),
    ),
  }),
});

// ------------------------------------------------------------------ prices

export const product = z.object({
  product_id: z.string(),
  price: optionalAmount,
  base_increment: amount,
  price_increment: amount,
  is_disabled: z.boolean().optional(),
  trading_disabled: z.boolean().optional(),
  view_only: z.boolean().optional(),
  cancel_only: z.boolean().optional(),
});
export type Product = z.infer<typeof product>;
export const productList = z.object({ products: z.array(product) });

const levels = z.array(z.object({ price: amount, size: amount }));
const priceBook = z.object({ product_id: z.string(), bids: levels, asks: levels, time: instant });
export type PriceBook = z.infer<typeof priceBook>;
export const bestBidAsk = z.object({ pricebooks: z.array(priceBook) });
export const productBook = z.object({ pricebook: priceBook, last: optionalAmount });

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
