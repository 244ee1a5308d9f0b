import type { BrokerCapabilities } from '../../broker-port/broker.js';
import type { OrderType } from '../../domain/order.js';

const OPTION_TYPES: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit'];

export const etradeCapabilities: BrokerCapabilities = {
  orderTypes: { equity: [...OPTION_TYPES, 'trailing_stop'], option: OPTION_TYPES, crypto: [] },
  timesInForce: { equity: ['day', 'gtc'], option: ['day', 'gtc'], crypto: [] },
  stopBesideEntry: true,
  // a preview id is used once
  refusesRepeats: true,
  // the client order id is taken, and never shown again
  findsById: false,
  settleWindowMs: 75_000,
  // 60 days in older documents, 180 in newer ones: the shorter is safe
  gtcLifeDays: 60,
};
