/**
 * Buying power. A long is paid in full. A short must be covered by cash of 150 % of what it was sold for: its proceeds
 * and half of it again (the initial margin of Regulation T), computed from entry prices so that no quote of another
 * symbol is needed.
 */
import { Decimal, decimal } from '../domain/decimal.js';
import { contractMultiplier } from '../domain/instrument.js';
import { isOpening } from '../domain/order.js';
import { type Book, type BookOrder, remaining } from './book.js';

const SHORT_COVER = decimal('1.5');
const SHORT_MARGIN = decimal('0.5');

/** Cash that neither covers a short position nor is reserved for a working order. */
export function buyingPower(book: Book): Decimal {
  const covers = [...book.positions.values()]
    .filter((position) => position.quantity.isNegative())
    .map((position) => notional(position, position.quantity.absolute(), position.averagePrice).times(SHORT_COVER));
  const held = book.orders.opening().map((order) => fundsNeeded(order, remaining(order), order.reservePrice));
  return book.cash.minus(Decimal.sum(covers)).minus(Decimal.sum(held));
}

/** How much buying power an order uses when `quantity` of it is filled at `price`; a closing order uses none. */
export function fundsNeeded(order: BookOrder, quantity: Decimal, price: Decimal): Decimal {
  if (!isOpening(order.side)) return Decimal.zero;
  const value = notional(order, quantity, price);
  return order.side === 'buy' ? value : value.times(SHORT_MARGIN);
}

export function notional(instrument: Pick<BookOrder, 'assetClass'>, quantity: Decimal, price: Decimal): Decimal {
  return quantity.times(price).times(contractMultiplier(instrument.assetClass));
}
