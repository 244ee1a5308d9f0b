/**
 * The matching engine: from an account's book and a market event to a new book and its changes. Pure: the paper broker
 * and the exchange simulator store the books.
 *
 * 1. A stop triggers when {@link isReached}, and only in a session it may trade in.
 * 2. An order that may execute is filled at the event's bid (sell) or ask (buy), at most its size, never worse than a limit.
 *    A stop that triggers in the event is not filled better than at its trigger: the quote is of the event's end.
 * 3. An arriving order is filled at once against the latest quote if that is fresh; the rest waits for the next event.
 * 4. The result does not depend on how a period is divided into calls.
 */
import { decimal } from '../domain/decimal.js';
import type { RefusalCode } from '../domain/order.js';
import { type Arrival, admit } from './admission.js';
import { type Book, type BookOrder, type Change, type Decision, type Step, withOrder } from './book.js';
import type { MarketEvent, PriceEvent } from './event.js';
import { fillAgainst } from './fills.js';
import { type MatchingRules, mayTrade } from './rules.js';
import { applySplit } from './splits.js';
import { isExecutable, isHeld, isReached, trailedStop, triggerPrice } from './triggers.js';

/** Takes a request: refuses it, or puts it into the book and fills what the latest quote allows. */
export function placeOrder(book: Book, arrival: Arrival, rules: MatchingRules): Decision {
  const order = admit(book, arrival, rules);
  if ('refusal' in order) return order;
  const entered = { ...book, orders: book.orders.with(order) };
  const accepted: Change = { kind: 'accepted', order, at: arrival.at };
  return prepend([accepted], fillOnArrival(entered, order, arrival, rules));
}

/** Cancels a working order, or refuses with `too_late`. */
export function cancelOrder(book: Book, orderId: string, at: number, reason?: string): Decision {
  const order = book.orders.get(orderId);
  if (!order) return tooLate(`order ${orderId} is not working`);
  return endOrder(book, order, { kind: 'cancelled', at, reason });
}

/** Replaces a working order in one step: when the new order is refused, the old one stays as it was. */
export function replaceOrder(
  book: Book,
  { orderId, expectedFilled }: { orderId: string; expectedFilled: string },
  arrival: Arrival,
  rules: MatchingRules,
): Decision {
  const old = book.orders.get(orderId);
  if (!old) return tooLate(`order ${orderId} is not working`);
  if (!old.filled.equals(decimal(expectedFilled))) return tooLate(`order ${orderId} has filled ${old.filled}`);
  const without = endOrder(book, old, { kind: 'replaced', at: arrival.at, reason: 'replaced' });
  const placed = placeOrder(without.book, arrival, rules);
  return 'refusal' in placed ? placed : prepend(without.changes, placed);
}

/** Applies one event to the book; returns the same book when nothing changes. */
export function onEvent(book: Book, event: MarketEvent, rules: MatchingRules): Step {
  const expired = expire(book, event.at - 1);
  const step = event.kind === 'split' ? applySplit(expired.book, event) : onPrices(expired.book, event, rules);
  return prepend(expired.changes, step);
}

/** Expires orders up to and including `at`; call it after the last event up to `at`. */
export function onTime(book: Book, at: number): Step {
  return expire(book, at);
}

function onPrices(book: Book, event: PriceEvent, rules: MatchingRules): Step {
  if (event.halted) return { book, changes: [] };
  const changes: Change[] = [];
  let next = book;
  for (const order of book.orders.reachedBy(event)) {
    // An event covers the time before it: the minute that ends at the close still belongs to the session.
    const { symbol, assetClass } = order;
    if (!mayTrade(order, rules.sessionAt(assetClass, event.at - 1, symbol))) continue;
    const step = onPricesOf(next, order, event, rules);
    next = step.book;
    changes.push(...step.changes);
  }
  return { book: next, changes };
}

function onPricesOf(book: Book, order: BookOrder, event: PriceEvent, rules: MatchingRules): Step {
  if (isExecutable(order)) return fillAgainst(book, order, event, { at: event.at }, rules);
  if (isHeld(order, event)) return { book, changes: [] };
  if (isReached(order, event)) {
    const triggered: BookOrder = { ...order, triggered: true };
    const change: Change = { kind: 'triggered', order: triggered, at: event.at };
    const execution = { at: event.at, trigger: triggerPrice(order, event) };
    return prepend([change], fillAgainst(withOrder(book, triggered), triggered, event, execution, rules));
  }
  const stopPrice = trailedStop(order, event);
  if (stopPrice === undefined || order.stopPrice?.equals(stopPrice)) return { book, changes: [] };
  const trailed: BookOrder = { ...order, stopPrice };
  return { book: withOrder(book, trailed), changes: [{ kind: 'trailed', order: trailed, at: event.at }] };
}

function fillOnArrival(book: Book, order: BookOrder, { at, prices }: Arrival, rules: MatchingRules): Step {
  const fresh = prices !== undefined && !prices.halted && at - prices.at <= rules.staleAfterMs;
  const open = mayTrade(order, rules.sessionAt(order.assetClass, at, order.symbol));
  if (!fresh || !open || !isExecutable(order)) return { book, changes: [] };
  return fillAgainst(book, order, prices, { at }, rules);
}

function expire(book: Book, at: number): Step {
  const changes: Change[] = [];
  let next = book;
  for (const order of book.orders.endingBy(at)) {
    const step = endOrder(next, order, { kind: 'expired', at: order.expiresAt ?? at, reason: undefined });
    next = step.book;
    changes.push(...step.changes);
  }
  return { book: next, changes };
}

interface Ending {
  kind: 'cancelled' | 'expired' | 'replaced';
  at: number;
  reason: string | undefined;
}

function endOrder(book: Book, order: BookOrder, { kind, at, reason }: Ending): Step {
  const ended: BookOrder = { ...order, status: kind === 'expired' ? 'expired' : 'cancelled', reason };
  return { book: withOrder(book, ended), changes: [{ kind, order: ended, at }] };
}

function tooLate(message: string): Decision {
  const code: RefusalCode = 'too_late';
  return { refusal: { code, message } };
}

function prepend(changes: readonly Change[], step: Step): Step {
  return changes.length === 0 ? step : { book: step.book, changes: [...changes, ...step.changes] };
}
