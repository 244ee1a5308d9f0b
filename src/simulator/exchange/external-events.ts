/** Events that no call asked for: scheduled rejections and fills, busts, and changes made from outside of the API. */
import { type Decimal, decimal } from '../../domain/decimal.js';
import { quantityStep } from '../../domain/instrument.js';
import { isBuying, type OrderSide } from '../../domain/order.js';
import { type BookPosition, positionQuantity, remaining, withOrder, withPosition } from '../../matching/book.js';
import { notional } from '../../matching/funds.js';
import type { Documents } from './documents.js';
import type { Market } from './market.js';
import type { OrderProcessor } from './order-processor.js';
import { type ExchangeOrder, executionsOf, isInBook } from './orders.js';
import type { Records } from './records.js';

/** What is scheduled to happen to an order, by the exchange's clock. */
interface Task {
  at: number;
  what: 'reject' | 'fill';
  account: string;
  orderId: string;
  /** why it is rejected */
  reason?: string;
}

const ONE = decimal('1');
const TWO = decimal('2');

export class ExternalEvents {
  private readonly tasks: Documents<Task>;

  constructor(
    private readonly records: Records,
    private readonly market: Market,
    private readonly processor: OrderProcessor,
  ) {
    this.tasks = records.collection('tasks');
  }

  schedule(order: ExchangeOrder, what: Task['what'], at: number, reason?: string): void {
    const { account, orderId } = order;
    const task = { at, what, account, orderId, ...(reason !== undefined && { reason }) };
    this.tasks.set(`${account}/${orderId}/${what}`, task);
  }

  async runDue(now: number): Promise<void> {
    const due = this.tasks.entries().filter(([, task]) => task.at <= now);
    for (const [key, { what, account, orderId, reason }] of due) {
      this.tasks.delete(key);
      const order = this.records.order(account, orderId);
      if (order === undefined) continue;
      if (what === 'fill') await this.fillOrCancel(order, now);
      else if (order.state.status === 'submitted') this.processor.endOutside(order, 'rejected', now, reason);
    }
  }

  /** Fills what is left of an order at the market's price, or at its own where the market's is worse than its limit. */
  async fillAtMarket(order: ExchangeOrder, now: number): Promise<void> {
    const prices = await this.market.latest(order.state.symbol, now);
    const current = this.records.order(order.account, order.orderId);
    if (current === undefined || !isInBook(current)) return;
    const market = isBuying(current.state.side) ? prices?.ask : prices?.bid;
    const quantity = remaining(current.state);
    for (const price of [market, current.state.limitPrice, current.state.stopPrice]) {
      if (price !== undefined && this.processor.fill(current, { quantity, price, at: now })) return;
    }
  }

  /** Fills an order whose cancel was acknowledged; if that is not possible, cancels it after all. */
  private async fillOrCancel(order: ExchangeOrder, now: number): Promise<void> {
    await this.fillAtMarket(order, now);
    const after = this.records.order(order.account, order.orderId);
    if (after !== undefined && isInBook(after)) this.processor.cancel(after, now);
  }

  /** Cancels matching working orders, as somebody outside of the API would. */
  cancelFromOutside(account: string, fits: (order: ExchangeOrder) => boolean, now: number): void {
    const orders = this.records.ordersOf(account).filter((order) => isInBook(order) && fits(order));
    for (const order of orders) this.processor.cancel(order, now, 'external');
  }

  /**
   * A split before the next session: orders are converted with a forward one and cancelled with a reverse one, as FINRA rule
   * 5330 asks of members. A fraction of a share is paid out at the price of the new shares.
   */
  split(split: { symbol: string; ratio: Decimal; price?: Decimal }, now: number): void {
    if (split.ratio.lessThan(ONE)) {
      for (const account of this.records.accounts()) {
        this.cancelFromOutside(account, ({ state }) => state.symbol === split.symbol, now);
      }
    }
    this.processor.split({ kind: 'split', at: now, ...split });
  }

  /** Sells half of a position and cancels the orders that would close it, as somebody outside of the API would. */
  halvePosition(account: string, symbol: string, now: number): void {
    const position = this.records.book(account).positions.get(symbol);
    if (position === undefined) return;
    this.cancelClosing(account, symbol, now);
    const kept = halfOf(position);
    const sold = position.quantity.minus(kept);
    const book = this.records.book(account);
    const cash = book.cash.plus(notional(position, sold, position.averagePrice));
    this.processor.setBook(account, withPosition({ ...book, cash }, { ...position, quantity: kept }), now);
  }

  /** Orders cannot close shares that are gone. */
  private cancelClosing(account: string, symbol: string, now: number): void {
    this.cancelFromOutside(account, ({ state }) => state.symbol === symbol && closes(state.side), now);
  }

  /** Takes back an order's last fill; false when the account no longer holds the shares. */
  bust(order: ExchangeOrder, now: number): boolean {
    const fill = executionsOf(order).at(-1);
    const { state } = order;
    if (fill === undefined) return false;
    const [quantity, price] = [decimal(fill.quantity), decimal(fill.price)];
    if (!closes(state.side)) this.cancelClosing(order.account, state.symbol, now);
    const book = this.records.book(order.account);
    const received = quantity.minus(this.processor.rules(order.broker).feeInKind(state, quantity));
    const signed = isBuying(state.side) ? received.negated() : received;
    const before = book.positions.get(state.symbol);
    const held = positionQuantity(book, state.symbol);
    if (!closes(state.side) && held.absolute().lessThan(received)) return false;
    const value = notional(state, quantity, price);
    const cash = book.cash.plus(isBuying(state.side) ? value : value.negated()).plus(decimal(fill.fee));
    const position: BookPosition = {
      ...{ symbol: state.symbol, assetClass: state.assetClass, averagePrice: before?.averagePrice ?? price },
      quantity: held.plus(signed),
    };
    const filled = state.filled.minus(quantity);
    const after = { ...state, filled, status: state.status === 'filled' ? ('cancelled' as const) : state.status };
    const next = withOrder(withPosition({ ...book, cash }, position), after);
    const event = { at: now, kind: 'bust' as const, quantity, price, executionId: fill.executionId };
    this.processor.amend(order, { ...after, reason: 'bust' }, next, event);
    return true;
  }
}

function closes(side: OrderSide): boolean {
  return side === 'sell' || side === 'buy_to_cover';
}

function halfOf({ quantity, assetClass }: BookPosition): Decimal {
  const half = quantity.absolute().dividedBy(TWO).roundedToTick(quantityStep(assetClass), 'down');
  return quantity.isNegative() ? half.negated() : half;
}
