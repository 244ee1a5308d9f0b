/** Bringing an account up to market time: everything the market did since it was last matched, in order. */
import type { MarketFeed } from '../../market-data/feed.js';
import type { Book, Change, Step } from '../../matching/book.js';
import { onEvent, onTime } from '../../matching/engine.js';
import { type MarketEvent, splitEvent } from '../../matching/event.js';
import type { MatchingRules } from '../../matching/rules.js';
import type { AccountState } from './account-store.js';
import { withPrices } from './split-prices.js';

const HOUR_MS = 3_600_000;
/** Events are fetched for this stretch at a time, so that a long absence needs no more memory than a short one. */
const STRETCH_MS = 2 * HOUR_MS;
/** After a longer absence an account catches up in several transactions, so that none holds its lock for long. */
const LONGEST_STEP_MS = 24 * HOUR_MS;

export interface CaughtUp extends Step {
  /** market time up to which the book is matched; earlier than now when there is more to do */
  matchedTo: number;
}

/** Market time never goes back for an account; in another market than before it begins now. */
export async function catchUp(
  state: AccountState,
  feed: MarketFeed,
  now: number,
  rules: MatchingRules,
): Promise<CaughtUp> {
  const { book, market } = state;
  const from = market === feed.id ? (state.matchedTo ?? now) : now;
  const to = book.orders.size === 0 ? now : Math.min(now, from + LONGEST_STEP_MS);
  if (to <= from) return { book, changes: [], matchedTo: from };

  const changes: Change[] = [];
  let current = book;
  for (let start = from; start < to; start += STRETCH_MS) {
    const end = current.orders.size === 0 ? to : Math.min(start + STRETCH_MS, to);
    const step = applyEvents(current, await eventsFor(current, feed, start, end), end, rules);
    current = step.book;
    changes.push(...step.changes);
    if (end === to) break;
  }
  return { book: current, changes, matchedTo: to };
}

function applyEvents(book: Book, events: readonly MarketEvent[], end: number, rules: MatchingRules): Step {
  const changes: Change[] = [];
  let current = book;
  for (const event of events) {
    const step = onEvent(current, event, rules);
    current = step.book;
    changes.push(...step.changes);
  }
  const ended = onTime(current, end);
  return { book: ended.book, changes: [...changes, ...ended.changes] };
}

/** All that happened to symbols with working orders, and the splits of what is held. */
async function eventsFor(book: Book, feed: MarketFeed, from: number, to: number): Promise<MarketEvent[]> {
  const working = book.orders.symbols();
  const perSymbol = await Promise.all(working.map((symbol) => feed.events(symbol, from, to)));
  const prices = perSymbol.flat().filter(({ kind }) => kind === 'prices');
  const known = new Set([...book.positions.keys(), ...working]);
  const splits = [...known].flatMap((symbol) => feed.splits(symbol, from, to));
  const splitEvents = (await withPrices(feed, splits)).map(splitEvent);
  // sorting is stable: a split comes before the prices of its instant
  return [...splitEvents, ...prices].sort((one, other) => one.at - other.at);
}
