/** Applies the end or a fill of an order to the orders that are linked to it. */
import { remaining, withOrder } from '../../matching/book.js';
import type { OrderProcessor } from './order-processor.js';
import { type ExchangeOrder, isInBook, isOver, type OrderEvent } from './orders.js';
import type { Records } from './records.js';

export class Links {
  /** Children whose parent has been filled and that are about to enter the book. */
  private readonly released: ExchangeOrder[] = [];

  constructor(
    private readonly records: Records,
    private readonly processor: OrderProcessor,
  ) {
    processor.onOrderEvent((order, event) => this.onEvent(order, event));
  }

  /** Takes the children that enter now. */
  takeReleased(): ExchangeOrder[] {
    return this.released.splice(0);
  }

  /** Releases the children of a parent that was filled on arrival, before they were known. */
  onPlaced(parent: ExchangeOrder): void {
    if (parent.hasChildren) this.toChildren(parent, parent.updatedAt);
  }

  private onEvent(order: ExchangeOrder, event: OrderEvent): void {
    if (order.group !== undefined) this.toTwins(order, event);
    if (order.hasChildren && (event.kind === 'fill' || isOver(order))) this.toChildren(order, event.at);
  }

  private toTwins(order: ExchangeOrder, { at, kind }: OrderEvent): void {
    const isEnd = kind === 'cancelled' || kind === 'expired' || kind === 'rejected';
    if (kind !== 'fill' && !isEnd) return;
    const others = this.records.ordersOf(order.account).filter((other) => other.group === order.group);
    for (const twin of others.filter((other) => other.orderId !== order.orderId && !isOver(other))) {
      if (isOver(order)) this.processor.cancel(twin, at, 'one_cancels_other');
      else if (isInBook(twin)) this.reduce(twin, order, at);
    }
  }

  /** After a partial fill, both legs are for the remaining quantity. */
  private reduce(twin: ExchangeOrder, order: ExchangeOrder, at: number): void {
    const quantity = twin.state.filled.plus(remaining(order.state));
    const state = { ...twin.state, quantity };
    this.processor.amend(twin, state, withOrder(this.records.book(twin.account), state), {
      at,
      kind: 'reduced',
      quantity,
    });
  }

  private toChildren(parent: ExchangeOrder, at: number): void {
    if (!isOver(parent) || parent.replacedBy !== undefined) return;
    const children = this.records
      .ordersOf(parent.account)
      .filter((child) => child.parent === parent.orderId && child.state.status === 'submitted');
    if (parent.state.status === 'filled') this.released.push(...children);
    else for (const child of children) this.processor.endOutside(child, 'cancelled', at, 'parent_ended');
  }
}
