/** Splits: an account's positions and working orders in new shares. */
import type { Decimal } from '../domain/decimal.js';
import { priceTick, quantityStep } from '../domain/instrument.js';
import { isBuying } from '../domain/order.js';
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
import type { SplitEvent } from './event.js';
import { notional } from './funds.js';
import { roundedStop } from './triggers.js';

/**
 * Positions × ratio, average price ÷ ratio; working orders likewise, with sell stops rounded down to the tick and buy
 * stops up. A fraction of a share is paid out in cash at the new price.
 */
export function applySplit(book: Book, event: SplitEvent): Step {
  const position = book.positions.get(event.symbol);
  let next = position ? splitPosition(book, position, event) : book;
  const changes: Change[] = [];
  for (const order of book.orders.ofSymbol(event.symbol)) {
    const after = splitOrder(order, event.ratio);
    next = withOrder(next, after);
    changes.push({ kind: 'split', order: after, at: event.at });
  }
  return { book: next, changes };
}

function splitPosition(book: Book, position: BookPosition, { ratio, price }: SplitEvent): Book {
  const exact = position.quantity.times(ratio);
  const averagePrice = position.averagePrice.dividedBy(ratio);
  const whole = wholeQuantity(exact.absolute(), position);
  const quantity = exact.isNegative() ? whole.negated() : whole;
  const cash = book.cash.plus(notional(position, exact.minus(quantity), price ?? averagePrice));
  return withPosition({ ...book, cash }, { ...position, quantity, averagePrice });
}

/** The filled quantity stays in old shares, so that it remains the sum of the order's executions. */
function splitOrder(order: BookOrder, ratio: Decimal): BookOrder {
  const rest = wholeQuantity(remaining(order).times(ratio), order);
  return {
    ...order,
    quantity: order.filled.plus(rest),
    limitPrice: order.limitPrice && splitLimit(order, order.limitPrice.dividedBy(ratio)),
    stopPrice: order.stopPrice && roundedStop(order, order.stopPrice.dividedBy(ratio)),
    reservePrice: order.reservePrice.dividedBy(ratio),
    ...(rest.isZero() && { status: 'cancelled', reason: 'split_to_nothing' }),
  };
}

/** A limit is never rounded to its owner's disadvantage. A stop-limit's is rounded like its stop, to keep the distance. */
function splitLimit(order: BookOrder, price: Decimal): Decimal {
  if (order.type === 'stop_limit') return roundedStop(order, price);
  return price.roundedToTick(priceTick(order, price), isBuying(order.side) ? 'down' : 'up');
}

function wholeQuantity(quantity: Decimal, instrument: Pick<BookOrder, 'assetClass'>): Decimal {
  return quantity.roundedToTick(quantityStep(instrument.assetClass), 'down');
}
