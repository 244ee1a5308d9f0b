/** Schwab's orders as they are read: one by its id, or those entered within a time. */
import { z } from 'zod';
import type { Listing } from '../../broker-port/listing.js';
import type { CallPriority } from '../../broker-port/request-budget.js';
import type { BrokerOrder, OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { listing, OtherKind } from '../../wire/listing.js';
import { onlyOne, passingOver } from '../../wire/orders.js';
import { contentOf } from './answers.js';
import {
  asSingleOrder,
  brokerOrder,
  isEnded,
  type ListedOrder,
  listedOrder,
  shownOf,
  withChildren,
} from './broker-order.js';
import type { SchwabCalls } from './calls.js';
import { orderBody } from './order-body.js';
import { CLOCK_TOLERANCE_MS, fits, isSameSymbol } from './order-terms.js';
import type { SingleOrder } from './schemas.js';

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
    if (answer.status !== 404 && answer.status !== 400) {
      return asSingleOrder(listedOrder(contentOf(answer, z.unknown())));
    }
    const listed = await this.listed(account, this.lately(LONGEST_LIFE_MS), priority);
    const order = listed.find(({ shown }) => shown.orderId === orderId);
    return order && asSingleOrder(order);
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
    const free = listed.filter(({ shown }) => shown.orderId === undefined || !taken.has(shown.orderId));
    const related = free.filter((order) => mayBeIn(instrument.symbol, order)).flatMap(ofOurKind);
    const fitting = related.filter((order) => fits(order, body, sentAt));
    const found = onlyOne(fitting, ({ orderId }) => orderId, request);
    return found && brokerOrder(found);
  }

  /** Those that may still fill. */
  async open(account: string): Promise<Listing<BrokerOrder>> {
    const listed = await this.listed(account, this.lately(LONGEST_LIFE_MS));
    const alive = listed.filter((order) => !isEnded(order));
    return listing('order', alive, readOrder, shownOf);
  }

  /** Those entered of late, in any state, as far as they can be read. */
  async recent(account: string): Promise<BrokerOrder[]> {
    return passingOver(await this.listed(account, this.lately(LATELY_MS)), readOrder);
  }

  /** All orders entered within the span, those that wait for others too, in any state. */
  private async listed(account: string, span: Span, priority: CallPriority = 'poll'): Promise<ListedOrder[]> {
    const { from, to } = span;
    const query = new URLSearchParams({ fromEnteredTime: isoTime(from), toEnteredTime: isoTime(to) });
    query.set('maxResults', String(MOST_LISTED));
    const path = `/orders?${query}`;
    const { answer } = await this.calls.ofAccount(account, { method: 'GET', path, priority });
    const orders = contentOf(answer, z.array(z.unknown()));
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
    return all.filter(({ shown: { orderId } }, index) => {
      return orderId === undefined || all.findIndex(({ shown }) => shown.orderId === orderId) === index;
    });
  }
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function readOrder(order: ListedOrder): BrokerOrder {
  return brokerOrder(asSingleOrder(order));
}

/** Whether it may be an order in the symbol. One that shows none may be in any: ETFs were seen without theirs. */
function mayBeIn(symbol: string, { shown }: ListedOrder): boolean {
  const text = shown.orderLegCollection[0]?.instrument.symbol;
  return text === undefined || isSameSymbol(text, symbol);
}

/** The order, or none where it surely is of another kind. @throws UnexpectedAnswer where it could be one of ours */
function ofOurKind(order: ListedOrder): SingleOrder[] {
  try {
    return [asSingleOrder(order)];
  } catch (error) {
    if (error instanceof OtherKind) return [];
    throw error;
  }
}
