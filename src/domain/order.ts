import type { DecimalString } from './decimal.js';
import type { AssetClass } from './instrument.js';

export type OrderSide = 'buy' | 'sell' | 'sell_short' | 'buy_to_cover';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop';
export type TimeInForce = 'day' | 'gtc';
/** `extended`: also before the open and after the close, where the broker and the order type allow it. */
export type TradingSession = 'regular' | 'extended';

/** An order as we decide it, before any broker has seen it. Percentages are of 100. */
export interface OrderRequest {
  clientOrderId: string;
  symbol: string;
  assetClass: AssetClass;
  side: OrderSide;
  type: OrderType;
  quantity: DecimalString;
  limitPrice?: DecimalString;
  /** of a trailing stop: where it starts, if not at the trail's distance from the market */
  stopPrice?: DecimalString;
  trailPercent?: DecimalString;
  timeInForce: TimeInForce;
  session: TradingSession;
}

/** `submitted`: the broker has it but no venue does yet. The last four are final and may carry fills. */
export type OrderStatus =
  | 'submitted'
  | 'working'
  | 'partially_filled'
  | 'filled'
  | 'cancelled'
  | 'rejected'
  | 'expired';

const FINAL: readonly OrderStatus[] = ['filled', 'cancelled', 'rejected', 'expired'];

export function isFinal(status: OrderStatus): boolean {
  return FINAL.includes(status);
}

/** A fill as the broker reports it. `at` is the exchange's time in epoch milliseconds; the fee is in dollars. */
export interface Execution {
  executionId: string;
  quantity: DecimalString;
  price: DecimalString;
  fee: DecimalString;
  at: number;
}

/** An order as the broker knows it. */
export interface BrokerOrder {
  orderId: string;
  clientOrderId?: string;
  symbol: string;
  side: OrderSide;
  type: OrderType;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  limitPrice?: DecimalString;
  /** of a trailing stop: where it stands now */
  stopPrice?: DecimalString;
  timeInForce: TimeInForce;
  status: OrderStatus;
  /** a stop whose price was reached; it may still be unfilled (stop-limit, halt) */
  triggered: boolean;
  executions: Execution[];
  /**
   * All that is filled as one execution, where the broker reports no single fills; `executions` is empty then. Whoever keeps
   * the fills makes an execution of what it goes beyond them: `executionBeyond`.
   */
  fillsInTotal?: Execution;
  /** epoch milliseconds, the broker's clock */
  placedAt: number;
  rejectReason?: string;
}

/** Why a broker definitely did not take an order. Only listed codes count as refused; everything else is unknown. */
export interface Refusal {
  code: RefusalCode;
  message: string;
}

export type RefusalCode =
  | 'insufficient_funds'
  | 'invalid_symbol'
  /** not quoted in dollars, nor in a coin that the broker takes for them */
  | 'unsupported_currency'
  | 'invalid_order'
  | 'stop_through_market'
  | 'oversold'
  /** it does not follow from what the risk check admitted */
  | 'not_admitted'
  /** an order of the other side works in the account, and the two could meet */
  | 'opposite_order'
  | 'market_closed'
  | 'halted'
  | 'not_offered'
  | 'too_late'
  | 'refused';

/** What became of a write. A time-out is never a refusal: it is `unknown`. */
export type WriteOutcome =
  | { outcome: 'accepted'; order: BrokerOrder }
  | { outcome: 'rejected'; refusal: Refusal }
  /** it certainly did not reach the broker's order desk, and may be sent later as if for the first time */
  | { outcome: 'not_placed'; detail: string; retryAfterMs?: number }
  /** `turnedDown`: the broker's message, where it answered with a refusal that is on no list: half a proof of absence */
  | { outcome: 'unknown'; detail: string; turnedDown?: string };

/** The side that opens a trade's position and the one that closes it. */
export function sidesOf(side: 'buy' | 'sell_short'): { opening: OrderSide; closing: OrderSide } {
  return side === 'buy' ? { opening: 'buy', closing: 'sell' } : { opening: 'sell_short', closing: 'buy_to_cover' };
}

export function isOpening(side: OrderSide): boolean {
  return side === 'buy' || side === 'sell_short';
}

export function isBuying(side: OrderSide): boolean {
  return side === 'buy' || side === 'buy_to_cover';
}
