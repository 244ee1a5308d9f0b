import type { BrokerCapabilities } from '../../broker-port/broker.js';
import type { OrderType } from '../../domain/order.js';

const EVERY_TYPE: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'];

export const paperCapabilities: BrokerCapabilities = {
  orderTypes: { equity: EVERY_TYPE, option: EVERY_TYPE, crypto: EVERY_TYPE },
  timesInForce: { equity: ['day', 'gtc'], option: ['day', 'gtc'], crypto: ['day', 'gtc'] },
  stopBesideEntry: true,
  refusesRepeats: true,
  findsById: true,
  settleWindowMs: 15_000,
};
