/**
 * An account as the matching engine sees it. Everything is immutable: a step returns a new book, or the same one
 * when nothing changed, so `next === book` shows that nothing did.
 */
import { Decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { OrderSide, OrderStatus, OrderType, Refusal, TimeInForce, TradingSession } from '../domain/order.js';
import { WorkingOrders } from './working-orders.js';

export interface BookOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  readonly limitPrice: Decimal | undefined;
  /** the current stop price; a trailing stop's moves */
  readonly stopPrice: Decimal | undefined;
  readonly trailPercent: Decimal | undefined;
  readonly timeInForce: TimeInForce;
  readonly session: TradingSession;
  readonly status: OrderStatus;
  readonly triggered: boolean;
  /** the price by which a working opening order reserves buying power */
  readonly reservePrice: Decimal;
  readonly placedAt: number;
  /** when it expires; absent for a good-till-cancelled order */
  readonly expiresAt: number | undefined;
  /** why it ended, where its status does not say */
  readonly reason: string | undefined;
}

/** Quantity is negative for a short position and never zero. */
export interface BookPosition {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
}

/** How much of the sizes displayed at `at` this account has already traded: a quote's size can be used once. */
export interface TakenSizes {
  readonly at: number;
  readonly bid: Decimal;
  readonly ask: Decimal;
}

export interface Book {
  readonly cash: Decimal;
  readonly positions: ReadonlyMap<string, BookPosition>;
  readonly orders: WorkingOrders;
  readonly taken: ReadonlyMap<string, TakenSizes>;
}

/** Something that happened to an order; `order` is its state afterwards. */
export type Change = { readonly order: BookOrder; readonly at: number } & (
  | { readonly kind: 'accepted' | 'triggered' | 'trailed' | 'cancelled' | 'expired' | 'replaced' | 'split' }
  | { readonly kind: 'fill'; readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal }
);

export interface Step {
  readonly book: Book;
  readonly changes: readonly Change[];
}

/** The engine's answer to a request: a refusal, with nothing changed, or the step that it took. */
export type Decision = { readonly refusal: Refusal } | Step;

export function openBook(cash: Decimal): Book {
  return { cash, positions: new Map(), orders: WorkingOrders.none, taken: new Map() };
}

export function remaining(order: BookOrder): Decimal {
  return order.quantity.minus(order.filled);
}

export function positionQuantity(book: Book, symbol: string): Decimal {
  return book.positions.get(symbol)?.quantity ?? Decimal.zero;
}

/** Puts an order's new state in its place; an order that has ended leaves the book. */
export function withOrder(book: Book, order: BookOrder): Book {
  const ended = order.status !== 'working' && order.status !== 'partially_filled';
  return { ...book, orders: ended ? book.orders.without(order.id) : book.orders.with(order) };
}

export function withPosition(book: Book, position: BookPosition): Book {
  const positions = new Map(book.positions);
  if (position.quantity.isZero()) positions.delete(position.symbol);
  else positions.set(position.symbol, position);
  return { ...book, positions };
}
