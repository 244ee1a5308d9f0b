/** Rows of the paper account's tables, as the queries of `account-store.ts` deliver them, and what they mean. */
import { type Decimal, type DecimalString, decimal, decimalString } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import type {
  BrokerOrder,
  Execution,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
  TradingSession,
} from '../../domain/order.js';
import type { BookOrder, BookPosition, Change, TakenSizes } from '../../matching/book.js';

/** Numbers as text, times as epoch milliseconds in text. */
export interface OrderRow {
  id: string;
  clientOrderId: string;
  symbol: string;
  assetClass: AssetClass;
  side: OrderSide;
  type: OrderType;
  quantity: string;
  filledQuantity: string;
  limitPrice: string | null;
  stopPrice: string | null;
  trailPercent: string | null;
  reservePrice: string;
  timeInForce: TimeInForce;
  session: TradingSession;
  status: OrderStatus;
  triggered: boolean;
  reason: string | null;
  placedAt: string;
  expiresAt: string | null;
  fills: readonly FillRow[];
}

export interface FillRow {
  executionId: string;
  quantity: string;
  price: string;
  fee: string;
  at: string;
}

export interface PositionRow {
  symbol: string;
  assetClass: AssetClass;
  quantity: string;
  averagePrice: string;
}

export type TakenRows = Readonly<Record<string, { at: number; bid: string; ask: string }>>;

export function bookOrder(row: OrderRow): BookOrder {
  const { id, clientOrderId, symbol, assetClass, side, type, timeInForce, session, status, triggered } = row;
  return {
    ...{ id, clientOrderId, symbol, assetClass, side, type, timeInForce, session, status, triggered },
    quantity: decimal(row.quantity),
    filled: decimal(row.filledQuantity),
    limitPrice: optionalDecimal(row.limitPrice),
    stopPrice: optionalDecimal(row.stopPrice),
    trailPercent: optionalDecimal(row.trailPercent),
    reservePrice: decimal(row.reservePrice),
    placedAt: Number(row.placedAt),
    expiresAt: row.expiresAt === null ? undefined : Number(row.expiresAt),
    reason: row.reason ?? undefined,
  };
}

export function bookPosition(row: PositionRow): BookPosition {
  return { ...row, quantity: decimal(row.quantity), averagePrice: decimal(row.averagePrice) };
}

export function takenSizes(rows: TakenRows): Map<string, TakenSizes> {
  const entries = Object.entries(rows).map(
    ([symbol, { at, bid, ask }]) => [symbol, { at, bid: decimal(bid), ask: decimal(ask) }] as const,
  );
  return new Map(entries);
}

/** An order in the broker's words, with its executions. */
export function brokerOrder(order: BookOrder, executions: readonly Execution[]): BrokerOrder {
  const { id: orderId, clientOrderId, symbol, side, type, timeInForce, status, triggered, placedAt } = order;
  return {
    ...{ orderId, clientOrderId, symbol, side, type, timeInForce, status, triggered, placedAt },
    quantity: order.quantity.toString(),
    filledQuantity: order.filled.toString(),
    ...(order.limitPrice && { limitPrice: order.limitPrice.toString() }),
    ...(order.stopPrice && { stopPrice: order.stopPrice.toString() }),
    ...(order.reason !== undefined && { rejectReason: order.reason }),
    executions: [...executions],
  };
}

export function executionOfRow(row: FillRow): Execution {
  const { executionId, quantity, price, fee, at } = row;
  return {
    executionId,
    quantity: decimalString(quantity),
    price: decimalString(price),
    fee: decimalString(fee),
    at: Number(at),
  };
}

export function executionOfChange(change: Change & { kind: 'fill' }): Execution {
  const { quantity, price, fee, at } = change;
  const texts = { quantity: quantity.toString(), price: price.toString(), fee: fee.toString() };
  return { executionId: executionId(change.order), ...texts, at };
}

/** One per fill without a counter: an order's filled quantity only ever rises. */
export function executionId(orderAfterFill: BookOrder): string {
  return `paper-${orderAfterFill.id}-${orderAfterFill.filled}`;
}

export function orNull(value: Decimal | undefined): DecimalString | null {
  return value?.toString() ?? null;
}

function optionalDecimal(text: string | null): Decimal | undefined {
  return text === null ? undefined : decimal(text);
}
