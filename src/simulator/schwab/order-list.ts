/** Schwab's orders of an account: the exchange's, and pairs without a parent, which Schwab shows as one order. */
import type { Account } from '../exchange/accounts.js';
import type { Documents } from '../exchange/documents.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import { schwabTime } from './answers.js';
import { detailsOf, pair, shownOrder } from './order-views.js';
import { type SchwabStatus, schwabStatus } from './statuses.js';

/** Two orders that cancel each other, under their own id. */
interface Pair {
  account: string;
  legs: readonly [string, string];
  placedAt: number;
}

/** One entry of a list: an order with its children, or a pair. */
export interface Entry {
  orderId: string;
  placedAt: number;
  status: string;
  /** the orders to cancel in order to cancel it */
  orders: readonly ExchangeOrder[];
  shown: object;
}

const FIRST_ID = 1_004_000_000_001;

export class SchwabOrderList {
  private readonly pairs: Documents<Pair>;
  private readonly sequence: Documents<number>;

  /** `unrelated`: orders that an account shows besides its own, and that nothing can be done with */
  constructor(
    private readonly exchange: Exchange,
    private readonly unrelated: (account: Account) => Entry[],
  ) {
    this.pairs = exchange.documents('schwab-pairs');
    this.sequence = exchange.documents('schwab-sequence');
  }

  /** Order ids are int64 and unique over all accounts. */
  nextId(): string {
    const id = this.sequence.get('order') ?? FIRST_ID;
    this.sequence.set('order', id + 1);
    return String(id);
  }

  addPair(account: string, legs: readonly [string, string]): string {
    const orderId = this.nextId();
    this.pairs.set(orderId, { account, legs, placedAt: this.exchange.now() });
    return orderId;
  }

  /** Everything of an account, newest first. */
  entries(of: Account, call: Call): Entry[] {
    const { account } = of;
    const orders = this.exchange.orders(account, call);
    const pairs = this.pairs.entries().filter(([, { account: owner }]) => owner === account);
    const inPairs = new Set(pairs.flatMap(([, { legs }]) => legs));
    const alone = orders.filter(({ orderId, parent }) => parent === undefined && !inPairs.has(orderId));
    const entries = [
      ...alone.map((order) => this.entryOf(order, orders, call)),
      ...pairs.flatMap(([orderId, { legs }]) => this.pairEntry({ orderId, legs }, orders, call) ?? []),
      ...this.unrelated(of),
    ];
    return entries.sort((a, b) => b.placedAt - a.placedAt || Number(b.orderId) - Number(a.orderId));
  }

  /** One order by its id, which may be a child's. */
  entry(account: Account, orderId: string, call: Call): Entry | undefined {
    const orders = this.exchange.orders(account.account, call);
    const order = orders.find((other) => other.orderId === orderId);
    if (order) return this.entryOf(order, orders, call);
    const found = this.pairs.get(orderId);
    if (found?.account === account.account) return this.pairEntry({ orderId, legs: found.legs }, orders, call);
    return this.unrelated(account).find((entry) => entry.orderId === orderId);
  }

  private entryOf(order: ExchangeOrder, all: readonly ExchangeOrder[], call: Call): Entry {
    const { orderId, placedAt } = order;
    return { orderId, placedAt, status: this.statusOf(order), orders: [order], shown: this.show(order, all, call) };
  }

  private pairEntry(
    { orderId, legs }: Pick<Pair, 'legs'> & { orderId: string },
    all: readonly ExchangeOrder[],
    call: Call,
  ): Entry | undefined {
    const orders = all.filter((order) => legs.some((leg) => leg === order.orderId));
    const [first] = orders;
    if (first === undefined) return undefined;
    const status = this.pairStatus(orders);
    const children = orders.map((leg) => this.show(leg, [], call));
    const times = { enteredTime: schwabTime(first.placedAt), accountNumber: Number(first.account) };
    const shown = { ...pair(children), orderId: Number(orderId), status, cancelable: status === 'WORKING', ...times };
    return { orderId, placedAt: first.placedAt, status, orders: orders.filter((order) => !isOver(order)), shown };
  }

  private pairStatus(legs: readonly ExchangeOrder[]): SchwabStatus {
    if (legs.some((leg) => !isOver(leg))) return 'WORKING';
    return legs.some((leg) => leg.state.status === 'filled') ? 'FILLED' : 'CANCELED';
  }

  /** An order's children name it as their parent. The legs of a pair do too, and are not children. */
  private show(order: ExchangeOrder, all: readonly ExchangeOrder[], call: Call): object {
    const waiting = detailsOf(order).children === undefined ? [] : all.filter(({ parent }) => parent === order.orderId);
    const children = waiting.map((child) => this.show(child, all, call));
    const session = this.exchange.session(order.state.assetClass);
    const fillsUntil = this.exchange.fillsListedUntil(call);
    return shownOrder({ order, now: this.exchange.now(), session, fillsUntil, children });
  }

  private statusOf(order: ExchangeOrder): SchwabStatus {
    return schwabStatus(order, this.exchange.now(), this.exchange.session(order.state.assetClass));
  }
}
