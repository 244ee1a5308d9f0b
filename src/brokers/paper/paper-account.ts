/**
 * One paper account as its callers need it. No process has to be alive for the market to go on: whoever comes first
 * brings the account up to market time.
 *
 * 1. Each process remembers the accounts with working orders. Its reader loads what it does not know, and works out what
 *    the market did since; when that is nothing, nothing was written, and nobody works it out again.
 * 2. Otherwise, and for every write, the book is brought up to date, changed and stored in one statement, under the revision
 *    that follows the one that was loaded. Who finds that somebody else has stored that revision begins again.
 */
import type { Pool } from 'pg';
import type { MarketClock } from '../../market-data/clock.js';
import type { MarketFeed } from '../../market-data/feed.js';
import type { Book, Step } from '../../matching/book.js';
import type { MatchingRules } from '../../matching/rules.js';
import { type AccountState, type KnownAccount, loadAccount, type WantedOrders } from './account-store.js';
import { saveStep } from './account-writer.js';
import { type CaughtUp, catchUp } from './catch-up.js';

/** Beyond this, an account with working orders is written even if nothing happened, so that nobody re-reads it all. */
const LONGEST_UNWRITTEN_MS = 120_000;

export interface PaperAccounts {
  pool: Pool;
  feed: MarketFeed;
  clock: MarketClock;
  rules: MatchingRules;
  /** dollars in a new account, decimal text */
  openingCash: string;
  /** what this process knows of accounts */
  known: Map<string, KnownAccount>;
  /** the last writer of each account in this process */
  writers: Map<string, Promise<unknown>>;
}

/** An account brought up to `now` in market time. `state` holds the orders that were wanted, as they are in the book. */
export interface CurrentAccount {
  state: AccountState;
  book: Book;
  now: number;
}

/** What a writer made of the account, and its answer. */
export interface Written<Result> extends Step {
  result: Result;
}

export async function readAccount(
  accounts: PaperAccounts,
  account: string,
  wanted: WantedOrders,
): Promise<CurrentAccount> {
  const state = await load(accounts, account, wanted);
  const now = await accounts.clock.now();
  const unchangedTo = await unchangedUntil(accounts, state, now);
  if (unchangedTo !== undefined) return { state, book: state.book, now: unchangedTo };
  await bringUpToDate(accounts, account);
  const matched = await load(accounts, account, wanted);
  return { state: matched, book: matched.book, now: Math.max(now, matched.matchedTo ?? now) };
}

/** Brings an account with this revision up to date. One that is known so, and to which nothing happened, is not read. */
export async function advanceAccount(accounts: PaperAccounts, account: string, revision: number): Promise<void> {
  const known = accounts.known.get(account);
  if (known?.revision === revision) {
    const state = { ...known, account, orders: [], nextOrderId: '' };
    if ((await unchangedUntil(accounts, state, await accounts.clock.now())) !== undefined) return;
  }
  await readAccount(accounts, account, {});
}

/** Stores what the market did to an account. */
async function bringUpToDate(accounts: PaperAccounts, account: string): Promise<void> {
  await changeAccount(accounts, account, {}, ({ book }) => Promise.resolve({ book, changes: [], result: undefined }));
}

/**
 * Lets `work` change an account that is up to date, and answers its result. `work` does nothing but reckon: it runs again
 * when the account was changed meanwhile.
 */
export function changeAccount<Result>(
  accounts: PaperAccounts,
  account: string,
  wanted: WantedOrders,
  work: (current: CurrentAccount) => Promise<Written<Result>>,
): Promise<Result> {
  return inTurn(accounts, account, async () => {
    for (;;) {
      const state = await load(accounts, account, wanted);
      const now = await accounts.clock.now();
      const caughtUp = await catchUp(state, accounts.feed, now, accounts.rules);
      const current = { state, book: caughtUp.book, now: caughtUp.matchedTo };
      const written = caughtUp.matchedTo < now ? undefined : await work(current);
      const isStored = await save(accounts, { state, caughtUp, written });
      if (isStored && written) return written.result;
    }
  });
}

/** Writers of one process wait for each other instead of working things out in vain. */
async function inTurn<Result>({ writers }: PaperAccounts, account: string, work: () => Promise<Result>) {
  const before = writers.get(account);
  const own = before === undefined ? work() : before.then(work, work);
  writers.set(account, own);
  try {
    return await own;
  } finally {
    if (writers.get(account) === own) writers.delete(account);
  }
}

/** False when somebody else has changed the account since it was loaded. */
async function save(
  accounts: PaperAccounts,
  { state, caughtUp, written }: { state: AccountState; caughtUp: CaughtUp; written: Step | undefined },
): Promise<boolean> {
  const { pool, feed } = accounts;
  const book = written?.book ?? caughtUp.book;
  const { matchedTo } = caughtUp;
  if (book === state.book && matchedTo === state.storedTo && state.market === feed.id) return true;
  const changes = [...caughtUp.changes, ...(written?.changes ?? [])];
  const after = { ...state, book, matchedTo, storedTo: matchedTo, market: feed.id, revision: state.revision + 1 };
  const isStored = await saveStep(pool, { ...after, before: state.book, changes });
  if (isStored) remember(accounts, after);
  return isStored;
}

function load(accounts: PaperAccounts, account: string, wanted: WantedOrders): Promise<AccountState> {
  const { pool, openingCash, known } = accounts;
  return loadAccount(pool, account, wanted, { openingCash, known: known.get(account) });
}

/** The market time up to which nothing happened to the account; undefined when something did, or when it is to be stored. */
async function unchangedUntil(accounts: PaperAccounts, state: AccountState, now: number): Promise<number | undefined> {
  if (isFarBehind(state, accounts.feed, now)) return undefined;
  const { book, matchedTo } = await catchUp(state, accounts.feed, now, accounts.rules);
  if (book !== state.book) return undefined;
  remember(accounts, { ...state, matchedTo, market: accounts.feed.id });
  return matchedTo;
}

/** Only what the market can do something to is worth it. */
function remember({ known }: PaperAccounts, { account, orders: _, nextOrderId: __, ...state }: AccountState): void {
  if (state.book.orders.size === 0) known.delete(account);
  else known.set(account, state);
}

function isFarBehind(state: AccountState, feed: MarketFeed, now: number): boolean {
  if (state.book.orders.size === 0 || state.market !== feed.id || state.storedTo === undefined) return false;
  return now - state.storedTo > LONGEST_UNWRITTEN_MS;
}
