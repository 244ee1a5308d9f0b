import type { BrokerCapabilities } from '../../broker-port/broker.js';
import type { OrderRequest, OrderType } from '../../domain/order.js';

const OPTION_TYPES: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit'];

export const etradeCapabilities: BrokerCapabilities = {
  orderTypes: { equity: [...OPTION_TYPES, 'trailing_stop'], option: OPTION_TYPES, crypto: [] },
  // A fill between our read and the exchange goes unseen there: cancelled and placed anew, nothing is sold twice.
  replaceable: { equity: [], option: [], crypto: [] },
  trailsFromStart: false,
  stopBesideEntry: true,
  // a preview id is used once
  refusesRepeats: true,
  // the client order id is taken, and never shown again
  findsById: false,
  settleWindowMs: 75_000,
};

/** Why E*TRADE cannot have the order at all, or undefined. */
export function notOffered(request: OrderRequest): string | undefined {
  const { type, assetClass, session, quantity, stopPrice } = request;
  if (!etradeCapabilities.orderTypes[assetClass].includes(type)) return `no ${type} orders for ${assetClass}`;
  if (session === 'extended' && (type !== 'limit' || assetClass !== 'equity')) {
    return 'only limit orders for shares trade in extended hours';
  }
  if (type === 'trailing_stop' && stopPrice !== undefined) return 'a trail starts at its distance from the market';
  return /^\d+$/.test(quantity) ? undefined : 'only whole shares and contracts';
}
