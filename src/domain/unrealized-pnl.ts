import { type Decimal, type DecimalString, decimal } from './decimal.js';
import { type AssetClass, contractMultiplier } from './instrument.js';
import type { Quote } from './market.js';

/** A position in one symbol, as far as its value goes. */
export interface ValuedHolding {
  assetClass: AssetClass;
  /** signed: a short is negative */
  quantity: Decimal;
  /** per unit; undefined where it is not known */
  averagePrice: Decimal | undefined;
}

/** The price at which a position closes: a long is sold at the bid, a short is bought back at the ask. */
export function closingPriceOf(quote: Quote | undefined, isLong: boolean): Decimal | undefined {
  const price: DecimalString | undefined = isLong ? quote?.bid : quote?.ask;
  return price === undefined ? undefined : decimal(price);
}

/** Dollars that closing the position at `price` would bring over its cost; undefined without a price or a known cost. */
export function unrealizedPnl(
  { assetClass, quantity, averagePrice }: ValuedHolding,
  price: Decimal | undefined,
): Decimal | undefined {
  if (price === undefined || averagePrice === undefined) return undefined;
  return price.minus(averagePrice).times(quantity).times(contractMultiplier(assetClass));
}
