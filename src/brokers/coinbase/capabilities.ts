import type { BrokerCapabilities } from '../../broker-port/broker.js';
import type { OrderType } from '../../domain/order.js';

/** There is no stop without a limit, and no trail. */
const CRYPTO: readonly OrderType[] = ['market', 'limit', 'stop_limit'];

export const coinbaseCapabilities: BrokerCapabilities = {
  orderTypes: { equity: [], option: [], crypto: CRYPTO },
  timesInForce: { equity: [], option: [], crypto: ['day', 'gtc'] },
  // A sale only needs coins that are available, and those of a partly filled purchase are.
  stopBesideEntry: true,
  refusesRepeats: true,
  findsById: true,
  settleWindowMs: 15_000,
};
