/** What a protocol hands to the exchange, and what it gets back. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { OrderRequest, Refusal } from '../../domain/order.js';
import type { BookOrder } from '../../matching/book.js';
import type { Json } from './journal.js';
import type { ExchangeOrder } from './orders.js';

export interface NewOrder {
  /** the id it shall have; a random UUID otherwise */
  orderId?: string;
  request: OrderRequest;
  details?: Json;
  /** what is not filled on arrival is cancelled; with `fok` unless all of it is */
  lifetime?: 'ioc' | 'fok';
  /** when it ends by itself, instead of the engine's own reckoning; epoch milliseconds */
  expiresAt?: number;
  /** a repeated client order id makes no second order */
  uniqueClientId?: boolean;
  /** orders that wait until this one is wholly filled, and end with it if it is not */
  children?: readonly NewOrder[];
  /** of the children, one's fill ends or reduces the others */
  oneCancelsOther?: boolean;
}

export type IdentifiedOrder = NewOrder & { orderId: string };

/** A fault that this call is to suffer inside of the exchange. */
interface ActiveFault {
  kind: string;
  seconds?: number | undefined;
}

/** What the fault plan says about one call; hand it on to every exchange method. */
export interface Call {
  fault?: ActiveFault | undefined;
}

export type Placed = { refusal: Refusal } | { order: ExchangeOrder };
export type Submission = Placed | { duplicate: ExchangeOrder };

/** The state of an order that is not in the book: held for its parent, or about to be rejected. */
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
