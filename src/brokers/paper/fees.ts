/** What the paper broker charges for a fill. */
import { Decimal } from '../../domain/decimal.js';
import type { MatchingRules } from '../../matching/rules.js';

/** Decimal texts. */
export interface FeeTable {
  /** dollars */
  perShare: string;
  /** dollars */
  perContract: string;
  /** percent of what the fill is worth */
  coinPercent: string;
}

const HUNDRED = Decimal.ofInteger(100);
const CENTS = 2;

/** Each fill is charged by itself, to the cent; half a cent goes to the even one. */
export function feeOf({ perShare, perContract, coinPercent }: FeeTable): MatchingRules['fee'] {
  const each = { equity: Decimal.parse(perShare), option: Decimal.parse(perContract) };
  const share = Decimal.parse(coinPercent).dividedBy(HUNDRED);
  return ({ assetClass }, quantity, price) => {
    const exact = assetClass === 'crypto' ? quantity.times(price).times(share) : quantity.times(each[assetClass]);
    return exact.roundedTo(CENTS, 'half_even');
  };
}
