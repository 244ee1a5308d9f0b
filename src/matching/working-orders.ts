/**
 * An account's working orders, found by id, by symbol, by the price at which the market reaches them and by the time at
 * which they end, without a walk over the others. Immutable: a change is a new collection that shares what did not change.
 */
import type { Decimal } from '../domain/decimal.js';
import { isBuying, isOpening } from '../domain/order.js';
import type { BookOrder } from './book.js';
import { type PriceEvent, tradedIn } from './event.js';
import { SortedTree } from './sorted-tree.js';
import { isExecutable } from './triggers.js';

/** An order stands on several; within one, orders are sorted by the parts of `Place`, one after the other. */
type Shelf =
  | 'arrival'
  | 'id'
  | 'symbol'
  /** of those that reserve buying power */
  | 'opening'
  /** of those that end by themselves */
  | 'end'
  /** concerned by every price of their symbol: without a limit, or trailing */
  | 'any_price'
  /** by the price at which the market reaches them */
  | 'buy_limit'
  | 'sell_limit'
  | 'buy_stop'
  | 'sell_stop';

interface Place {
  shelf: Shelf;
  /** a symbol, or an order's id */
  name?: string;
  price?: Decimal;
  /** epoch milliseconds */
  end?: number;
  arrival?: number;
}

type Shelves = InstanceType<typeof SortedTree<Place, BookOrder>>;

export class WorkingOrders implements Iterable<BookOrder> {
  static readonly none = new WorkingOrders(new SortedTree<Place, BookOrder>([], comparePlaces), 0, 0);

  private constructor(
    private readonly shelves: Shelves,
    private readonly arrivals: number,
    readonly size: number,
  ) {}

  /** In order of arrival. */
  static of(orders: Iterable<BookOrder>): WorkingOrders {
    let all = WorkingOrders.none;
    for (const order of orders) all = all.with(order);
    return all;
  }

  /** By arrival. */
  [Symbol.iterator](): Iterator<BookOrder> {
    return this.take({ shelf: 'arrival' }, () => true).values();
  }

  get(id: string): BookOrder | undefined {
    return this.take({ shelf: 'id', name: id }, ({ name }) => name === id)[0];
  }

  /** By arrival. */
  ofSymbol(symbol: string): BookOrder[] {
    return this.take({ shelf: 'symbol', name: symbol }, ({ name }) => name === symbol);
  }

  /** Of all the orders, each once. */
  symbols(): string[] {
    const symbols: string[] = [];
    let next = this.shelves.nextHigherKey({ shelf: 'symbol' });
    while (next?.shelf === 'symbol' && next.name !== undefined) {
      symbols.push(next.name);
      next = this.shelves.nextHigherKey({ shelf: 'symbol', name: next.name, arrival: this.arrivals });
    }
    return symbols;
  }

  /** Those that reserve buying power, by arrival. */
  opening(): BookOrder[] {
    return this.take({ shelf: 'opening' }, () => true);
  }

  /** Those that end at an instant or before it, by arrival. */
  endingBy(at: number): BookOrder[] {
    return byArrival(this.range({ shelf: 'end' }, ({ end = 0 }) => end <= at));
  }

  /** All to which the prices can do anything, by arrival. */
  reachedBy(event: PriceEvent): BookOrder[] {
    const { symbol, bid, ask } = event;
    const [low, high] = tradedIn(event) ? [event.low, event.high] : [bid, ask];
    return byArrival([
      ...this.range({ shelf: 'any_price', name: symbol }, ({ name }) => name === symbol),
      ...this.atLeast('sell_stop', symbol, low),
      ...this.atMost('buy_stop', symbol, high),
      ...this.atMost('sell_limit', symbol, bid),
      ...this.atLeast('buy_limit', symbol, ask),
    ]);
  }

