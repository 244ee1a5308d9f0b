/** What Arbion does not trade although brokers may. */
import type { Instrument } from '../instrument.js';
import { lastMoment } from './exit-time.js';
import type { Reason } from './status.js';

/** Why an option is not bought any more: Arbion would have to sell it at once. */
export function whyEnded(instrument: Instrument, marketTime: number): Reason | undefined {
  const last = lastMoment(instrument);
  if (last === undefined || marketTime < last) return undefined;
  return {
    code: 'contract_expired',
    message: `Arbion closes ${instrument.symbol} half an hour before it stops trading: it is too late to buy it since ${new Date(last).toISOString()}.`,
  };
}
