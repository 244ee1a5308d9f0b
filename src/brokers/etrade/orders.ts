import { tradingDay } from '../../domain/calendar.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { ErrorAnswer, type EtradeClient } from './etrade-client.js';
import { isOfTheRequest } from './refusals.js';
import { type ListedOrder, orderList } from './schemas.js';

const PER_PAGE = '100';
const DAY_MS = 86_400_000;
/** Orders may be open under any of these. */
const OPEN_STATUSES = ['OPEN', 'INDIVIDUAL_FILLS', 'CANCEL_REQUESTED'];

/** Lists of an account's orders, newest first, as E*TRADE shows them. */
export class EtradeOrders {
  constructor(private readonly client: EtradeClient) {}

  /** The latest orders, in any state: one call. */
  async recent(account: string): Promise<ListedOrder[]> {
    return (await this.page(account, {}))?.Order ?? [];
  }

  /** Every order of a symbol that was entered on the days from one instant to another (epoch milliseconds). */
  between(account: string, from: number, to: number, symbol: string): Promise<ListedOrder[]> {
    return this.all(account, { fromDate: dayText(from), toDate: dayText(to + DAY_MS), symbol });
  }

  async open(account: string): Promise<ListedOrder[]> {
    const found = new Map<string, ListedOrder>();
    for (const status of OPEN_STATUSES) {
      for (const order of await this.all(account, { status })) {
        if (!found.has(order.orderId)) found.set(order.orderId, order);
      }
    }
    return [...found.values()];
  }

  /** Undefined when there is none: a read of one order can only be wrong about its id. */
  async one(account: string, orderId: string): Promise<ListedOrder | undefined> {
    try {
      const answer = await this.client.readAccount(account, `/orders/${encodeURIComponent(orderId)}.json`, orderList);
      return answer?.OrdersResponse.Order.find((order) => order.orderId === orderId);
    } catch (error) {
      if (error instanceof ErrorAnswer && isOfTheRequest(error)) return undefined;
      throw error;
    }
  }

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
    return (await this.client.readAccount(account, `/orders.json?${search}`, orderList))?.OrdersResponse;
  }
}

/** New York's day, `MMDDYYYY`. */
function dayText(at: number): string {
  const [year = '', month = '', day = ''] = tradingDay('equity', at).split('-');
  return month + day + year;
}
