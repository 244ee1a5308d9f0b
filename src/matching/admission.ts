/** Decides whether a request becomes an order, by its form, the position it would close, the market and its cost. */

import { lastOptionClose } from '../domain/calendar.js';
import { Decimal, decimal } from '../domain/decimal.js';
import { isOnTick, parseOptionSymbol, quantityStep } from '../domain/instrument.js';
import {
  isBuying,
  isOpening,
  type OrderRequest,
  type OrderType,
  type Refusal,
  type RefusalCode,
} from '../domain/order.js';
import { type Book, type BookOrder, positionQuantity, remaining } from './book.js';
import type { PriceEvent } from './event.js';
import { buyingPower, fundsNeeded } from './funds.js';
import type { MatchingRules } from './rules.js';
import { isStop, trailingStop } from './triggers.js';

/** A request that arrives. `prices` is the latest event of its symbol, if the market has shown one. */
export interface Arrival {
  /** the id the order will have */
  id: string;
  request: OrderRequest;
  at: number;
  prices: PriceEvent | undefined;
}

/** The order that the request becomes, or why it is refused. */
export function admit(book: Book, arrival: Arrival, rules: MatchingRules): BookOrder | { refusal: Refusal } {
  const malformed = shapeProblem(arrival.request);
  if (malformed) return refuse('invalid_order', malformed);
  const order = orderOf(arrival, rules);
  if (order === undefined) return refuse('market_closed', `no price of ${arrival.request.symbol} has been seen yet`);
  return sideProblem(book, order) ?? throughMarketProblem(order, arrival.prices) ?? fundsProblem(book, order) ?? order;
}

function refuse(code: RefusalCode, message: string): { refusal: Refusal } {
  return { refusal: { code, message } };
}

const NEEDED_PRICES: Record<OrderType, readonly ('limitPrice' | 'stopPrice' | 'trailPercent')[]> = {
  market: [],
  limit: ['limitPrice'],
  stop: ['stopPrice'],
  stop_limit: ['stopPrice', 'limitPrice'],
  trailing_stop: ['trailPercent'],
};

function shapeProblem(request: OrderRequest): string | undefined {
  const quantity = decimal(request.quantity);
  if (!quantity.isPositive() || !quantity.isMultipleOf(quantityStep(request.assetClass))) {
    return `quantity ${request.quantity} is not a positive multiple of ${quantityStep(request.assetClass)}`;
  }
  const missing = NEEDED_PRICES[request.type].find((field) => request[field] === undefined);
  if (missing) return `a ${request.type} order needs ${missing}`;
  if (request.session === 'extended' && request.type !== 'limit') return 'only limit orders trade in extended hours';
  if (request.trailPercent !== undefined && !isPercentage(request.trailPercent)) {
    return `trail of ${request.trailPercent} % is not between 0 and 100`;
  }
  const price = [request.limitPrice, request.stopPrice].find((text) => text !== undefined && !isPrice(request, text));
  return price === undefined ? undefined : `${price} is not a price of ${request.symbol}`;
}

function isPrice(request: OrderRequest, text: string): boolean {
  const price = decimal(text);
  return price.isPositive() && isOnTick(request, price);
}

function isPercentage(text: string): boolean {
  const percent = decimal(text);
  return percent.isPositive() && percent.lessThan(Decimal.ofInteger(100));
}

/** Undefined when there is no price at all to value the order by. */
function orderOf({ id, request, at, prices }: Arrival, rules: MatchingRules): BookOrder | undefined {
  const limitPrice = optional(request.limitPrice);
  const trailPercent = optional(request.trailPercent);
  const stopPrice = optional(request.stopPrice) ?? initialTrail(request, trailPercent, prices);
  const reservePrice = limitPrice ?? stopPrice ?? (prices && sidePrice(request, prices));
  const trailsNothing = request.type === 'trailing_stop' && stopPrice === undefined;
  if (reservePrice === undefined || trailsNothing) return undefined;
  const { clientOrderId, symbol, assetClass, side, type, timeInForce, session } = request;
  return {
    ...{ id, clientOrderId, symbol, assetClass, side, type, timeInForce, session },
    ...{ quantity: decimal(request.quantity), filled: Decimal.zero, limitPrice, stopPrice, trailPercent },
    ...{ status: 'working', triggered: false, reservePrice, placedAt: at, reason: undefined },
    expiresAt: expiryOf(request, at, rules),
  };
}

