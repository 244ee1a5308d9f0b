/** Everything the simulator knows, built from the records in its journal. */

import { Decimal } from '../../domain/decimal.js';
import { type Book, openBook } from '../../matching/book.js';
import { WorkingOrders } from '../../matching/working-orders.js';
import type { BrokerName } from './accounts.js';
import { type DocumentRecord, DocumentStore, type Documents } from './documents.js';
import { bookOf, type HoldingsRecord } from './holdings.js';
import { Journal } from './journal.js';
import { type ExchangeOrder, isInBook, type OrderRecord, revivedOrderRecord, withEvent } from './orders.js';

/** A request that reached the simulator, whatever its outcome. */
export interface RequestRecord {
  readonly type: 'request';
  readonly at: number;
  readonly broker: string;
  readonly operation: string;
  readonly account: string | null;
  readonly fault?: string;
}

/** A request for a new access token. */
export interface RefreshRecord {
  readonly type: 'refresh';
  readonly at: number;
  readonly broker: string;
  readonly account: string | null;
  readonly outcome: 'refreshed' | 'refused';
  readonly reason?: string;
}

interface ResetRecord {
  readonly type: 'reset';
}

export type Entry = OrderRecord | HoldingsRecord | DocumentRecord | RequestRecord | RefreshRecord | ResetRecord;

/** Past books that are kept for stale reads. */
const BOOKS_KEPT = 500;

export class Records {
  readonly requests: RequestRecord[] = [];
  readonly refreshes: RefreshRecord[] = [];
  readonly documents = new DocumentStore((record) => this.journal.append([record]));
  private readonly journal: Journal<Entry>;
  /** all versions of each order, the newest last */
  private readonly orders = new Map<string, ExchangeOrder[]>();
  private readonly orderIdsByAccount = new Map<string, string[]>();
  private readonly working = new Map<string, WorkingOrders>();
  private readonly books = new Map<string, { at: number; book: Book }[]>();

  /** Opens the journal and reads it from the beginning. */
  constructor(path: string) {
    this.journal = Journal.open<Entry>(path, (step) => {
      for (const entry of step) this.apply(entry.type === 'order' ? revivedOrderRecord(entry) : entry);
    });
  }

  /** Applies a step to the state and the file, wholly or not at all. */
  commit(step: readonly Entry[]): void {
    this.journal.append(step);
    for (const entry of step) this.apply(entry);
  }

  flushed(): Promise<void> {
    return this.journal.flushed();
  }

  close(): void {
    this.journal.close();
  }

  reset(): void {
    this.commit([{ type: 'reset' }]);
  }

  collection<Value>(name: string): Documents<Value> {
    return this.documents.collection(name);
  }

  /** Oldest first. With `at`, as they were then. */
  ordersOf(account: string, at?: number): ExchangeOrder[] {
    const ids = this.orderIdsByAccount.get(account) ?? [];
    return ids.flatMap((orderId) => this.order(account, orderId, at) ?? []);
  }

  /** The broker of the account's orders; undefined before the first. */
  brokerOf(account: string): BrokerName | undefined {
    const [first] = this.orderIdsByAccount.get(account) ?? [];
    return first === undefined ? undefined : this.order(account, first)?.broker;
  }

  order(account: string, orderId: string, at = Number.POSITIVE_INFINITY): ExchangeOrder | undefined {
    return this.orders.get(keyOf(account, orderId))?.findLast(({ updatedAt }) => updatedAt <= at);
  }

  /** The account's book with its working orders. With `at`, as it was then. */
  book(account: string, at = Number.POSITIVE_INFINITY): Book {
    const books = this.books.get(account) ?? [];
    return (books.findLast((kept) => kept.at <= at) ?? books[0])?.book ?? openBook(Decimal.zero);
  }

  accounts(): string[] {
    return [...this.books.keys()];
  }

  /** Accounts with orders that may trade. */
  accountsAtWork(): string[] {
    return this.accounts().filter((account) => this.book(account).orders.size > 0);
  }

  private apply(entry: Entry): void {
    if (entry.type === 'order') this.applyOrder(entry);
    else if (entry.type === 'holdings') this.applyHoldings(entry);
    else if (entry.type === 'document') this.documents.apply(entry);
    else if (entry.type === 'request') this.requests.push(entry);
    else if (entry.type === 'refresh') this.refreshes.push(entry);
    else this.forget();
  }

  private applyOrder(record: OrderRecord): void {
    const { account, orderId } = record.facts;
    const versions = this.orders.get(keyOf(account, orderId)) ?? [];
    if (versions.length === 0) {
      this.orders.set(keyOf(account, orderId), versions);
      const ids = this.orderIdsByAccount.get(account) ?? [];
      ids.push(orderId);
      this.orderIdsByAccount.set(account, ids);
    }
    const order = withEvent(versions.at(-1), record);
    versions.push(order);
    const working = this.workingOf(account);
    this.working.set(account, isInBook(order) ? working.with(order.state) : working.without(orderId));
  }

  private workingOf(account: string): WorkingOrders {
    return this.working.get(account) ?? WorkingOrders.none;
  }

  private applyHoldings(record: HoldingsRecord): void {
    const { account, at } = record;
    const books = this.books.get(account) ?? [];
    books.push({ at, book: { ...bookOf(record), orders: this.workingOf(account) } });
    if (books.length > BOOKS_KEPT) books.shift();
    this.books.set(account, books);
  }

  private forget(): void {
    this.requests.length = 0;
    this.refreshes.length = 0;
    this.documents.clear();
    this.orders.clear();
    this.orderIdsByAccount.clear();
    this.working.clear();
    this.books.clear();
  }
}

function keyOf(account: string, orderId: string): string {
  return `${account}/${orderId}`;
}
