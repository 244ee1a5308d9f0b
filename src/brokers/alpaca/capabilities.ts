import type { BrokerCapabilities } from '../../broker-port/broker.js';

export const alpacaCapabilities: BrokerCapabilities = {
  orderTypes: {
    equity: ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'],
    option: ['market', 'limit', 'stop', 'stop_limit'],
    crypto: ['market', 'limit', 'stop_limit'],
  },
  // A fill between our read and the exchange goes unseen there: cancelled and placed anew, nothing is sold twice.
  replaceable: { equity: [], option: [], crypto: [] },
  trailsFromStart: false,
  // an opposite order beside the entry is refused as a potential wash trade
  stopBesideEntry: false,
  refusesRepeats: true,
  findsById: true,
  settleWindowMs: 15_000,
};
