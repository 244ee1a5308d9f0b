/** Fills one order against one event: at the quote, at most its size, never worse than a limit. */
import { Decimal } from '../domain/decimal.js';
import { quantityStep } from '../domain/instrument.js';
import { isBuying, isOpening } from '../domain/order.js';
import {
  type Book,
  type BookOrder,
  type BookPosition,
  type Change,
  remaining,
  type Step,
  withOrder,
  withPosition,
} from './book.js';
import type { PriceEvent } from './event.js';
import { buyingPower, fundsNeeded, notional } from './funds.js';
import type { MatchingRules } from './rules.js';

const QUANTITY_SCALE = 18;

interface Execution {
  /** epoch milliseconds */
  at: number;
  /** of a stop that the event triggers: the price at which it did */
  trigger?: Decimal | undefined;
}

/** Fills as much of an executable order as the event allows; returns the same book when that is nothing. */
export function fillAgainst(
  book: Book,
  order: BookOrder,
  event: PriceEvent,
  { at, trigger }: Execution,
  rules: MatchingRules,
): Step {
  const price = executionPrice(order, event, trigger);
  const displayed = price === undefined ? Decimal.zero : displayedQuantity(book, order, event);
  if (price === undefined || !displayed.isPositive()) return { book, changes: [] };

  const affordable = affordableQuantity(book, order, price);
  const quantity = displayed.min(affordable);
  const filled = quantity.isPositive()
    ? applyFill(book, order, { quantity, price, at, event }, rules)
    : { book, changes: [], order };
  if (affordable.atLeast(displayed)) return filled;
  const ended: BookOrder = { ...filled.order, status: 'cancelled', reason: 'insufficient_funds' };
  const change: Change = { kind: 'cancelled', order: ended, at };
  return { book: withOrder(filled.book, ended), changes: [...filled.changes, change] };
}

/**
 * The price of an execution now, not better than the trigger; undefined when the side is not quoted or is worse than the
 * limit.
 */
function executionPrice(order: BookOrder, event: PriceEvent, trigger: Decimal | undefined): Decimal | undefined {
  const { type, limitPrice } = order;
  const isBuy = isBuying(order.side);
  const quoted = isBuy ? event.ask : event.bid;
  if (quoted === undefined) return undefined;
  const known = trigger ?? quoted;
  const price = isBuy ? quoted.max(known) : quoted.min(known);
  if (type !== 'limit' && type !== 'stop_limit') return price;
  if (limitPrice === undefined) return undefined;
  if (isBuy) return quoted.atMost(limitPrice) ? price.min(limitPrice) : undefined;
  return quoted.atLeast(limitPrice) ? price.max(limitPrice) : undefined;
}

function displayedQuantity(book: Book, order: BookOrder, event: PriceEvent): Decimal {
  const wanted = remaining(order);
  const size = isBuying(order.side) ? event.askSize : event.bidSize;
  if (size === undefined) return wanted;
  const left = size.minus(takenAt(book, order, event));
  return wanted.min(left).roundedToTick(quantityStep(order.assetClass), 'down');
}

function takenAt(book: Book, order: BookOrder, event: PriceEvent): Decimal {
  const taken = book.taken.get(order.symbol);
  if (taken === undefined || taken.at !== event.at) return Decimal.zero;
  return isBuying(order.side) ? taken.ask : taken.bid;
}

/** Prices may have moved since the order was accepted: the fill must still be affordable. */
function affordableQuantity(book: Book, order: BookOrder, price: Decimal): Decimal {
  if (!isOpening(order.side)) return remaining(order);
  const held = fundsNeeded(order, remaining(order), order.reservePrice);
  const funds = buyingPower(book).plus(held).max(Decimal.zero);
  const quantity = funds.dividedBy(fundsNeeded(order, Decimal.one, price), QUANTITY_SCALE, 'down');
  return remaining(order).min(quantity).roundedToTick(quantityStep(order.assetClass), 'down');
}

interface FillTerms {
  quantity: Decimal;
  price: Decimal;
  at: number;
  event: PriceEvent;
}

function applyFill(book: Book, order: BookOrder, terms: FillTerms, rules: MatchingRules): Step & { order: BookOrder } {
  const { quantity, price, at } = terms;
  const fee = rules.fee(order, quantity, price);
  const filled = order.filled.plus(quantity);
  const after: BookOrder = {
    ...order,
    filled,
    status: filled.equals(order.quantity) ? 'filled' : 'partially_filled',
  };
  const value = notional(order, quantity, price);
  const cash = book.cash.plus(isBuying(order.side) ? value.negated() : value).minus(fee);
  const paid = { ...book, cash, taken: withTaken(book, order, terms) };
  const received = quantity.minus(rules.feeInKind(order, quantity));
  const next = withPosition(withOrder(paid, after), positionAfter(book, order, received, price));
  return { book: next, changes: [{ kind: 'fill', order: after, at, quantity, price, fee }], order: after };
}

function withTaken(book: Book, order: BookOrder, { event, quantity }: FillTerms): Book['taken'] {
  const before = book.taken.get(order.symbol);
  const sizes = before?.at === event.at ? before : { at: event.at, bid: Decimal.zero, ask: Decimal.zero };
  const after = isBuying(order.side)
    ? { ...sizes, ask: sizes.ask.plus(quantity) }
    : { ...sizes, bid: sizes.bid.plus(quantity) };
  return new Map(book.taken).set(order.symbol, after);
}

/** @throws Error when a fill would turn a long into a short or the reverse: admission must have prevented it. */
function positionAfter(book: Book, order: BookOrder, quantity: Decimal, price: Decimal): BookPosition {
  const { symbol, assetClass } = order;
  const before = book.positions.get(symbol) ?? { symbol, assetClass, quantity: Decimal.zero, averagePrice: price };
  const signed = isBuying(order.side) ? quantity : quantity.negated();
  const after = before.quantity.plus(signed);
  if (after.times(before.quantity).isNegative() || (!isOpening(order.side) && before.quantity.isZero())) {
    throw new Error(`order ${order.id} would turn the position in ${symbol} from ${before.quantity} to ${after}`);
  }
  if (!isOpening(order.side)) return { ...before, quantity: after };
  const cost = before.quantity.times(before.averagePrice).plus(signed.times(price));
  return { symbol, assetClass, quantity: after, averagePrice: cost.dividedBy(after) };
}
