import { BrokerUnavailable } from '../../src/broker-port/broker.js';

/** Of lists, in seconds. */
const LONGEST_LAG = 2;

/** Reads what cannot be read for the moment once more, as a trade does; `wait`: a second. */
export async function readAgain<Read>(read: () => Promise<Read>, wait: () => void): Promise<Read> {
  for (let waited = 0; waited < LONGEST_LAG; waited++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
    }
    wait();
  }
  return read();
}
