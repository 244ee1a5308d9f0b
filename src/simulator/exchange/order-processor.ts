/** Applies the matching engine to the accounts' books. Every change to an account is made and recorded here. */
import { type Decimal, decimal } from '../../domain/decimal.js';
import type { OrderStatus } from '../../domain/order.js';
import { type Book, type BookOrder, type Step, withOrder } from '../../matching/book.js';
import { cancelOrder, onEvent, onTime, placeOrder, replaceOrder } from '../../matching/engine.js';
import type { MarketEvent, PriceEvent, SplitEvent } from '../../matching/event.js';
import { fillAgainst } from '../../matching/fills.js';
import type { MatchingRules } from '../../matching/rules.js';
import { applySplit } from '../../matching/splits.js';
import type { BrokerName } from './accounts.js';
import { holdingsRecord } from './holdings.js';
import type { Market } from './market.js';
import { matchingRules } from './matching-rules.js';
import type { IdentifiedOrder, NewOrder, Placed } from './new-order.js';
import { type ExchangeOrder, factsOf, type OrderEvent, type OrderFacts } from './orders.js';
import { matchPairs } from './pairs.js';
import type { Entry, Records } from './records.js';
import { eventOf, factsOfNew, linksOf, mapOrder, withFilledBefore, withLifetime, withTwins } from './steps.js';

/** Where a new order comes from, and the current prices. */
export interface Arrival {
  broker: BrokerName;
  account: string;
  at: number;
  prices: PriceEvent | undefined;
}

export type OrderListener = (order: ExchangeOrder, event: OrderEvent) => void;

export class OrderProcessor {
  private readonly listeners: OrderListener[] = [];

  constructor(
    private readonly records: Records,
    private readonly market: Market,
  ) {}

  onOrderEvent(listener: OrderListener): void {
    this.listeners.push(listener);
  }

  /** Puts an order into the book and fills what the prices allow. */
  enter(order: IdentifiedOrder, arrival: Arrival, links: Partial<OrderFacts> = {}): Placed {
    const { broker, account, at, prices } = arrival;
    const { twins, book } = this.withoutTwins(account, links.group);
    const decision = placeOrder(book, { id: order.orderId, request: order.request, at, prices }, this.rules(broker));
    if ('refusal' in decision) return decision;
    const rests = decision.book.orders.get(order.orderId) !== undefined;
    if (order.lifetime === 'fok' && rests) return { order: this.kill(order, arrival, links) };
    const step = withTwins(withLifetime(decision, order, at), twins);
    this.commit(account, step, at, [factsOfNew(order, arrival, links)]);
    return { order: this.known(account, order.orderId) };
  }

  /** Records an order that is not in the book, or not yet. */
  keepOutside(order: IdentifiedOrder, arrival: Arrival, links: Partial<OrderFacts> = {}): ExchangeOrder {
    const { account, at } = arrival;
    const facts = factsOfNew(order, arrival, links);
    this.record(facts, { at, kind: links.parent === undefined ? 'accepted' : 'held' });
    return this.known(account, order.orderId);
  }

  cancel(order: ExchangeOrder, at: number, reason?: string): Placed {
    const { account, orderId } = order;
    if (order.state.status === 'submitted') return { order: this.endOutside(order, 'cancelled', at, reason) };
    const decision = cancelOrder(this.records.book(account), orderId, at, reason);
    if ('refusal' in decision) return decision;
    this.commit(account, decision, at);
    return { order: this.known(account, orderId) };
  }

  /** Ends an order that is not in the book. */
  endOutside(
    order: ExchangeOrder,
    status: OrderStatus & OrderEvent['kind'],
    at: number,
    reason?: string,
  ): ExchangeOrder {
    const facts = factsOf(order);
    this.record({ ...facts, state: { ...facts.state, status, reason } }, { at, kind: status });
    return this.known(order.account, order.orderId);
  }

  /** Replaces a working order with a new one in one step. */
  replace(old: ExchangeOrder, order: IdentifiedOrder, arrival: Arrival): Placed {
    const { broker, account, at, prices } = arrival;
    const { twins, book } = this.withoutTwins(account, old.group, old.orderId);
    const decision = replaceOrder(
      book,
      { orderId: old.orderId, expectedFilled: old.state.filled.toString() },
      { id: order.orderId, request: order.request, at, prices },
      this.rules(broker),
    );
    if ('refusal' in decision) return decision;
    const links = { replaces: old.orderId, ...linksOf(old) };
    const step = withTwins(withLifetime(decision, order, at), twins);
    const replaced = { ...factsOf(this.known(old.account, old.orderId)), replacedBy: order.orderId };
    this.commit(account, step, at, [factsOfNew(order, arrival, links), replaced]);
    return { order: this.known(account, order.orderId) };
  }

  /** Changes an order in place: `quantity` is the new total, and what is filled stays filled. */
  edit(old: ExchangeOrder, order: NewOrder, arrival: Arrival): Placed {
    const { broker, account, at, prices } = arrival;
    const { orderId } = old;
    const rest = decimal(order.request.quantity).minus(old.state.filled);
    const request = { ...order.request, quantity: rest.toString() };
    const decision = replaceOrder(
      this.records.book(account),
      { orderId, expectedFilled: old.state.filled.toString() },
      { id: orderId, request, at, prices },
      this.rules(broker),
    );
    if ('refusal' in decision) return decision;
    const carried = mapOrder(decision, orderId, (state) => withFilledBefore(state, old.state.filled));
    const changes = carried.changes.filter(({ kind }) => kind !== 'replaced');
    const facts = { ...factsOf(old), request: order.request, details: order.details ?? old.details };
    this.commit(account, { ...carried, changes }, at, [facts], 'edited');
    return { order: this.known(account, orderId) };
  }

