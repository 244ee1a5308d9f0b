/**
 * Alpaca's answers, as far as they are read. Members that are not known pass; a value that is not known raises. A row of a
 * list is shown by what it says of itself, and then read on its own: no row can make a list unreadable.
 * Source: Trading API v2 and Market Data API, alpacahq/alpaca-docs `oas/trading/openapi.yaml`.
 */
import { z } from 'zod';
import { amount, shownCount } from '../../wire/json.js';

/** Epoch milliseconds; what is finer is cut off. */
const instant = z.string().transform((text, context): number => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});

/** Of a row of any kind: absent where it is null, empty or something else. */
const shown = z.string().min(1).optional().catch(undefined);
const assetClass = z.enum(['us_equity', 'us_option', 'crypto']);

/** Whether Arbion trades a class of assets at Alpaca. */
export function isTraded(name: string): boolean {
  return assetClass.safeParse(name).success;
}

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
  asset_class: assetClass,
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

/** A row of the list of orders: whose it is, and of what kind. */
export const listedOrder = z
  .looseObject({
    ...{ id: shown, client_order_id: shown, submitted_at: shown, symbol: shown, asset_class: shown },
    ...{ order_class: shown, qty: shown, notional: shown, legs: z.array(z.unknown()).optional().catch(undefined) },
  })
  .catch({});
export type ListedOrder = z.infer<typeof listedOrder>;

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

/** A row of the list of fills: which order it is of. */
export const listedFill = z.looseObject({ id: shown, order_id: shown }).catch({});
export type ListedFill = z.infer<typeof listedFill>;

export const alpacaAccount = z.object({
  id: z.string().min(1),
  account_number: z.string(),
  status: z.string(),
  currency: z.literal('USD'),
  cash: amount,
  equity: amount,
  buying_power: amount,
  daytrade_count: shownCount,
  pattern_day_trader: z.literal(true).optional().catch(undefined),
  trading_blocked: z.boolean().nullish(),
  account_blocked: z.boolean().nullish(),
  trade_suspended_by_user: z.boolean().nullish(),
});
export type AlpacaAccount = z.infer<typeof alpacaAccount>;

export const alpacaPosition = z.object({
  symbol: z.string().min(1),
  asset_class: assetClass,
  qty: amount,
  side: z.enum(['long', 'short']),
  avg_entry_price: amount.nullish(),
});
export type AlpacaPosition = z.infer<typeof alpacaPosition>;

/** A row of the list of positions. */
export const listedPosition = z.looseObject({ symbol: shown, asset_class: shown }).catch({});
export type ListedPosition = z.infer<typeof listedPosition>;

export const alpacaAsset = z.object({ price_increment: amount, min_trade_increment: amount });

const nullable = amount.nullish();
/** Market data has JSON numbers; a price of 0 means that the side is not quoted, and so does null. */
const sides = z.object({ t: instant.nullish(), ap: nullable, as: nullable, bp: nullable, bs: nullable });
/** `S`: the symbol */
export const streamedQuote = sides.extend({ S: z.string(), t: instant });
export const snapshot = z.object({
  latestQuote: sides.nullish(),
  latestTrade: z.object({ t: instant, p: nullable }).nullish(),
});
export type Snapshot = z.infer<typeof snapshot>;

/** By symbol; null where there is no data. Of shares the map stands alone; elsewhere it is wrapped. */
export const stockSnapshots = z.record(z.string(), z.unknown());
export const wrappedSnapshots = z.object({ snapshots: stockSnapshots.nullish() });

export const bars = z.object({
  bars: z
    .record(
      z.string(),
      z.array(z.object({ t: instant, o: amount, h: amount, l: amount, c: amount, v: amount })).nullable(),
    )
    .nullish(),
  next_page_token: z.string().nullish(),
});

/** Every refusal. Numbers are read as text. */
export const problem = z.object({
  ...{ code: z.string(), message: z.string() },
  // of an order that could meet one of the other side
  ...{ reject_reason: shown, existing_order_id: shown },
});
export type Problem = z.infer<typeof problem>;