function optional(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : decimal(text);
}

function initialTrail(
  request: OrderRequest,
  percent: Decimal | undefined,
  prices: PriceEvent | undefined,
): Decimal | undefined {
  if (request.type !== 'trailing_stop' || percent === undefined || prices === undefined) return undefined;
  return trailingStop(request, percent, prices);
}

/** The price at which an order of this side would trade now: the quote, or the last trade when that side is not quoted. */
function sidePrice(order: Pick<BookOrder, 'side'>, prices: PriceEvent): Decimal | undefined {
  return (isBuying(order.side) ? prices.ask : prices.bid) ?? prices.last;
}

/** Day orders expire with their session, and all orders for an option with the contract. */
function expiryOf(request: OrderRequest, at: number, rules: MatchingRules): number | undefined {
  const contract = request.assetClass === 'option' ? parseOptionSymbol(request.symbol) : undefined;
  const contractEnd = contract && lastOptionClose(contract);
  if (request.timeInForce === 'gtc') return contractEnd;
  const dayEnd = rules.dayOrderEnd(request.assetClass, request.session, at, request.symbol);
  return Math.min(dayEnd, contractEnd ?? dayEnd);
}

/** A position is either long or short, and each share can be committed to one closing order only. */
function sideProblem(book: Book, order: BookOrder): { refusal: Refusal } | undefined {
  const position = positionQuantity(book, order.symbol);
  if (order.side === 'sell_short' && order.assetClass !== 'equity') {
    return refuse('not_offered', `${order.assetClass} cannot be sold short`);
  }
  if (isOpening(order.side)) {
    const opposite = order.side === 'buy' ? 'sell_short' : 'buy';
    const held = order.side === 'buy' ? position.isNegative() : position.isPositive();
    const works = book.orders.ofSymbol(order.symbol).some(({ side }) => side === opposite);
    return held || works ? refuse('invalid_order', `${order.symbol} is held or ordered the other way`) : undefined;
  }
  const closable = order.side === 'sell' ? position : position.negated();
  const promised = workingQuantity(book, order);
  if (promised.plus(order.quantity).atMost(closable)) return undefined;
  return refuse('oversold', `position ${position}, working ${promised}, asked ${order.quantity}`);
}

function workingQuantity(book: Book, order: BookOrder): Decimal {
  const same = book.orders.ofSymbol(order.symbol).filter(({ side }) => side === order.side);
  return Decimal.sum(same.map(remaining));
}

/** A stop must be on the far side of the market; otherwise it would trigger at once. */
function throughMarketProblem(order: BookOrder, prices: PriceEvent | undefined): { refusal: Refusal } | undefined {
  if (!isStop(order) || order.stopPrice === undefined || prices === undefined) return undefined;
  const market = sidePrice({ side: order.side }, prices);
  if (market === undefined) return undefined;
  const rests = isBuying(order.side) ? order.stopPrice.greaterThan(market) : order.stopPrice.lessThan(market);
  return rests ? undefined : refuse('stop_through_market', `stop ${order.stopPrice}, market ${market}`);
}

function fundsProblem(book: Book, order: BookOrder): { refusal: Refusal } | undefined {
  const needed = fundsNeeded(order, order.quantity, order.reservePrice);
  const available = buyingPower(book);
  if (needed.isZero() || needed.atMost(available)) return undefined;
  return refuse('insufficient_funds', `needs ${needed}, available ${available}`);
}
