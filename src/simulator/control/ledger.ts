/** The exchange's own record of what programs did (`GET /control/ledger`). */
import type { Decimal } from '../../domain/decimal.js';
import type { Exchange } from '../exchange/exchange.js';
import type { ExchangeOrder } from '../exchange/orders.js';

export interface LedgerFilter {
  broker?: string | undefined;
  account?: string | undefined;
}

/** Everything that matches the filter, oldest first. Times are ISO 8601, amounts decimal text. */
export function ledgerOf(exchange: Exchange, filter: LedgerFilter) {
  const isWanted = (entry: { broker: string; account: string | null }) =>
    (filter.broker === undefined || entry.broker === filter.broker) &&
    (filter.account === undefined || entry.account === filter.account);
  const accounts = exchange.accounts.all().filter(isWanted);
  return {
    orders: accounts.flatMap(({ account }) =>
      exchange.records.ordersOf(account).map((order) => orderEntry(exchange, order)),
    ),
    requests: exchange.records.requests
      .filter(isWanted)
      .map(({ type: _type, at, ...request }) => ({ at: iso(at), ...request })),
    refreshes: exchange.records.refreshes
      .filter(isWanted)
      .map(({ type: _type, at, ...refresh }) => ({ at: iso(at), ...refresh })),
    positions: accounts.flatMap(({ broker, account }) =>
      exchange.holdings(account).positions.map(({ symbol, quantity, averagePrice }) => ({
        ...{ broker, account, symbol, quantity: quantity.toString(), averagePrice: averagePrice.toString() },
      })),
    ),
  };
}

/** Absent where nothing is taken out of what was bought. */
function takenInKind(exchange: Exchange, { broker, state }: ExchangeOrder, quantity: Decimal): { feeInKind?: string } {
  const fee = exchange.rules(broker).feeInKind(state, quantity);
  return fee.isZero() ? {} : { feeInKind: fee.toString() };
}

function orderEntry(exchange: Exchange, order: ExchangeOrder) {
  const { broker, account, orderId, clientOrderId, state, events } = order;
  const { limitPrice, stopPrice } = state;
  return {
    ...{ broker, account, orderId, clientOrderId, symbol: state.symbol, side: state.side, type: state.type },
    quantity: state.quantity.toString(),
    ...(limitPrice && { limitPrice: limitPrice.toString() }),
    ...(stopPrice && { stopPrice: stopPrice.toString() }),
    ...{ timeInForce: state.timeInForce, status: state.status, filledQuantity: state.filled.toString() },
    events: events
      .filter(({ kind }) => kind !== 'annotated')
      .map(({ at, kind, quantity, price, executionId }) => ({
        ...{ at: iso(at), kind },
        ...(quantity && { quantity: quantity.toString() }),
        ...(price && { price: price.toString() }),
        ...(executionId !== undefined && { executionId }),
        ...(kind === 'fill' && quantity && takenInKind(exchange, order, quantity)),
      })),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
