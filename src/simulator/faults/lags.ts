import type { Call } from '../exchange/new-order.js';
import type { Operation } from './fault.js';

/** Seconds of exchange time by which reads are behind at most. Source: Alpaca's and Coinbase's users see as much. */
const LONGEST: Partial<Record<Operation, number>> = { list_orders: 2, positions: 10 };
/** An order says at once how much of it is filled; the list of its fills follows. */
const FILLS_BEHIND_MS = 2_000;
/** Spreads the lags evenly, the same in each run. */
const GOLDEN = 0.618_033_988_75;

/** Reads that are not of this moment: each shows the state of a little while ago. */
export class Lags {
  private reads = 0;

  call(operation: Operation): Call {
    const longest = LONGEST[operation];
    this.reads += 1;
    const share = (this.reads * GOLDEN) % 1;
    return {
      fillsBehindMs: share * FILLS_BEHIND_MS,
      ...(longest !== undefined && { fault: { kind: 'stale_read', seconds: share * longest } }),
    };
  }
}
