/** Schwab's orders as they are read: one by its id, or those entered within a time. */
import { z } from 'zod';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { type BrokerOrder, isFinal, type OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { onlyOne, passingOver } from '../../wire/orders.js';
import { contentOf } from './answers.js';
import { asSingleOrder, brokerOrder, withChildren } from './broker-order.js';
import type { SchwabCalls } from './calls.js';
import { orderBody } from './order-body.js';
import { CLOCK_TOLERANCE_MS, fits } from './order-terms.js';
import { type ListedOrder, listedOrder, type SingleOrder } from './schemas.js';

interface Span {
  /** epoch milliseconds */
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;
/** A good-till-cancelled order ends after about six months. */
const LONGEST_LIFE_MS = 200 * DAY_MS;
/** Orders entered within this time are looked at together; older ones one by one. */
const LATELY_MS = 30 * DAY_MS;
/** So many are asked for at once (Schwab's own limit is 3,000); a list of that length may have been cut. */
const MOST_LISTED = 1_000;
/** Orders are entered to the second. */
const SHORTEST_SPAN_MS = 1_000;

export class SchwabOrderReads {
  constructor(
    private readonly calls: SchwabCalls,
    private readonly now: () => number,
  ) {}

  /**
   * Undefined when Schwab does not know the order. Whether it says so with 404 or 400 is not documented, and both are also
   * answered for an account that is not linked any more: the list decides.
   */
  async one(account: string, orderId: string, priority: CallPriority = 'poll'): Promise<SingleOrder | undefined> {
    const path = `/orders/${encodeURIComponent(orderId)}`;
    const { answer } = await this.calls.ofAccount(account, { method: 'GET', path, priority });
    if (answer.status !== 404 && answer.status !== 400) return ownOrder(contentOf(answer, listedOrder));
    const listed = await this.listed(account, this.lately(LONGEST_LIFE_MS), priority);
    const order = listed.find((candidate) => candidate.orderId === orderId);
    return order && ownOrder(order);
  }

  /** By its terms: Schwab keeps no id of ours. Undefined for an order that Schwab does not offer. */
  async find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    const body = orderBody(request);
    if ('refusal' in body) return undefined;
    const [{ instrument }] = body.orderLegCollection;
    const to = Math.max(this.now(), sentAt) + CLOCK_TOLERANCE_MS;
    const listed = await this.listed(account, { from: sentAt - CLOCK_TOLERANCE_MS, to });
    const sameSymbol = listed.filter(({ orderLegCollection: [leg] }) => leg?.instrument?.symbol === instrument.symbol);
    const fitting = relatedIn(sameSymbol).filter((order) => !taken.has(order.orderId) && fits(order, body, sentAt));
    const found = onlyOne(fitting, ({ orderId }) => orderId, request);
    return found && brokerOrder(found);
  }

  async open(account: string): Promise<BrokerOrder[]> {
    const listed = await this.listed(account, this.lately(LONGEST_LIFE_MS));
    return relatedIn(listed)
      .map(brokerOrder)
      .filter(({ status }) => !isFinal(status));
  }

  /** Those entered of late, in any state. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const listed = await this.listed(account, this.lately(LATELY_MS));
    return passingOver(listed, (row) => {
      const order = asSingleOrder(row);
      return order && brokerOrder(order);
    });
  }

  /** All orders entered within the span, those that wait for others too, in any state. */
  private async listed(account: string, span: Span, priority: CallPriority = 'poll'): Promise<ListedOrder[]> {
    const { from, to } = span;
    const query = new URLSearchParams({ fromEnteredTime: isoTime(from), toEnteredTime: isoTime(to) });
    query.set('maxResults', String(MOST_LISTED));
    const path = `/orders?${query}`;
    const { answer } = await this.calls.ofAccount(account, { method: 'GET', path, priority });
    const orders = contentOf(answer, z.array(listedOrder));
    return orders.length < MOST_LISTED ? orders.flatMap(withChildren) : this.inHalves(account, span, priority);
  }

  private lately(ms: number): Span {
    const now = this.now();
    return { from: now - ms, to: now + CLOCK_TOLERANCE_MS };
  }

  /** What was entered in between may be in both halves. */
  private async inHalves(account: string, { from, to }: Span, priority: CallPriority): Promise<ListedOrder[]> {
    if (to - from <= SHORTEST_SPAN_MS) throw new UnexpectedAnswer(`over ${MOST_LISTED} orders in one second`);
    const middle = Math.floor((from + to) / 2);
    const halves = [
      await this.listed(account, { from, to: middle }, priority),
      await this.listed(account, { from: middle, to }, priority),
    ];
    const all = halves.flat();
    return all.filter(({ orderId }, index) => all.findIndex((other) => other.orderId === orderId) === index);
  }
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function relatedIn(listed: readonly ListedOrder[]): SingleOrder[] {
  return listed.map(asSingleOrder).filter((order) => order !== undefined);
}

function ownOrder(order: ListedOrder): SingleOrder {
  const single = asSingleOrder(order);
  if (single === undefined) throw new UnexpectedAnswer(`order ${order.orderId} is of a kind that Arbion never sends`);
  return single;
}
