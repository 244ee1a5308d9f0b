/** Matching of pairs, of which only one order is to be filled. The engine itself does not know pairs. */
import type { Book, BookOrder, Step } from '../../matching/book.js';
import type { MarketEvent } from '../../matching/event.js';
import { WorkingOrders } from '../../matching/working-orders.js';

/**
 * Matches the first legs with everything else, and a second leg afterwards, unless its first leg was filled: an event that
 * reaches both must not fill both.
 */
export function matchPairs(
  book: Book,
  event: MarketEvent,
  groupOf: (id: string) => string | undefined,
  match: (book: Book) => Step,
): Step {
  const reached = event.kind === 'prices' ? book.orders.reachedBy(event) : [];
  const firsts = new Map<string, string>();
  const seconds: { order: BookOrder; firstLeg: string }[] = [];
  for (const order of reached) {
    const group = groupOf(order.id);
    if (group === undefined) continue;
    const firstLeg = firsts.get(group);
    if (firstLeg === undefined) firsts.set(group, order.id);
    else seconds.push({ order, firstLeg });
  }
  if (seconds.length === 0) return match(book);
  const first = match({ ...book, orders: seconds.reduce((rest, { order }) => rest.without(order.id), book.orders) });
  const filled = new Set(first.changes.filter(({ kind }) => kind === 'fill').map(({ order }) => order.id));
  const idle = seconds.filter(({ firstLeg }) => filled.has(firstLeg)).map(({ order }) => order);
  const waiting = seconds.filter(({ firstLeg }) => !filled.has(firstLeg)).map(({ order }) => order);
  const second = match({ ...first.book, orders: WorkingOrders.of(waiting) });
  const orders = [...second.book.orders, ...idle].reduce((all, order) => all.with(order), first.book.orders);
  return { book: { ...second.book, orders }, changes: [...first.changes, ...second.changes] };
}
