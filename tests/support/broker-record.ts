/** What the broker's own ledger says about a trade: the only evidence that a scenario relies on. */
import { Decimal, type DecimalString, decimal } from '../../src/domain/decimal.js';
import { type Leg, legOfClientOrder, type TradeId, tradeIdOfClientOrder } from '../../src/domain/ids.js';
import type { TestDatabase } from './database.js';

/** The form of the simulator's `/control/ledger`, as far as it is used here. */
export interface RecordedOrder {
  /** Arbion's id of the account; the paper broker's orders have none */
  account?: string;
  /** unique within the account */
  orderId: string;
  clientOrderId: string;
  symbol: string;
  side: string;
  type: string;
  quantity: string;
  limitPrice?: string;
  stopPrice?: string;
  timeInForce: string;
  status: string;
  filledQuantity: string;
  events: { at: string; kind: string; quantity?: string; price?: string; executionId?: string }[];
}

export interface BrokerLedger {
  orders: RecordedOrder[];
  positions: { symbol: string; quantity: string; averagePrice: string }[];
}

export interface RecordedFill {
  executionId: string;
  quantity: string;
  price: string;
}

/** Where the broker knows no ids of ours: its orders under those that the database keeps beside the broker's. */
export async function withOurIds(prisma: TestDatabase['prisma'], ledger: BrokerLedger): Promise<BrokerLedger> {
  const known = await prisma.order.findMany({ where: { brokerOrderId: { not: null } } });
  const ours = new Map(known.map((order) => [`${order.account} ${order.brokerOrderId}`, order.clientOrderId]));
  const orders = ledger.orders.map((order) => {
    return { ...order, clientOrderId: ours.get(`${order.account} ${order.orderId}`) ?? '' };
  });
  return { ...ledger, orders };
}

/** The orders of one trade, as the broker recorded them. */
export class BrokerRecord {
  readonly orders: RecordedOrder[];

  constructor(ledger: BrokerLedger, trade: { id: TradeId }) {
    this.orders = ledger.orders.filter(({ clientOrderId }) => tradeIdOfClientOrder(clientOrderId) === trade.id);
  }

  of(leg: Leg): RecordedOrder[] {
    return this.orders.filter(({ clientOrderId }) => legOfClientOrder(clientOrderId) === leg);
  }

  /** The only order of a leg. @throws when there are none or several. */
  only(leg: Leg): RecordedOrder {
    const [order, ...others] = this.of(leg);
    if (!order || others.length > 0) throw new Error(`${others.length + (order ? 1 : 0)} ${leg} orders at the broker`);
    return order;
  }

  working(leg?: Leg): RecordedOrder[] {
    const orders = leg === undefined ? this.orders : this.of(leg);
    return orders.filter(({ status }) => ['submitted', 'working', 'partially_filled'].includes(status));
  }

  fills(...legs: Leg[]): RecordedFill[] {
    const orders = legs.length === 0 ? this.orders : legs.flatMap((leg) => this.of(leg));
    return orders.flatMap(({ events }) =>
      events.flatMap(({ kind, executionId = '', quantity = '', price = '' }) =>
        kind === 'fill' ? [{ executionId, quantity, price }] : [],
      ),
    );
  }

  /** Quantity that went in and out again. */
  get entered(): DecimalString {
    return sum(this.fills('entry'));
  }

  get exited(): DecimalString {
    return sum(this.fills('stop', 'exit'));
  }
}

/** Signed; `0` when flat. */
export function heldOf(ledger: BrokerLedger, symbol = 'AAPL'): string {
  return ledger.positions.find((position) => position.symbol === symbol)?.quantity ?? '0';
}

function sum(fills: RecordedFill[]): DecimalString {
  return Decimal.sum(fills.map(({ quantity }) => decimal(quantity))).toString();
}
