/** What a protocol submits to the exchange, and what it gets back. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { OrderRequest, Refusal } from '../../domain/order.js';
import type { BookOrder } from '../../matching/book.js';
import type { Json } from './journal.js';
import type { ExchangeOrder } from './orders.js';

export interface NewOrder {
  /** the order's id; a random UUID when absent */
  orderId?: string;
  request: OrderRequest;
  details?: Json;
  /** `ioc`: what is not filled on arrival is cancelled; `fok`: all of it, unless all is filled */
  lifetime?: 'ioc' | 'fok';
  /** when it expires, in epoch milliseconds; overrides the engine's own expiry */
  expiresAt?: number;
  /** why it is rejected a moment after it was taken */
  lateRefusal?: string;
  /** whether a repeated client order id is refused as a duplicate */
  uniqueClientId?: boolean;
  /** orders that wait until this one is wholly filled; if it never is, they end with it */
  children?: readonly NewOrder[];
  /** whether a fill of one child cancels or reduces the others */
  oneCancelsOther?: boolean;
}

export type IdentifiedOrder = NewOrder & { orderId: string };

/** A fault that the exchange applies to this call. */
interface ActiveFault {
  kind: string;
  seconds?: number | undefined;
}

/** What the fault plan decided for one call; pass it to every method of the exchange. */
export interface Call {
  fault?: ActiveFault | undefined;
  /** fills are listed so much later than their orders show them */
  fillsBehindMs?: number;
}

export type Placed = { refusal: Refusal } | { order: ExchangeOrder };
export type Submission = Placed | { duplicate: ExchangeOrder };

/** The state of an order outside the book: held for its parent, or about to be rejected. */
export function outsideBook(request: OrderRequest, id: string, at: number): BookOrder {
  const optional = (text: string | undefined) => (text === undefined ? undefined : decimal(text));
  const { clientOrderId, symbol, assetClass, side, type, timeInForce, session } = request;
  return {
    ...{ id, clientOrderId, symbol, assetClass, side, type, timeInForce, session },
    ...{ quantity: decimal(request.quantity), filled: Decimal.zero },
    ...{ limitPrice: optional(request.limitPrice), stopPrice: optional(request.stopPrice) },
    ...{ trailPercent: optional(request.trailPercent), reservePrice: Decimal.zero, placedAt: at },
    ...{ status: 'submitted', triggered: false, expiresAt: undefined, reason: undefined },
  };
}

/** How long a call's fault lasts, in milliseconds. */
export function secondsOf({ fault }: Call, otherwise: number): number {
  return Math.round((fault?.seconds ?? otherwise) * 1000);
}
