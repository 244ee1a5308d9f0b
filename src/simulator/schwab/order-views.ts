/** An order as Schwab shows it (docs/brokers/schwab.md, section 5.6). Numbers are JSON numbers, order ids are int64. */
import { createHash } from 'node:crypto';
import { Decimal, decimal } from '../../domain/decimal.js';
import type { MarketSession } from '../../domain/market.js';
import type { OrderSide } from '../../domain/order.js';
import { type ExchangeOrder, executionsUntil } from '../exchange/orders.js';
import { schwabTime } from './answers.js';
import type { OrderFields } from './order-body.js';
import { isOverAtSchwab, type SchwabStatus, schwabStatus } from './statuses.js';
import { assetTypeOf, toSchwabSymbol } from './symbols.js';

/** What is stored with an order of the exchange: its fields as sent. */
export interface SchwabDetails {
  fields: OrderFields;
  /** how the orders that wait for this one are linked to it */
  children: 'SINGLE' | 'OCO' | undefined;
}

export interface Shown {
  order: ExchangeOrder;
  now: number;
  session: MarketSession;
  /** fills after this time are not listed yet */
  fillsUntil: number;
  /** the children as shown */
  children: readonly object[];
}

export function shownOrder({ order, now, session, fillsUntil, children }: Shown): object {
  const { fields, children: linked } = detailsOf(order);
  const status = schwabStatus(order, now, session);
  const isOver = isOverAtSchwab(status);
  const { quantity, filled } = order.state;
  return {
    ...sentFields(fields),
    ...quantities(quantity, filled, isOver),
    ...{ requestedDestination: 'AUTO', destinationLinkName: 'SIMULATED' },
    ...stopFields(order),
    orderLegCollection: [legOf(order, fields)],
    orderStrategyType: children.length > 0 ? 'TRIGGER' : 'SINGLE',
    orderId: Number(order.orderId),
    ...{ cancelable: !isOver && !order.cancelRequested, editable: !isOver && !order.cancelRequested, status },
    ...(order.state.reason !== undefined && status === 'REJECTED' && { statusDescription: order.state.reason }),
    enteredTime: schwabTime(order.placedAt),
    ...(isOver && { closeTime: schwabTime(order.updatedAt) }),
    ...{ tag: 'API_SIMULATED', accountNumber: Number(order.account) },
    ...activities(order, status, fillsUntil),
    ...(order.replacedBy !== undefined && { replacingOrderCollection: [{ orderId: Number(order.replacedBy) }] }),
    ...(children.length > 0 && { childOrderStrategies: linked === 'OCO' ? [pair(children)] : children }),
  };
}

/** A pair has no fields of its own. */
export function pair(children: readonly object[]): object {
  return { orderStrategyType: 'OCO', childOrderStrategies: children };
}

/** The details have this type because this protocol wrote them. */
export function detailsOf(order: ExchangeOrder): SchwabDetails {
  return order.details as unknown as SchwabDetails;
}

function sentFields(fields: OrderFields): object {
  const { session, duration, orderType, complexOrderStrategyType = 'NONE', price, specialInstruction } = fields;
  const { stopPriceLinkBasis, stopPriceLinkType, stopPriceOffset } = fields;
  return {
    ...{ session, duration, orderType, complexOrderStrategyType },
    ...(price !== undefined && { price: Number(price) }),
    ...(specialInstruction !== undefined && { specialInstruction }),
    ...(stopPriceLinkBasis !== undefined && { stopPriceLinkBasis }),
    ...(stopPriceLinkType !== undefined && { stopPriceLinkType }),
    ...(stopPriceOffset !== undefined && { stopPriceOffset: Number(stopPriceOffset) }),
  };
}

function quantities(quantity: Decimal, filled: Decimal, isOver: boolean): object {
  const remaining = isOver ? Decimal.zero : quantity.minus(filled);
  return { quantity: wire(quantity), filledQuantity: wire(filled), remainingQuantity: wire(remaining) };
}

function stopFields({ state, request }: ExchangeOrder): object {
  return {
    ...(state.stopPrice && { stopPrice: wire(state.stopPrice), stopType: 'STANDARD' }),
    ...(request.timeInForce === 'gtc' && state.expiresAt !== undefined && { cancelTime: schwabTime(state.expiresAt) }),
  };
}

export const OPENING: readonly OrderSide[] = ['buy', 'sell_short'];

function legOf({ request, state }: ExchangeOrder, fields: OrderFields): object {
  const assetType = assetTypeOf(request.symbol);
  return {
    ...{ orderLegType: assetType, legId: 1, instrument: instrumentOf(request.symbol) },
    instruction: fields.orderLegCollection[0]?.instruction,
    positionEffect: OPENING.includes(request.side) ? 'OPENING' : 'CLOSING',
    quantity: wire(state.quantity),
  };
}

export function instrumentOf(symbol: string): object {
  const number = numberOf(symbol);
  const cusip = String(number % 1_000_000_000).padStart(9, '0');
  return { assetType: assetTypeOf(symbol), cusip, symbol: toSchwabSymbol(symbol), instrumentId: number };
}

function activities(order: ExchangeOrder, status: SchwabStatus, until: number): object {
  let remaining = order.state.quantity;
  const fills = executionsUntil(order, until).map(({ executionId, quantity, price, at }) => {
    remaining = remaining.minus(decimal(quantity));
    return activity(
      order,
      { id: executionId, type: 'FILL', quantity: Number(quantity), price: Number(price), at },
      remaining,
    );
  });
  const collection = [...fills, ...endOf(order, status)];
  return collection.length > 0 ? { orderActivityCollection: collection } : {};
}

const ENDED: readonly SchwabStatus[] = ['CANCELED', 'REPLACED', 'EXPIRED'];

/** Schwab shows the end of an order as an execution, too: of what was not filled, at the price 0. */
function endOf(order: ExchangeOrder, status: SchwabStatus): object[] {
  if (!ENDED.includes(status)) return [];
  const { orderId, state, updatedAt: at } = order;
  const quantity = wire(state.quantity.minus(state.filled));
  return [activity(order, { id: `end of ${orderId}`, type: 'CANCELED', quantity, price: 0, at }, Decimal.zero)];
}

interface Execution {
  id: string;
  type: 'FILL' | 'CANCELED';
  quantity: number;
  price: number;
  at: number;
}

function activity({ request }: ExchangeOrder, execution: Execution, remaining: Decimal): object {
  const { id, type, quantity, price, at } = execution;
  const amounts = { quantity, mismarkedQuantity: 0, price };
  return {
    ...{ activityType: 'EXECUTION', activityId: numberOf(id), executionType: type },
    ...{ quantity, orderRemainingQuantity: wire(remaining) },
    executionLegs: [{ legId: 1, ...amounts, time: schwabTime(at), instrumentId: numberOf(request.symbol) }],
  };
}

/** A decimal as a JSON number; its shortest text equals the decimal's, up to 15 digits. */
export function wire(value: Decimal): number {
  return Number(value.toString());
}

/** A number for a text, always the same, as Schwab's ids are. */
export function numberOf(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 9), 16);
}