  /** Fills an order whatever the market shows; false when its limit forbids the price. */
  fill(order: ExchangeOrder, { quantity, price, at }: { quantity: Decimal; price: Decimal; at: number }): boolean {
    const { account, orderId, broker } = order;
    const state: BookOrder = { ...order.state, triggered: true };
    const book: Book = { ...withOrder(this.records.book(account), state), taken: new Map() };
    const event: PriceEvent = {
      ...{ kind: 'prices', symbol: state.symbol, at, bid: price, ask: price, bidSize: quantity, askSize: quantity },
    };
    const step = fillAgainst(book, state, event, { at }, this.rules(broker));
    if (step.changes.length === 0) return false;
    this.commit(account, step, at);
    return this.known(account, orderId).state.filled.greaterThan(order.state.filled);
  }

  /** Applies a market event to all accounts. */
  onEvent(event: MarketEvent, at: number): void {
    for (const account of this.records.accountsAtWork()) {
      const book = this.records.book(account);
      const rules = this.rulesOf(account);
      const groupOf = (id: string) => this.known(account, id).group;
      this.commit(
        account,
        matchPairs(book, event, groupOf, (part) => onEvent(part, event, rules)),
        at,
      );
    }
  }

  /** Converts all accounts' positions and orders of a symbol. */
  split(event: SplitEvent): void {
    for (const account of this.records.accounts()) {
      this.commit(account, applySplit(this.records.book(account), event), event.at);
    }
  }

  /** Expires the orders whose time has come. */
  expire(at: number): void {
    for (const account of this.records.accountsAtWork()) {
      this.commit(account, onTime(this.records.book(account), at), at);
    }
  }

  /** Replaces an account's book, for changes that do not come from its orders. */
  setBook(account: string, book: Book, at: number): void {
    this.records.commit([holdingsRecord(account, book, at)]);
  }

  /** Changes an order's state and the book around it in one step. */
  amend(order: ExchangeOrder, state: BookOrder, book: Book, event: OrderEvent): void {
    const facts = { ...factsOf(order), state };
    this.records.commit([{ type: 'order', facts, event }, holdingsRecord(order.account, book, event.at)]);
    this.notify(order.account, order.orderId, event);
  }

  /** Changes facts of an order other than the engine's state. */
  change(account: string, orderId: string, change: Partial<OrderFacts>, event?: OrderEvent): void {
    const order = this.known(account, orderId);
    this.record({ ...factsOf(order), ...change }, event ?? { at: order.updatedAt, kind: 'annotated' });
  }

  rules(broker: BrokerName): MatchingRules {
    return matchingRules(broker, this.market);
  }

  private rulesOf(account: string): MatchingRules {
    return this.rules(this.records.brokerOf(account) ?? 'alpaca');
  }

  /** Fill or kill: ends an order that could not be filled wholly. */
  private kill(order: IdentifiedOrder, arrival: Arrival, links: Partial<OrderFacts>): ExchangeOrder {
    return this.endOutside(this.keepOutside(order, arrival, links), 'cancelled', arrival.at, 'fok');
  }

  /** The legs of a pair close the same shares: the engine must not see the twin of an arriving order. */
  private withoutTwins(account: string, group: string | undefined, but?: string): { twins: BookOrder[]; book: Book } {
    const book = this.records.book(account);
    if (group === undefined) return { twins: [], book };
    const twins = [...book.orders].filter(({ id }) => id !== but && this.known(account, id).group === group);
    return { twins, book: { ...book, orders: twins.reduce((rest, { id }) => rest.without(id), book.orders) } };
  }

  /** Records an engine step. `fresh` is the facts of orders that are new or changed. */
  private commit(
    account: string,
    step: Step,
    at: number,
    fresh: readonly OrderFacts[] = [],
    acceptedAs: OrderEvent['kind'] = 'accepted',
  ) {
    if (step.changes.length === 0 && step.book === this.records.book(account)) return;
    const facts = new Map(fresh.map((order) => [order.orderId, order]));
    const events: [string, OrderEvent][] = [];
    const entries: Entry[] = step.changes.map((change) => {
      const { id } = change.order;
      const after = { ...(facts.get(id) ?? factsOf(this.known(account, id))), state: change.order };
      facts.set(id, after);
      const event = eventOf(change, acceptedAs);
      events.push([id, event]);
      return { type: 'order', facts: after, event };
    });
    this.records.commit([...entries, holdingsRecord(account, step.book, at)]);
    for (const [id, event] of events) this.notify(account, id, event);
  }

  private record(facts: OrderFacts, event: OrderEvent): void {
    this.records.commit([{ type: 'order', facts, event }]);
    this.notify(facts.account, facts.orderId, event);
  }

  private notify(account: string, orderId: string, event: OrderEvent): void {
    if (event.kind === 'annotated') return;
    for (const listener of this.listeners) listener(this.known(account, orderId), event);
  }

  private known(account: string, orderId: string): ExchangeOrder {
    const order = this.records.order(account, orderId);
    if (order === undefined) throw new Error(`order ${orderId} of account ${account} was never recorded`);
    return order;
  }
}
