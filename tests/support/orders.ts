import { decimalString } from '../../src/domain/decimal.js';
import type { OrderRequest } from '../../src/domain/order.js';

type Texts = Partial<Record<'quantity' | 'limitPrice' | 'stopPrice' | 'trailPercent', string>>;

let orders = 0;

/** A market order to buy 10 AAPL for the day, unless said otherwise. Every order has a client order id of its own. */
export function orderRequest(changes: Omit<Partial<OrderRequest>, keyof Texts> & Texts = {}): OrderRequest {
  const { quantity = '10', limitPrice, stopPrice, trailPercent, ...rest } = changes;
  return {
    clientOrderId: `arb-test-${++orders}`,
    symbol: 'AAPL',
    assetClass: 'equity',
    side: 'buy',
    type: 'market',
    timeInForce: 'day',
    session: 'regular',
    ...rest,
    quantity: decimalString(quantity),
    ...(limitPrice !== undefined && { limitPrice: decimalString(limitPrice) }),
    ...(stopPrice !== undefined && { stopPrice: decimalString(stopPrice) }),
    ...(trailPercent !== undefined && { trailPercent: decimalString(trailPercent) }),
  };
}

/** A stop to sell what was bought, good till cancelled. */
export function stopRequest(stopPrice: string, changes: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  return orderRequest({ side: 'sell', type: 'stop', stopPrice, timeInForce: 'gtc', ...changes });
}
