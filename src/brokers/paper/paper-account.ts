/**
 * One paper account as its callers need it. No process has to be alive for the market to go on: whoever comes first
 * brings the account up to market time.
 *
 * 1. Each process remembers the accounts with working orders. Its reader loads what it does not know, and works out what
 *    the market did since; when that is nothing, nothing was locked or written, and nobody works it out again.
 * 2. Otherwise, and for every write, the account's row is locked, its book brought up to date, changed and stored in one
 *    transaction, under a new revision.
 */
import type { Pool, PoolClient } from 'pg';
import type { MarketClock } from '../../market-data/clock.js';
import type { MarketFeed } from '../../market-data/feed.js';
import type { Book, Step } from '../../matching/book.js';
import type { MatchingRules } from '../../matching/rules.js';
import { type AccountState, type KnownAccount, loadAccount, lockAccount, type WantedOrders } from './account-store.js';
import { saveStep } from './account-writer.js';
import { type CaughtUp, catchUp } from './catch-up.js';
import { type Connection, inTransaction } from './transactions.js';

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
  const state = await load(accounts, accounts.pool, account, wanted);
  const now = await accounts.clock.now();
  const unchangedTo = await unchangedUntil(accounts, state, now);
  if (unchangedTo !== undefined) return { state, book: state.book, now: unchangedTo };
  await bringUpToDate(accounts, account);
  const matched = await load(accounts, accounts.pool, account, wanted);
  return { state: matched, book: matched.book, now: Math.max(now, matched.matchedTo ?? now) };
}

/** Brings an account with this revision up to date. One that is known so, and to which nothing happened, is not read. */
export async function advanceAccount(accounts: PaperAccounts, account: string, revision: number): Promise<void> {
  const known = accounts.known.get(account);
  if (known?.revision === revision) {
    const state = { ...known, account, orders: [] };
    if ((await unchangedUntil(accounts, state, await accounts.clock.now())) !== undefined) return;
  }
  await readAccount(accounts, account, {});
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
    const { written, after } = await inTransaction(accounts.pool, async (client) => {
      await lockAccount(client, account, accounts.openingCash);
      const state = await load(accounts, client, account, wanted);
      const caughtUp = await catchUp(state, accounts.feed, now, accounts.rules);
      const current = { state, book: caughtUp.book, now: caughtUp.matchedTo };
      const written = caughtUp.matchedTo < now ? undefined : await work(current, client);
      return { written, after: await save(accounts, client, { state, caughtUp, written }) };
    });
    remember(accounts, after);
    if (written) return written.result;
  }
}

/** Answers the account as it is when the transaction is committed. */
async function save(
  { feed }: PaperAccounts,
  client: PoolClient,
  { state, caughtUp, written }: { state: AccountState; caughtUp: CaughtUp; written: Step | undefined },
): Promise<AccountState> {
  const book = written?.book ?? caughtUp.book;
  const { matchedTo } = caughtUp;
  if (book === state.book && matchedTo === state.storedTo && state.market === feed.id) return state;
  const changes = [...caughtUp.changes, ...(written?.changes ?? [])];
  const after = { ...state, book, matchedTo, storedTo: matchedTo, market: feed.id, revision: state.revision + 1 };
  await saveStep(client, { ...after, before: state.book, changes });
  return after;
}

function load(
  { openingCash, known }: PaperAccounts,
  connection: Connection,
  account: string,
  wanted: WantedOrders,
): Promise<AccountState> {
  return loadAccount(connection, account, wanted, { openingCash, known: known.get(account) });
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
function remember({ known }: PaperAccounts, { account, orders: _, ...state }: AccountState): void {
  if (state.book.orders.size === 0) known.delete(account);
  else known.set(account, state);
}

function isFarBehind(state: AccountState, feed: MarketFeed, now: number): boolean {
  if (state.book.orders.size === 0 || state.market !== feed.id || state.storedTo === undefined) return false;
  return now - state.storedTo > LONGEST_UNWRITTEN_MS;
}
