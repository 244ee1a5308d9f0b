import { Decimal, type DecimalString } from '../decimal.js';
import type { TradeId, UserId } from '../ids.js';
import type { AssetClass } from '../instrument.js';
import type { TimeInForce, TradingSession } from '../order.js';

export type TradeSide = 'buy' | 'sell_short';

/** Where the protective stop goes. Percentages are of the average fill price; `limitOffset` (dollars) makes it a stop-limit. */
export type StopLoss =
  | { price: DecimalString; limitOffset?: DecimalString }
  | { percent: DecimalString; limitOffset?: DecimalString }
  | { trailPercent: DecimalString };

type TakeProfit = { price: DecimalString } | { percent: DecimalString };

/** What a trader asks for: the body of POST /trades with its defaults filled in. Times are epoch milliseconds. */
export interface TradeRequest {
  broker: string;
  account: string;
  symbol: string;
  assetClass: AssetClass;
  side: TradeSide;
  quantity: DecimalString;
  orderType: 'market' | 'limit';
  limitPrice?: DecimalString;
  timeInForce: TimeInForce;
  session: TradingSession;
  stopLoss: StopLoss;
  takeProfit?: TakeProfit;
  exitAt?: number;
  entryExpiresAt?: number;
  /** when cancelled with something filled: sell it, or keep guarding it */
  onCancel: 'flatten' | 'keep_stop';
  /** when no stop can be placed: sell, or guard it ourselves */
  onUnprotected: 'flatten' | 'emulate';
  /** where a stop cannot rest beside the working entry: guard the filled part ourselves, or cancel the rest of the entry */
  onPartialFill: 'emulate' | 'cancel_rest';
  /** when the stop vanished at the broker: put it back, or ask a person */
  onStopMissing: 'restore' | 'ask';
  /** when it is asked for while the market is closed: let the entry wait at the broker for the open (unless given), or refuse it */
  onMarketClosed?: 'queue' | 'reject';
  strategy?: string;
  note?: string;
}

/** A request that leaves open for how much. */
export type TradePlan = Omit<TradeRequest, 'quantity'>;

/** How much a trade is to be for, in the terms people think in: dollars, or percent of the equity that its stop may lose. */
export type TradeSize = { dollars: DecimalString } | { riskPercent: DecimalString };

/** Permission to start one trade, signed by the API. Times are epoch milliseconds. */
export interface StartTicket {
  tradeId: TradeId;
  userId: UserId;
  scope: 'trade';
  /** SHA-256 of the canonical JSON of the request, hex */
  inputHash: string;
  issuedAt: number;
  expiresAt: number;
  /** HMAC-SHA-256 over the other fields, hex */
  signature: string;
}

/** Whether an input has the outline of a start: enough to speak of it. What is in it is judged by the risk check. */
export function isTradeInput(input: unknown): input is TradeInput {
  if (!isRecord(input)) return false;
  const { trade, ticket } = input;
  if (!isRecord(trade) || !isRecord(ticket)) return false;
  const names = [trade.broker, trade.symbol, trade.side, trade.strategy ?? 'none', ticket.tradeId, ticket.userId];
  return names.every(isName) && [trade.quantity, trade.limitPrice ?? '0'].every(isDecimal) && isTime(ticket.issuedAt);
}

const LONGEST_NAME = 100;

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && Decimal.tryParse(value) !== undefined;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The input of workflow `trade`; any Temporal client may start one with a ticket. */
export interface TradeInput {
  trade: TradeRequest;
  ticket: StartTicket;
}
