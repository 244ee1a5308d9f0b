import { Decimal, decimal } from './decimal.js';
import { optionTick } from './option-classes.js';

export type AssetClass = 'equity' | 'option' | 'crypto';

/** An OCC option symbol without padding: root, expiry `yymmdd`, `C`/`P`, strike in thousandths (`SPY230901P00430000`). */
export interface OptionContract {
  root: string;
  /** `YYYY-MM-DD` */
  expiry: string;
  right: 'call' | 'put';
  strike: Decimal;
}

const OCC = /^([A-Z]{1,6})(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;
/** A root with a digit: adjusted (`AAPL1`), mini (`AAPL7`) and FLEX (`2SPX`) contracts. */
const NON_STANDARD = /^(?:[A-Z]{1,5}\d|\d[A-Z]{1,5})\d{6}[CP]\d{8}$/;
const EQUITY = /^[A-Z]{1,6}(?:[.-][A-Z]{1,2})?$/;
const CRYPTO = /^[A-Z0-9]{2,10}-(?:USD|USDC|USDT|EUR|GBP)$/;

/** Parses an OCC symbol, or answers undefined. Spaces and the `_` padding of recorded files are accepted. */
export function parseOptionSymbol(symbol: string): OptionContract | undefined {
  const match = OCC.exec(symbol.replaceAll(/[ _]/g, ''));
  if (!match) return undefined;
  const [, root = '', year, month, day, right, strike = ''] = match;
  const expiry = `20${year}-${month}-${day}`;
  if (Number.isNaN(Date.parse(expiry)) || new Date(expiry).toISOString().slice(0, 10) !== expiry) return undefined;
  return {
    root,
    expiry,
    right: right === 'C' ? 'call' : 'put',
    strike: decimal(strike).dividedBy(Decimal.ofInteger(1000)),
  };
}

/** Whether the text names a contract whose terms are not the usual ones, such as its number of shares. */
export function isNonStandardOption(symbol: string): boolean {
  return NON_STANDARD.test(symbol);
}

/** Whether the text is a well-formed symbol of its class, in the one form used inside Arbion. */
export function isSymbol(symbol: string, assetClass: AssetClass): boolean {
  if (assetClass === 'equity') return EQUITY.test(symbol);
  if (assetClass === 'crypto') return CRYPTO.test(symbol);
  return OCC.test(symbol) && parseOptionSymbol(symbol) !== undefined;
}

/** The class a symbol's form belongs to, or undefined when it has the form of none. */
export function assetClassOf(symbol: string): AssetClass | undefined {
  if (EQUITY.test(symbol)) return 'equity';
  if (CRYPTO.test(symbol)) return 'crypto';
  return isSymbol(symbol, 'option') ? 'option' : undefined;
}

/** Units of the underlying per unit of quantity: 100 for an option contract. */
export function contractMultiplier(assetClass: AssetClass): Decimal {
  return Decimal.ofInteger(assetClass === 'option' ? 100 : 1);
}

const CENT = decimal('0.01');
const SUB_DOLLAR_TICK = decimal('0.0001');
/** Of a coin's price: at least as fine as the increments of every pair, to which the adapters round. */
const COIN = { significantDigits: 6, fewestPlaces: 2, mostPlaces: 8 };

/** What an order is for. */
export interface Instrument {
  symbol: string;
  assetClass: AssetClass;
}

/** The price increment at a price: Reg NMS rule 612 for equities, its class's grid for an option, for coins cents or finer. */
export function priceTick({ symbol, assetClass }: Instrument, price: Decimal): Decimal {
  if (assetClass === 'crypto') return coinTick(price);
  if (assetClass === 'option') return optionTick(parseOptionSymbol(symbol)?.root ?? symbol, price);
  return price.lessThan(Decimal.one) ? SUB_DOLLAR_TICK : CENT;
}

/** Whether a price lies on the grid of its instrument. */
export function isOnTick(instrument: Instrument, price: Decimal): boolean {
  return price.isMultipleOf(priceTick(instrument, price));
}

/** Six digits of a coin's price, from cents to hundred-millionths. */
export function coinTick(price: Decimal): Decimal {
  const magnitude = price.isZero() ? 0 : price.magnitude();
  const places = COIN.significantDigits - 1 - magnitude;
  return Decimal.ofPlaces(Math.min(Math.max(places, COIN.fewestPlaces), COIN.mostPlaces));
}

/** The smallest step of a quantity: whole shares and contracts, 8 decimals of a coin. */
export function quantityStep(assetClass: AssetClass): Decimal {
  return assetClass === 'crypto' ? decimal('0.00000001') : Decimal.one;
}
