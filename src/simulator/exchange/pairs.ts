/** Matching of pairs, of which only one order is to be filled. The engine itself does not know pairs. */
import type { Book, Step } from '../../matching/book.js';

/**
 * Matches the first legs with everything else, and a second leg afterwards, unless its first leg was filled: an event that
 * reaches both must not fill both.
 */
export function matchPairs(
  book: Book,
  firstLegOf: (id: string) => string | undefined,
  match: (book: Book) => Step,
): Step {
  const seconds = book.orders.filter(({ id }) => firstLegOf(id) !== undefined);
  if (seconds.length === 0) return match(book);
  const first = match({ ...book, orders: book.orders.filter((order) => !seconds.includes(order)) });
  const filled = first.changes.filter(({ kind }) => kind === 'fill').map(({ order }) => order.id);
  const idle = seconds.filter(({ id }) => filled.includes(firstLegOf(id) ?? ''));
  const second = match({ ...first.book, orders: seconds.filter((order) => !idle.includes(order)) });
  const orders = [...first.book.orders, ...second.book.orders, ...idle];
  return { book: { ...second.book, orders }, changes: [...first.changes, ...second.changes] };
}
