/** The exchange as the brokers' protocols use it: accounts, orders, holdings and prices under one clock. */
import { randomUUID } from 'node:crypto';
import { type Decimal, decimal } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import { isBuying, type OrderRequest } from '../../domain/order.js';
import { openBook, withPosition } from '../../matching/book.js';
import type { PriceEvent } from '../../matching/event.js';
import type { Account, BrokerName } from './accounts.js';
import { ExchangeView } from './exchange-view.js';
import { ExternalEvents } from './external-events.js';
import type { Json } from './journal.js';
import { Links } from './links.js';
import type { PriceSource, SetPrices } from './market.js';
import {
  type Call,
  type IdentifiedOrder,
  type NewOrder,
  type Placed,
  type Submission,
  secondsOf,
} from './new-order.js';
import type { OrderListener } from './order-processor.js';
import { type ExchangeOrder, isInBook, isOver } from './orders.js';
import type { Records, RefreshRecord } from './records.js';
import { RestingOrders } from './resting-orders.js';

/** A position of a new account. */
export interface OpeningPosition {
  symbol: string;
  assetClass: AssetClass;
  quantity: string;
  averagePrice: string;
}

const HIDDEN_SECONDS = 30;
const LATE_REJECT_SECONDS = 1;
const LATE_FILL_SECONDS = 0.5;
const TWO = decimal('2');

export class Exchange extends ExchangeView {
  readonly externalEvents: ExternalEvents;
  private readonly links: Links;
  private readonly restingOrders: RestingOrders;

  constructor(records: Records, source: PriceSource, wall: () => number = Date.now) {
    super(records, source, wall);
    this.links = new Links(records, this.processor);
    this.externalEvents = new ExternalEvents(records, this.market, this.processor);
    this.restingOrders = new RestingOrders(records, this.market, this.processor);
  }

  onOrderEvent(listener: OrderListener): void {
    this.processor.onOrderEvent(listener);
  }

  openAccount(account: Account, cash: Decimal, positions: readonly OpeningPosition[]): void {
    let book = openBook(cash);
    for (const { symbol, assetClass, quantity, averagePrice } of positions) {
      const position = { symbol, assetClass, quantity: decimal(quantity), averagePrice: decimal(averagePrice) };
      book = withPosition(book, position);
    }
    this.accounts.add(account);
    this.processor.setBook(account.account, book, this.now());
  }

  /** Sets a symbol's prices and matches all orders against them. */
  async setPrices(prices: SetPrices): Promise<PriceEvent> {
    const event = this.market.set(prices, this.now());
    this.processor.onEvent(event, event.at);
    await this.releaseChildren();
    return event;
  }

  /** Makes the price jump by a percentage; does nothing when the symbol has no price. */
  async gap(symbol: string, percent: Decimal): Promise<void> {
    const event = await this.market.gap(symbol, percent, this.now());
    if (event) this.processor.onEvent(event, event.at);
    await this.releaseChildren();
  }

  /** Brings everything up to the exchange's present: scheduled events, sessions, the feed's prices, expiries. */
  async advance(): Promise<void> {
    const now = this.now();
    await this.externalEvents.runDue(now);
    await this.restingOrders.run(now);
    await this.releaseChildren();
  }

  async submit(account: string, order: NewOrder, call: Call = {}): Promise<Submission> {
    const arrival = await this.arrival(account, order.request);
    const earlier = order.uniqueClientId && this.byClientOrderId(account, order.request.clientOrderId);
    if (earlier) return { duplicate: earlier };
    const kind = call.fault?.kind;
    if (kind === 'reject') return { refusal: { code: 'refused', message: 'the order was refused' } };
    const identified = { ...order, orderId: order.orderId ?? randomUUID() };
    const lateRefusal = kind === 'late_reject' ? kind : order.lateRefusal;
    if (lateRefusal !== undefined) return { order: this.rejectLater(identified, arrival, { call, lateRefusal }) };
    const prices = kind === 'partial_fill' ? halfTheSize(arrival.prices, order.request) : arrival.prices;
    const placed = this.processor.enter(identified, { ...arrival, prices }, this.linksOfNew(identified, call));
    if ('refusal' in placed) return placed;
    this.holdChildren(placed.order, order.children ?? [], order.oneCancelsOther ?? false);
    await this.releaseChildren();
    return { order: this.current(placed.order) };
  }

  /** Submits two orders of which only one is to be filled, without a parent. Both are accepted, or neither. */
  async submitPair(account: string, legs: readonly [NewOrder, NewOrder], call: Call = {}): Promise<Submission> {
    const group = randomUUID();
    const [first, second] = legs.map((leg) => ({ ...leg, orderId: leg.orderId ?? randomUUID() }));
    if (!first || !second) throw new RangeError('a pair has two legs');
    const arrival = await this.arrival(account, first.request);
    const earlier = first.uniqueClientId && this.byClientOrderId(account, first.request.clientOrderId);
    if (earlier) return { duplicate: earlier };
    if (call.fault?.kind === 'reject') return { refusal: { code: 'refused', message: 'the order was refused' } };
    const placed = this.processor.enter(first, arrival, { group });
    if ('refusal' in placed) return placed;
    const twin = this.processor.enter(second, arrival, { group, parent: first.orderId });
    if ('refusal' in twin) {
      this.processor.cancel(placed.order, arrival.at, 'twin_refused');
      return twin;
    }
    return { order: this.current(placed.order) };
  }

  async cancel(order: ExchangeOrder, call: Call = {}): Promise<Placed> {
    const now = this.now();
    const kind = call.fault?.kind;
    if (kind === 'reject') return { refusal: { code: 'refused', message: 'the cancel was refused' } };
    if (kind === 'cancel_too_late' || (kind === 'stop_fills_on_cancel' && isStopType(order))) {
      await this.externalEvents.fillAtMarket(order, now);
    }
    if (kind === 'fill_after_cancel_ack' && isInBook(order)) return { order: this.fillLater(order, call) };
    const placed = this.processor.cancel(this.current(order), now);
    await this.releaseChildren();
    return placed;
  }

