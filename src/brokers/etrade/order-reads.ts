import type { Listing } from '../../broker-port/listing.js';
import { tradingDay } from '../../domain/calendar.js';
import { type BrokerOrder, isFinal, type OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { listing, OtherKind } from '../../wire/listing.js';
import { onlyOne, passingOver } from '../../wire/orders.js';
import { ErrorAnswer } from './answers.js';
import { brokerOrder, type ReadOrder, readOrder, shownOf } from './broker-order.js';
import type { EtradeCalls } from './calls.js';
import { hasTerms, type OrderTerms, termsOf } from './order-terms.js';
import { isOfTheRequest } from './refusals.js';
import { orderList, shownOrder } from './schemas.js';
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
      if (!answer) return undefined;
      const row = answer.OrdersResponse.Order.find((candidate) => shownOrder.parse(candidate).orderId === orderId);
      if (row === undefined) throw new UnexpectedAnswer(`E*TRADE answers something else than order ${orderId}`);
      return this.asOurs(readOrder(row));
    } catch (error) {
      if (error instanceof ErrorAnswer && isOfTheRequest(error)) return undefined;
      throw error;
    }
  }

  /**
   * By its terms: E*TRADE never shows the client order id. An order that could be it and cannot be read is an error: it must
   * not be called absent.
   */
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
    const possible = listed.filter((row) => !isSurelyAnother(row, terms, since, taken));
    const read = possible.flatMap((row) => ofOurKinds(row) ?? []);
    const fitting = read.filter((order) => order.placedAt >= since && hasTerms(order, terms));
    const found = onlyOne(fitting, ({ orderId }) => orderId, request);
    return found && { ...this.asOurs(found), clientOrderId: request.clientOrderId };
  }

  async open(account: string): Promise<Listing<BrokerOrder>> {
    const listed: unknown[] = [];
    for (const status of OPEN_STATUSES) listed.push(...(await this.all(account, { status })));
    const read = (row: unknown) => {
      const order = this.asOurs(readOrder(row));
      return isFinal(order.status) ? undefined : order;
    };
    return listing('order', eachOnce(listed), read, shownOf);
  }

  /** The latest orders, in any state: one call. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const listed = (await this.page(account, {}))?.Order ?? [];
    return passingOver(listed, (row) => this.asOurs(readOrder(row)));
  }

  private asOurs(order: ReadOrder): BrokerOrder {
    return brokerOrder(order, this.now());
  }

  /** Newest first. */
  private async all(account: string, query: Record<string, string>): Promise<unknown[]> {
    const found: unknown[] = [];
    const markers = new Set<string>();
    let marker = '';
    do {
      const page = await this.page(account, { ...query, ...(marker !== '' && { marker }) });
      found.push(...(page?.Order ?? []));
      marker = page?.marker ?? '';
      if (markers.has(marker)) throw new UnexpectedAnswer('E*TRADE repeats a page');
      markers.add(marker);
    } while (marker !== '');
    return eachOnce(found);
  }

  private async page(account: string, query: Record<string, string>) {
    const search = new URLSearchParams({ count: PER_PAGE, ...query });
    return (await this.calls.readAccount(account, `/orders.json?${search}`, orderList))?.OrdersResponse;
  }
}

/** Pages shift while they are read, and states change between lists, so that one order may come more than once. */
function eachOnce(rows: readonly unknown[]): unknown[] {
  const known = new Map<string, unknown>();
  for (const row of rows) {
    const id = shownOrder.parse(row).orderId ?? JSON.stringify(row);
    if (!known.has(id)) known.set(id, row);
  }
  return [...known.values()];
}

/** Whether a row cannot be the order that is looked for, by what it shows before it is read. */
function isSurelyAnother(row: unknown, terms: OrderTerms, since: number, taken: ReadonlySet<string>): boolean {
  const { orderId = '', orderType = terms.orderType, OrderDetail } = shownOrder.parse(row);
  const placedAt = OrderDetail[0]?.placedTime ?? since;
  const { symbol = terms.symbol } = shownOf(row);
  return taken.has(orderId) || orderType !== terms.orderType || placedAt < since || symbol !== terms.symbol;
}

/** Undefined for an order of a kind that we never send. @throws UnexpectedAnswer */
function ofOurKinds(row: unknown): ReadOrder | undefined {
  try {
    return readOrder(row);
  } catch (error) {
    if (error instanceof OtherKind) return undefined;
    throw error;
  }
}

/** New York's day, `MMDDYYYY`. */
function dayText(at: number): string {
  const [year = '', month = '', day = ''] = tradingDay('equity', at).split('-');
  return month + day + year;
}
