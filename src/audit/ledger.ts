/** What the ledger's events say about an order. */
import { type Decimal, decimal } from '../domain/decimal.js';
import { CLIENT_ORDER_ID_PREFIX } from '../domain/ids.js';
import type { LedgerOrder } from './facts.js';

export interface LedgerFill {
  executionId: string;
  quantity: Decimal;
  price: Decimal;
  /** what was taken out of it */
  feeInKind: Decimal;
  /** epoch milliseconds, the broker's clock */
  at: number;
  /** its place among the events of its order */
  sequence: number;
}

const HALF_A_CENT = decimal('0.005');
const ENDS: readonly string[] = ['cancelled', 'expired', 'replaced', 'rejected'];
const WORKING: readonly string[] = ['submitted', 'working', 'partially_filled'];

/** The fills that stand, without those that the broker busted. */
export function fillsOf({ events }: LedgerOrder): LedgerFill[] {
  const busted = new Set(events.filter(({ kind }) => kind === 'bust').map(({ executionId }) => executionId));
  return events.flatMap(({ executionId, quantity, price, at, kind, feeInKind }, sequence) => {
    if (kind !== 'fill' || executionId === undefined || quantity === undefined || price === undefined) return [];
    if (busted.has(executionId)) return [];
    const amounts = { quantity: decimal(quantity), price: decimal(price), feeInKind: decimal(feeInKind ?? '0') };
    return [{ executionId, ...amounts, at: Date.parse(at), sequence }];
  });
}

/** When the broker accepted the order; undefined when it never did. */
export function acceptedAt({ events }: LedgerOrder): number | undefined {
  const taken = events.find(({ kind }) => kind === 'accepted');
  return taken && Date.parse(taken.at);
}

/** When the order ended at the broker without being wholly filled. */
export function endedAt({ events }: LedgerOrder): number | undefined {
  const end = events.find(({ kind }) => ENDS.includes(kind));
  return end && Date.parse(end.at);
}

export function isWorking({ status }: LedgerOrder): boolean {
  return WORKING.includes(status);
}

export function isOurs({ clientOrderId }: LedgerOrder): boolean {
  return clientOrderId?.startsWith(CLIENT_ORDER_ID_PREFIX) === true;
}

/** To the cent. */
export function isSameMoney(one: Decimal, other: Decimal): boolean {
  return one.minus(other).absolute().lessThan(HALF_A_CENT);
}
