/**
 * Alpaca's answers, as far as they are read. Members that are not known pass; a value that is not known raises.
 * Source: Trading API v2 and Market Data API, alpacahq/alpaca-docs `oas/trading/openapi.yaml`.
 */
import { z } from 'zod';
import { amount } from '../../wire/json.js';

/** Epoch milliseconds; what is finer is cut off. */
const instant = z.string().transform((text, context): number => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});

export const alpacaStatus = z.enum([
  ...['accepted', 'pending_new', 'accepted_for_bidding', 'pending_review', 'held'],
  ...['new', 'stopped', 'suspended', 'calculated', 'done_for_day', 'partially_filled'],
  ...['pending_cancel', 'pending_replace', 'filled', 'canceled', 'replaced', 'expired', 'rejected'],
] as const);
export type AlpacaStatus = z.infer<typeof alpacaStatus>;

export const alpacaOrder = z.object({
  id: z.string().min(1),
  client_order_id: z.string(),
  created_at: instant,
  submitted_at: instant.nullish(),
  symbol: z.string().min(1),
  asset_class: z.enum(['us_equity', 'us_option', 'crypto']),
  // an order for an amount of dollars has none
  qty: amount.nullable(),
  filled_qty: amount,
  type: z.enum(['market', 'limit', 'stop', 'stop_limit', 'trailing_stop']),
  side: z.enum(['buy', 'sell']),
  position_intent: z.enum(['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']).nullish(),
  time_in_force: z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  status: alpacaStatus,
});
export type AlpacaOrder = z.infer<typeof alpacaOrder>;

/** Enough of an order to see whose it is. */
export const listedOrder = z.looseObject({
  id: z.string().min(1),
  client_order_id: z.string(),
  submitted_at: z.iso.datetime({ offset: true }),
});

/** An execution: a row of `/v2/account/activities/FILL`. */
export const fillActivity = z.object({
  id: z.string().min(1),
  activity_type: z.literal('FILL'),
  transaction_time: instant,
  price: amount,
  qty: amount,
  order_id: z.string().min(1),
});
export type FillActivity = z.infer<typeof fillActivity>;

export const alpacaAccount = z.object({
  id: z.string().min(1),
  account_number: z.string(),
  status: z.string(),
  currency: z.literal('USD'),
  cash: amount,
  equity: amount,
  buying_power: amount,
  trading_blocked: z.boolean(),
  account_blocked: z.boolean(),
  trade_suspended_by_user: z.boolean(),
});
export type AlpacaAccount = z.infer<typeof alpacaAccount>;

export const alpacaPosition = z.object({
  symbol: z.string().min(1),
  asset_class: z.string(),
  qty: amount,
  side: z.enum(['long', 'short']),
  avg_entry_price: amount,
});
export type AlpacaPosition = z.infer<typeof alpacaPosition>;

export const alpacaAsset = z.object({ price_increment: amount, min_trade_increment: amount });

/** Market data has JSON numbers; a price of 0 means that the side is not quoted. */
const sides = z.object({ t: instant, ap: amount, as: amount, bp: amount, bs: amount });
/** `S`: the symbol */
export const streamedQuote = sides.extend({ S: z.string() });
const snapshot = z.object({
  latestQuote: sides.nullish(),
  latestTrade: z.object({ t: instant, p: amount }).nullish(),
});
export type Snapshot = z.infer<typeof snapshot>;

/** Of shares the map stands alone; elsewhere it is wrapped. */
export const stockSnapshots = z.record(z.string(), snapshot);
export const wrappedSnapshots = z.object({ snapshots: stockSnapshots });

export const bars = z.object({
  bars: z
    .record(z.string(), z.array(z.object({ t: instant, o: amount, h: amount, l: amount, c: amount, v: amount })))
    .nullable(),
  next_page_token: z.string().nullish(),
});

/** Every refusal. Numbers are read as text. */
export const problem = z.object({ code: z.string(), message: z.string() });
export type Problem = z.infer<typeof problem>;
