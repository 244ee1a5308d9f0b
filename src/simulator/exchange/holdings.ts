/** An account's cash and positions, in the engine's form and in the file's. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import { isOpening } from '../../domain/order.js';
import { type Book, type BookPosition, positionQuantity, remaining, type TakenSizes } from '../../matching/book.js';
import { buyingPower } from '../../matching/funds.js';
import { WorkingOrders } from '../../matching/working-orders.js';

/** A book without its orders, which have their own records. */
export interface HoldingsRecord {
  readonly type: 'holdings';
  readonly account: string;
  readonly at: number;
  readonly cash: string;
  readonly positions: readonly { symbol: string; assetClass: AssetClass; quantity: string; averagePrice: string }[];
  readonly taken: readonly { symbol: string; at: number; bid: string; ask: string }[];
}

export interface Holdings {
  readonly cash: Decimal;
  readonly buyingPower: Decimal;
  readonly positions: readonly BookPosition[];
  /** signed; zero when flat */
  position(symbol: string): Decimal;
  /** the quantity of a position that working orders would close */
  held(symbol: string): Decimal;
}

export function holdingsOf(book: Book): Holdings {
  return {
    cash: book.cash,
    buyingPower: buyingPower(book).max(Decimal.zero),
    positions: [...book.positions.values()],
    position: (symbol) => positionQuantity(book, symbol),
    held: (symbol) => {
      const closing = book.orders.ofSymbol(symbol).filter(({ side }) => !isOpening(side));
      return Decimal.sum(closing.map(remaining));
    },
  };
}

export function holdingsRecord(account: string, book: Book, at: number): HoldingsRecord {
  return {
    ...{ type: 'holdings', account, at, cash: book.cash.toString() },
    positions: [...book.positions.values()].map(({ quantity, averagePrice, ...position }) => ({
      ...position,
      quantity: quantity.toString(),
      averagePrice: averagePrice.toString(),
    })),
    taken: [...book.taken].map(([symbol, taken]) => ({
      ...{ symbol, at: taken.at, bid: taken.bid.toString(), ask: taken.ask.toString() },
    })),
  };
}

/** The book of a record, with no orders in it. */
export function bookOf({ cash, positions, taken }: HoldingsRecord): Book {
  const held = positions.map((position): [string, BookPosition] => [
    position.symbol,
    { ...position, quantity: decimal(position.quantity), averagePrice: decimal(position.averagePrice) },
  ]);
  const sizes = taken.map(({ symbol, at, bid, ask }): [string, TakenSizes] => [
    symbol,
    { at, bid: decimal(bid), ask: decimal(ask) },
  ]);
  return { cash: decimal(cash), positions: new Map(held), orders: WorkingOrders.none, taken: new Map(sizes) };
}