  /** Replaces an order with a new one; `request.quantity` is the new order's own. */
  async replace(order: ExchangeOrder, change: NewOrder, call: Call = {}): Promise<Placed> {
    const arrival = await this.arrival(order.account, change.request);
    const refused = this.refusedChange(order, call);
    if (refused) return refused;
    const identified: IdentifiedOrder = { ...change, orderId: change.orderId ?? randomUUID() };
    const placed = this.processor.replace(this.current(order), identified, arrival);
    await this.releaseChildren();
    return 'refusal' in placed ? placed : { order: this.current(placed.order) };
  }

  /** Changes an order under its id; `request.quantity` is the new total. */
  async edit(order: ExchangeOrder, change: NewOrder, call: Call = {}): Promise<Placed> {
    const arrival = await this.arrival(order.account, change.request);
    const refused = this.refusedChange(order, call);
    if (refused) return refused;
    const placed = this.processor.edit(this.current(order), change, arrival);
    await this.releaseChildren();
    return 'refusal' in placed ? placed : { order: this.current(placed.order) };
  }

  /** Fills an order at a given price; false when it has ended or its limit forbids the price. */
  async fill(order: ExchangeOrder, { quantity, price }: { quantity: Decimal; price: Decimal }): Promise<boolean> {
    const filled = !isOver(order) && this.processor.fill(order, { quantity, price, at: this.now() });
    await this.releaseChildren();
    return filled;
  }

  annotate(order: ExchangeOrder, details: Json): void {
    this.processor.change(order.account, order.orderId, { details });
  }

  recordRefresh(refresh: Omit<RefreshRecord, 'type' | 'at'>): void {
    this.records.commit([{ type: 'refresh', at: this.now(), ...refresh }]);
  }

  /** Enters the children of filled orders. */
  private async releaseChildren(): Promise<void> {
    for (const child of this.links.takeReleased()) {
      const { orderId, request, details, parent, group, state } = child;
      const arrival = await this.arrival(child.account, request);
      const links = { ...(parent !== undefined && { parent }), ...(group !== undefined && { group }) };
      const lifetime = state.expiresAt === undefined ? {} : { expiresAt: state.expiresAt };
      const placed = this.processor.enter({ orderId, request, details, ...lifetime }, arrival, links);
      if ('refusal' in placed) this.processor.endOutside(child, 'rejected', arrival.at, placed.refusal.message);
    }
  }

  private async arrival(account: string, request: OrderRequest) {
    const owner = this.accounts.find(account);
    if (owner === undefined) throw new RangeError(`there is no account ${account}`);
    const prices = await this.market.latest(request.symbol, this.now());
    const at = this.now();
    this.restingOrders.follow(request.symbol, at);
    return { broker: owner.broker, account, at, prices };
  }

  private linksOfNew(order: NewOrder, call: Call) {
    const hiddenUntil = this.now() + secondsOf(call, HIDDEN_SECONDS);
    return {
      ...(call.fault?.kind === 'duplicate_unlisted' && { hiddenUntil }),
      ...((order.children?.length ?? 0) > 0 && { hasChildren: true }),
    };
  }

  private holdChildren(parent: ExchangeOrder, children: readonly NewOrder[], oneCancelsOther: boolean): void {
    const group = oneCancelsOther ? { group: randomUUID() } : {};
    const { broker, account, orderId } = parent;
    for (const child of children) {
      const arrival = { broker, account, at: this.now(), prices: undefined };
      const held = { ...child, orderId: child.orderId ?? randomUUID() };
      this.processor.keepOutside(held, arrival, { parent: orderId, ...group });
    }
    this.links.onPlaced(this.current(parent));
  }

  private rejectLater(
    order: IdentifiedOrder,
    arrival: { broker: BrokerName; account: string; at: number; prices: PriceEvent | undefined },
    { call, lateRefusal }: { call: Call; lateRefusal: string },
  ): ExchangeOrder {
    const kept = this.processor.keepOutside(order, arrival);
    this.externalEvents.schedule(kept, 'reject', arrival.at + secondsOf(call, LATE_REJECT_SECONDS), lateRefusal);
    return kept;
  }

  private fillLater(order: ExchangeOrder, call: Call): ExchangeOrder {
    const at = this.now();
    this.processor.change(order.account, order.orderId, { cancelRequested: true }, { at, kind: 'cancel_requested' });
    this.externalEvents.schedule(order, 'fill', at + secondsOf(call, LATE_FILL_SECONDS));
    return this.current(order);
  }

  private refusedChange(order: ExchangeOrder, call: Call): Placed | undefined {
    if (call.fault?.kind === 'reject') return { refusal: { code: 'refused', message: 'the change was refused' } };
    if (order.cancelRequested) return { refusal: { code: 'too_late', message: 'a cancel is under way' } };
    return undefined;
  }

  private current(order: ExchangeOrder): ExchangeOrder {
    return this.records.order(order.account, order.orderId) ?? order;
  }
}

function isStopType({ state }: ExchangeOrder): boolean {
  return state.type === 'stop' || state.type === 'stop_limit' || state.type === 'trailing_stop';
}

/** The prices with a size of half of the order's quantity. */
function halfTheSize(prices: PriceEvent | undefined, request: OrderRequest): PriceEvent | undefined {
  const half = decimal(request.quantity).dividedBy(TWO);
  return prices && { ...prices, ...(isBuying(request.side) ? { askSize: half } : { bidSize: half }) };
}
