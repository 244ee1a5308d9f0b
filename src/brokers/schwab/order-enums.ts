/** Schwab's values for the fields of an order, and ours. A value that is in none of the lists raises an error. */
import type { AssetClass } from '../../domain/instrument.js';
import type { OrderSide, OrderStatus, OrderType, TimeInForce } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';

const INSTRUCTIONS: Record<'equity' | 'option', Record<OrderSide, string>> = {
  equity: { buy: 'BUY', sell: 'SELL', sell_short: 'SELL_SHORT', buy_to_cover: 'BUY_TO_COVER' },
  option: { buy: 'BUY_TO_OPEN', sell: 'SELL_TO_CLOSE', sell_short: 'SELL_TO_OPEN', buy_to_cover: 'BUY_TO_CLOSE' },
};

export function instructionOf(assetClass: AssetClass, side: OrderSide): string {
  return INSTRUCTIONS[assetClass === 'option' ? 'option' : 'equity'][side];
}

export const SIDES: Readonly<Record<string, OrderSide>> = {
  BUY: 'buy',
  SELL: 'sell',
  SELL_SHORT: 'sell_short',
  BUY_TO_COVER: 'buy_to_cover',
  BUY_TO_OPEN: 'buy',
  SELL_TO_CLOSE: 'sell',
  SELL_TO_OPEN: 'sell_short',
  BUY_TO_CLOSE: 'buy_to_cover',
};

export const ORDER_TYPES = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LIMIT: 'stop_limit',
  TRAILING_STOP: 'trailing_stop',
} as const satisfies Record<string, OrderType>;

export const DURATIONS = { DAY: 'day', GOOD_TILL_CANCEL: 'gtc' } as const satisfies Record<string, TimeInForce>;

/** Values of orders that a person may enter and Arbion never does. */
export const FOREIGN_VALUES: readonly string[] = [
  ...['TRAILING_STOP_LIMIT', 'CABINET', 'NON_MARKETABLE', 'MARKET_ON_CLOSE', 'LIMIT_ON_CLOSE', 'EXERCISE'],
  ...['NET_DEBIT', 'NET_CREDIT', 'NET_ZERO'],
  ...['FILL_OR_KILL', 'IMMEDIATE_OR_CANCEL', 'END_OF_WEEK', 'END_OF_MONTH', 'NEXT_END_OF_MONTH'],
  ...['SELL_SHORT_EXEMPT', 'EXCHANGE'],
  // the whole order or nothing; so many dollars' worth; a trail in dollars or ticks
  ...['ALL_OR_NONE', 'ALL_OR_NONE_DO_NOT_REDUCE', 'DOLLARS', 'VALUE', 'TICK'],
  // strategies
  ...['OCO', 'PAIR', 'FLATTEN', 'TWO_DAY_SWAP', 'BLAST_ALL', 'CANCEL', 'RECALL'],
];

/** `partially_filled` has no value of its own; `UNKNOWN` is left out on purpose. */
export const STATUSES: Readonly<Record<string, OrderStatus>> = {
  NEW: 'submitted',
  PENDING_ACKNOWLEDGEMENT: 'submitted',
  ACCEPTED: 'submitted',
  QUEUED: 'submitted',
  PENDING_ACTIVATION: 'submitted',
  AWAITING_PARENT_ORDER: 'submitted',
  AWAITING_CONDITION: 'submitted',
  AWAITING_RELEASE_TIME: 'submitted',
  AWAITING_MANUAL_REVIEW: 'submitted',
  AWAITING_STOP_CONDITION: 'working',
  WORKING: 'working',
  PENDING_CANCEL: 'working',
  PENDING_REPLACE: 'working',
  PENDING_RECALL: 'working',
  AWAITING_UR_OUT: 'working',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  REPLACED: 'cancelled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
};

/** Our value for one of Schwab's. @throws UnexpectedAnswer for one that is not in the list. */
export function meaningOf<Meaning>(values: Readonly<Record<string, Meaning>>, shown: string, field: string): Meaning {
  const meaning = Object.hasOwn(values, shown) ? values[shown] : undefined;
  if (meaning === undefined) throw new UnexpectedAnswer(`Schwab says ${field} ${shown}, which is not known`);
  return meaning;
}

/** Schwab's value for one of ours that is in the list. */
export function valueFor<Value extends string, Meaning>(values: Record<Value, Meaning>, meaning: Meaning): Value {
  const value = (Object.keys(values) as Value[]).find((candidate) => values[candidate] === meaning);
  if (value === undefined) throw new TypeError(`Schwab has no value for ${meaning}`);
  return value;
}
