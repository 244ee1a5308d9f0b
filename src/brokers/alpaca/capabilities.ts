import type { BrokerCapabilities } from '../../broker-port/broker.js';
import { decimalString } from '../../domain/decimal.js';

export const alpacaCapabilities: BrokerCapabilities = {
  orderTypes: {
    equity: ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'],
    option: ['market', 'limit', 'stop', 'stop_limit'],
    crypto: ['market', 'limit', 'stop_limit'],
  },
  // Of options some accounts report GTC orders refused, and the changelog of 2026-08-28 has them: a day order is taken anyhow.
  timesInForce: { equity: ['day', 'gtc'], option: ['day'], crypto: ['gtc'] },
  // What a taker with little volume pays; others pay less. No fill shows it, and it is listed only when the day is over.
  feeInKind: { crypto: decimalString('0.0025') },
  // an opposite order beside the entry is refused as a potential wash trade
  refusesOpposite: true,
  stopBesideEntry: false,
  refusesRepeats: true,
  findsById: true,
  settleWindowMs: 15_000,
  // "aged order policy": cancelled after 90 days
  gtcLifeDays: 90,
};
