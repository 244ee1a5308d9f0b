/**
 * One paper account as its callers need it. No process has to be alive for the market to go on: whoever comes first
 * brings the account up to market time.
 *
 * 1. A reader looks at one snapshot and works out what the market did since; when that is nothing, the snapshot is the
 *    answer and nothing was locked or written.
 * 2. Otherwise, and for every write, the account's row is locked, its book brought up to date, changed and stored in one
 *    transaction.
 */
import type { Pool, PoolClient } from 'pg';
import type { MarketClock } from '../../market-data/clock.js';
import type { MarketFeed } from '../../market-data/feed.js';
import type { Book, Step } from '../../matching/book.js';
import type { MatchingRules } from '../../matching/rules.js';
import { type AccountState, loadAccount, lockAccount, type WantedOrders } from './account-store.js';
import { saveStep } from './account-writer.js';
import { type CaughtUp, catchUp } from './catch-up.js';
import { inTransaction } from './transactions.js';

/** Beyond this, an account with working orders is written even if nothing happened, so that nobody re-reads it all. */
const LONGEST_UNWRITTEN_MS = 120_000;

export interface PaperAccounts {
  pool: Pool;
  feed: MarketFeed;
  clock: MarketClock;
  rules: MatchingRules;
  /** dollars in a new account, decimal text */
  openingCash: string;
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
  const state = await loadAccount(accounts.pool, account, wanted, accounts.openingCash);
  const now = await accounts.clock.now();
  if (!isFarBehind(state, accounts.feed, now)) {
    const current = await catchUp(state, accounts.feed, now, accounts.rules);
    if (current.book === state.book) return { state, book: state.book, now: current.matchedTo };
  }
  await bringUpToDate(accounts, account);
  const matched = await loadAccount(accounts.pool, account, wanted, accounts.openingCash);
  return { state: matched, book: matched.book, now: Math.max(now, matched.matchedTo ?? now) };
}

/** Stores what the market did to an account. */
async function bringUpToDate(accounts: PaperAccounts, account: string): Promise<void> {
  await changeAccount(accounts, account, {}, ({ book }) => Promise.resolve({ book, changes: [], result: undefined }));
}

/** Lets `work` change an account that is up to date and locked, and answers its result. */
export async function changeAccount<Result>(
  accounts: PaperAccounts,
  account: string,
  wanted: WantedOrders,
  work: (current: CurrentAccount, client: PoolClient) => Promise<Written<Result>>,
): Promise<Result> {
  // asked before the lock is held, for it needs a connection of its own
  const now = await accounts.clock.now();
  for (;;) {
    const written = await inTransaction(accounts.pool, async (client) => {
      await lockAccount(client, account, accounts.openingCash);
      const state = await loadAccount(client, account, wanted, accounts.openingCash);
      const caughtUp = await catchUp(state, accounts.feed, now, accounts.rules);
      const current = { state, book: caughtUp.book, now: caughtUp.matchedTo };
      const written = caughtUp.matchedTo < now ? undefined : await work(current, client);
      await save(accounts, client, { state, caughtUp, written });
      return written;
    });
    if (written) return written.result;
  }
}

async function save(
  { feed }: PaperAccounts,
  client: PoolClient,
  { state, caughtUp, written }: { state: AccountState; caughtUp: CaughtUp; written: Step | undefined },
): Promise<void> {
  const book = written?.book ?? caughtUp.book;
  const { matchedTo } = caughtUp;
  if (book === state.book && matchedTo === state.matchedTo && state.market === feed.id) return;
  const changes = [...caughtUp.changes, ...(written?.changes ?? [])];
  await saveStep(client, { account: state.account, before: state.book, book, changes, matchedTo, market: feed.id });
}

function isFarBehind(state: AccountState, feed: MarketFeed, now: number): boolean {
  if (state.book.orders.length === 0 || state.market !== feed.id || state.matchedTo === undefined) return false;
  return now - state.matchedTo > LONGEST_UNWRITTEN_MS;
}
