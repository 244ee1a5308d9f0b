import { tradingDay } from '../../domain/calendar.js';
import { type BrokerOrder, isFinal, type OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { onlyOne, passingOver } from '../../wire/orders.js';
import { ErrorAnswer } from './answers.js';
import { brokerOrder, type ReadOrder, readOrder, readOwnOrder } from './broker-order.js';
import type { EtradeCalls } from './calls.js';
import { hasTerms, termsOf } from './order-terms.js';
import { isOfTheRequest } from './refusals.js';
import { type ListedOrder, orderList } from './schemas.js';
import { listedUnder } from './symbols.js';

const PER_PAGE = '100';
const DAY_MS = 86_400_000;
/** An order that was sent may carry a time that is so much before our clock's. */
const CLOCKS_APART_MS = 2 * 60_000;
/** Orders may be open under any of these. */
const OPEN_STATUSES = ['OPEN', 'INDIVIDUAL_FILLS', 'CANCEL_REQUESTED'];

/** Everything @throws NotPlaced, AnswerLost, UnexpectedAnswer. */
export class EtradeOrderReads {
  constructor(
    private readonly calls: EtradeCalls,
    private readonly now: () => number,
  ) {}

  /** Undefined when there is none: a read of one order can only be wrong about its id. */
  async one(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    try {
      const path = `/orders/${encodeURIComponent(orderId)}.json`;
      const answer = await this.calls.readAccount(account, path, orderList);
      const listed = answer?.OrdersResponse.Order.find((order) => order.orderId === orderId);
      return listed && this.asOurs(readOwnOrder(listed));
    } catch (error) {
      if (error instanceof ErrorAnswer && isOfTheRequest(error)) return undefined;
      throw error;
    }
  }

  /** By its terms: E*TRADE never shows the client order id. */
  async find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    const since = sentAt - CLOCKS_APART_MS;
    const terms = termsOf(request);
    const days = { fromDate: dayText(since), toDate: dayText(this.now() + DAY_MS) };
    const listed = await this.all(account, { ...days, symbol: listedUnder(request.symbol) });
    const fitting = relatedIn(listed).filter(
      (order) => order.placedAt >= since && !taken.has(order.orderId) && hasTerms(order, terms),
    );
    const found = onlyOne(fitting, ({ orderId }) => orderId, request);
    return found && { ...this.asOurs(found), clientOrderId: request.clientOrderId };
  }

  async open(account: string): Promise<BrokerOrder[]> {
    const found = new Map<string, ListedOrder>();
    for (const status of OPEN_STATUSES) {
      for (const order of await this.all(account, { status })) {
        if (!found.has(order.orderId)) found.set(order.orderId, order);
      }
    }
    const orders = relatedIn([...found.values()]).map((order) => this.asOurs(order));
    return orders.filter(({ status }) => !isFinal(status));
  }

  /** The latest orders, in any state: one call. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const listed = (await this.page(account, {}))?.Order ?? [];
    return passingOver(listed, (row) => {
      const order = readOrder(row);
      return order && this.asOurs(order);
    });
  }

  private asOurs(order: ReadOrder): BrokerOrder {
    return brokerOrder(order, this.now());
  }

  /** Newest first. */
  private async all(account: string, query: Record<string, string>): Promise<ListedOrder[]> {
    const found: ListedOrder[] = [];
    let marker: string | undefined;
    do {
      const page = await this.page(account, { ...query, ...(marker !== undefined && { marker }) });
      if (page?.marker !== undefined && page.marker === marker) throw new UnexpectedAnswer('E*TRADE repeats a page');
      found.push(...(page?.Order ?? []));
      marker = page?.marker;
    } while (marker !== undefined);
    return found;
  }

  private async page(account: string, query: Record<string, string>) {
    const search = new URLSearchParams({ count: PER_PAGE, ...query });
    return (await this.calls.readAccount(account, `/orders.json?${search}`, orderList))?.OrdersResponse;
  }
}

function relatedIn(listed: readonly ListedOrder[]): ReadOrder[] {
  return listed.map(readOrder).filter((order) => order !== undefined);
}

/** New York's day, `MMDDYYYY`. */
function dayText(at: number): string {
  const [year = '', month = '', day = ''] = tradingDay('equity', at).split('-');
  return month + day + year;
}
