/** Reads of orders, each with its fills. Source: reference of `/v2/orders`. */
import { z } from 'zod';
import { AmbiguousOrder } from '../../broker-port/broker.js';
import type { BrokerOrder, OrderRequest } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { isOurs } from '../../wire/orders.js';
import { brokerOrder, isOrderOf } from './broker-order.js';
import type { AlpacaCalls } from './calls.js';
import { Fills } from './fills.js';
import { type AlpacaOrder, alpacaOrder, listedOrder } from './schemas.js';

type ListedOrder = z.infer<typeof listedOrder>;

const PAGE_SIZE = 500;

/** Everything @throws NotPlaced, AnswerLost, UnexpectedAnswer. */
export class AlpacaOrderReads {
  private readonly fills: Fills;

  constructor(private readonly calls: AlpacaCalls) {
    this.fills = new Fills(calls);
  }

  async one(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    const order = await this.calls.getOrder(account, { path: `/v2/orders/${encodeURIComponent(orderId)}` });
    return order && this.withFills(account, order);
  }

  /** By client order id, which an account can use only once: also when the order has long been final. */
  async find(account: string, request: OrderRequest): Promise<BrokerOrder | undefined> {
    const parameters = { client_order_id: request.clientOrderId };
    const order = await this.calls.getOrder(account, { path: '/v2/orders:by_client_order_id', parameters });
    if (!order) return undefined;
    if (isOrderOf(order, request)) return this.withFills(account, order);
    throw new AmbiguousOrder(`${request.clientOrderId} is the id of another order, of ${order.symbol}`);
  }

  async open(account: string): Promise<BrokerOrder[]> {
    const orders = (await this.listed(account)).map(understood);
    const fills = await this.fills.of(account, orders);
    return orders.map((order) => brokerOrder(order, fills.get(order.id) ?? missingFills(order)));
  }

  /** Open orders of ours; one whose fills are not all listed is left out: its own read raises. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const listed = await this.listed(account);
    const orders = listed.filter(({ client_order_id: id }) => isOurs(id)).map(understood);
    const fills = await this.fills.of(account, orders);
    return orders.flatMap((order) => {
      const executions = fills.get(order.id);
      return executions ? [brokerOrder(order, executions)] : [];
    });
  }

  private async withFills(account: string, order: AlpacaOrder): Promise<BrokerOrder> {
    const fills = await this.fills.of(account, [order]);
    return brokerOrder(order, fills.get(order.id) ?? missingFills(order));
  }

  /** Every open order, the oldest first. */
  private async listed(account: string): Promise<ListedOrder[]> {
    const found = new Map<string, ListedOrder>();
    let page: ListedOrder[];
    do {
      page = await this.page(account, [...found.values()].at(-1));
      const before = found.size;
      for (const order of page) found.set(order.id, order);
      if (page.length === PAGE_SIZE && found.size === before) {
        throw new UnexpectedAnswer('more open orders of one instant than Alpaca lists');
      }
    } while (page.length === PAGE_SIZE);
    return [...found.values()];
  }

  /** A page begins just before the last order of the page before it, so that none of the same instant is left out. */
  private page(account: string, last: ListedOrder | undefined): Promise<ListedOrder[]> {
    const after = last && new Date(Date.parse(last.submitted_at) - 1).toISOString();
    const parameters = {
      ...{ status: 'open', limit: String(PAGE_SIZE), direction: 'asc' },
      ...(after !== undefined && { after }),
    };
    return this.calls.get(account, { path: '/v2/orders', parameters }, z.array(listedOrder));
  }
}

function understood(order: ListedOrder): AlpacaOrder {
  return checked(alpacaOrder, order, `Alpaca's order ${order.id}`);
}

function missingFills({ id }: AlpacaOrder): never {
  throw new UnexpectedAnswer(`Alpaca does not list all fills of order ${id} yet`);
}