  /** With the order in place of the one with its id, or as the last to arrive. */
  with(order: BookOrder): WorkingOrders {
    const shelves = this.shelves.clone();
    const arrival = takeOut(shelves, this.placeOf(order.id));
    for (const place of placesOf(order, arrival ?? this.arrivals)) shelves.set(place, order);
    return arrival === undefined
      ? new WorkingOrders(shelves, this.arrivals + 1, this.size + 1)
      : new WorkingOrders(shelves, this.arrivals, this.size);
  }

  without(id: string): WorkingOrders {
    const shelves = this.shelves.clone();
    if (takeOut(shelves, this.placeOf(id)) === undefined) return this;
    return new WorkingOrders(shelves, this.arrivals, this.size - 1);
  }

  private placeOf(id: string): [Place, BookOrder] | undefined {
    return this.range({ shelf: 'id', name: id }, ({ name }) => name === id)[0];
  }

  private atLeast(shelf: Shelf, symbol: string, price: Decimal | undefined): [Place, BookOrder][] {
    return price === undefined ? [] : this.range({ shelf, name: symbol, price }, ({ name }) => name === symbol);
  }

  private atMost(shelf: Shelf, symbol: string, bound: Decimal | undefined): [Place, BookOrder][] {
    if (bound === undefined) return [];
    return this.range({ shelf, name: symbol }, ({ name, price }) => name === symbol && price?.atMost(bound) === true);
  }

  private take(from: Place, isWithin: (place: Place) => boolean): BookOrder[] {
    return this.range(from, isWithin).map(([, order]) => order);
  }

  /** What stands on a shelf from a place on, up to the first for which the condition does not hold. */
  private range(from: Place, isWithin: (place: Place) => boolean): [Place, BookOrder][] {
    const found: [Place, BookOrder][] = [];
    for (const [place, order] of this.shelves.entries(from)) {
      if (place.shelf !== from.shelf || !isWithin(place)) break;
      found.push([place, order]);
    }
    return found;
  }
}

/** Answers its arrival; undefined when there is no such order. */
function takeOut(shelves: Shelves, found: [Place, BookOrder] | undefined): number | undefined {
  if (found === undefined) return undefined;
  const [{ arrival = 0 }, order] = found;
  for (const place of placesOf(order, arrival)) shelves.delete(place);
  return arrival;
}

function placesOf(order: BookOrder, arrival: number): Place[] {
  const { id, symbol, side, expiresAt } = order;
  return [
    { shelf: 'arrival', arrival },
    { shelf: 'id', name: id, arrival },
    { shelf: 'symbol', name: symbol, arrival },
    ...(isOpening(side) ? [{ shelf: 'opening', arrival } as const] : []),
    ...(expiresAt === undefined ? [] : [{ shelf: 'end', end: expiresAt, arrival } as const]),
    { ...levelOf(order), name: symbol, arrival },
  ];
}

function levelOf(order: BookOrder): Place {
  const { type, side, limitPrice, stopPrice } = order;
  if (!isExecutable(order)) {
    if (type === 'trailing_stop' || stopPrice === undefined) return { shelf: 'any_price' };
    return { shelf: isBuying(side) ? 'buy_stop' : 'sell_stop', price: stopPrice };
  }
  const limited = type === 'limit' || type === 'stop_limit';
  if (!limited || limitPrice === undefined) return { shelf: 'any_price' };
  return { shelf: isBuying(side) ? 'buy_limit' : 'sell_limit', price: limitPrice };
}

function byArrival(found: readonly [Place, BookOrder][]): BookOrder[] {
  const sorted = [...found].sort(([{ arrival: one = 0 }], [{ arrival: other = 0 }]) => one - other);
  return sorted.map(([, order]) => order);
}

/** What a place lacks comes before everything. */
function comparePlaces(one: Place, other: Place): number {
  return (
    compareText(one.shelf, other.shelf) ||
    compareText(one.name ?? '', other.name ?? '') ||
    comparePrices(one.price, other.price) ||
    (one.end ?? 0) - (other.end ?? 0) ||
    (one.arrival ?? -1) - (other.arrival ?? -1)
  );
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function comparePrices(one: Decimal | undefined, other: Decimal | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  return one.compare(other);
}
