/** What the broker's own ledger says of a trade: the only witness a scenario believes. */
import { Decimal, type DecimalString, decimal } from '../../src/domain/decimal.js';
import { type Leg, legOfClientOrder, type TradeId, tradeIdOfClientOrder } from '../../src/domain/ids.js';

/** The form of the simulator's `/control/ledger`, as far as it is used here. */
export interface RecordedOrder {
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
