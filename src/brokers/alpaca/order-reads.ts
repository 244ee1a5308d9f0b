/** Reads of orders, each with its fills. Source: reference of `/v2/orders`. */
import { z } from 'zod';
import { AmbiguousOrder } from '../../broker-port/broker.js';
import type { Listing } from '../../broker-port/listing.js';
import type { BrokerOrder, OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { listing } from '../../wire/listing.js';
import { isOurs } from '../../wire/orders.js';
import { brokerOrder, isOrderOf, orderOfRow, shownOfOrder } from './broker-order.js';
import type { AlpacaCalls } from './calls.js';
import { Fills } from './fills.js';
import { type AlpacaOrder, type ListedOrder, listedOrder } from './schemas.js';

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

  async open(account: string): Promise<Listing<BrokerOrder>> {
    return this.read(account, await this.listed(account));
  }

  /** Open orders of ours; one that cannot be read, or whose fills are not all listed, is left out: its own read raises. */
  async recent(account: string): Promise<BrokerOrder[]> {
    const listed = await this.listed(account);
    const { rows } = await this.read(
      account,
      listed.filter(({ client_order_id: id }) => isOurs(id)),
    );
    return rows;
  }

  private async read(account: string, listed: readonly ListedOrder[]): Promise<Listing<BrokerOrder>> {
    const understood = listing('order', listed, orderOfRow, shownOfOrder);
    const fills = await this.fills.of(account, understood.rows);
    const whole = listing(
      'order',
      understood.rows,
      (order) => brokerOrder(order, fills.get(order.id) ?? missingFills(order)),
      shownOfOrder,
    );
    return { rows: whole.rows, passedOver: [...understood.passedOver, ...whole.passedOver] };
  }

  private async withFills(account: string, order: AlpacaOrder): Promise<BrokerOrder> {
    const fills = await this.fills.of(account, [order]);
    return brokerOrder(order, fills.get(order.id) ?? missingFills(order));
  }

  /** Every open order, the oldest first. */
  private async listed(account: string): Promise<ListedOrder[]> {
    const found = new Map<string, ListedOrder>();
    const nameless: ListedOrder[] = [];
    let page: ListedOrder[];
    do {
      page = await this.page(account, latestOf([...found.values()]));
      const before = found.size;
      for (const order of page) {
        if (order.id === undefined) nameless.push(order);
        else found.set(order.id, order);
      }
      if (page.length === PAGE_SIZE && found.size === before) {
        throw new UnexpectedAnswer('more open orders of one instant than Alpaca lists');
      }
    } while (page.length === PAGE_SIZE);
    return [...found.values(), ...nameless];
  }

  /** A page begins just before the last order of the page before it, so that none of the same instant is left out. */
  private page(account: string, last: number | undefined): Promise<ListedOrder[]> {
    const parameters = {
      ...{ status: 'open', limit: String(PAGE_SIZE), direction: 'asc' },
      ...(last !== undefined && { after: new Date(last - 1).toISOString() }),
    };
    return this.calls.get(account, { path: '/v2/orders', parameters }, z.array(listedOrder));
  }
}

/** When the last of them was submitted; some were not yet. */
function latestOf(orders: readonly ListedOrder[]): number | undefined {
  const times = orders.map(({ submitted_at: at = '' }) => Date.parse(at)).filter((at) => !Number.isNaN(at));
  return times.reduce<number | undefined>(
    (latest, at) => (latest === undefined || at > latest ? at : latest),
    undefined,
  );
}

function missingFills({ id }: AlpacaOrder): never {
  throw new UnexpectedAnswer(`Alpaca does not list all fills of order ${id} yet`);
}
