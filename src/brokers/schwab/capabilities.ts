import type { BrokerCapabilities } from '../../broker-port/broker.js';
import type { OrderType } from '../../domain/order.js';

const EVERY_TYPE: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'];

/** There is no client order id: an order is found by its terms alone, and the same body sent twice makes two orders. */
export const schwabCapabilities: BrokerCapabilities = {
  orderTypes: { equity: EVERY_TYPE, option: EVERY_TYPE, crypto: [] },
  timesInForce: { equity: ['day', 'gtc'], option: ['day', 'gtc'], crypto: [] },
  // A resting stop reserves only what it would sell of what is held; a working purchase is no hindrance.
  stopBesideEntry: true,
  refusesRepeats: false,
  findsById: false,
  settleWindowMs: 75_000,
  // about six months; the order shows it as `cancelTime`
  gtcLifeDays: 180,
};
