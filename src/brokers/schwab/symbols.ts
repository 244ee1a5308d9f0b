/**
 * Schwab writes the class of a share after a slash (`BRK/B`). Its option symbols have 21 characters: the root padded to six
 * with spaces, the rest as everywhere.
 */
import { type AssetClass, isSymbol } from '../../domain/instrument.js';

const ROOT_LENGTH = 6;
const AFTER_ROOT_LENGTH = 15;

/** Of instruments that Arbion never trades, whatever their symbols look like: a fund's may look like a share's. */
const FOREIGN_ASSETS: readonly string[] = [
  ...['CASH_EQUIVALENT', 'MUTUAL_FUND', 'FIXED_INCOME', 'BOND', 'CURRENCY', 'FOREX', 'INDEX'],
  ...['FUTURE', 'FUTURE_OPTION', 'PRODUCT'],
];

export function toSchwabSymbol(symbol: string): string {
  if (!isSymbol(symbol, 'option')) return symbol.replace('.', '/');
  return symbol.slice(0, -AFTER_ROOT_LENGTH).padEnd(ROOT_LENGTH) + symbol.slice(-AFTER_ROOT_LENGTH);
}

/** The symbol as Arbion writes it, or undefined for what Arbion does not trade (a bond's, an index's). */
export function fromSchwabSymbol(text: string): string | undefined {
  const share = text.replace('/', '.');
  if (isSymbol(share, 'equity')) return share;
  const symbol = text.slice(0, ROOT_LENGTH).trimEnd() + text.slice(ROOT_LENGTH);
  return isSymbol(symbol, 'option') && toSchwabSymbol(symbol) === text ? symbol : undefined;
}

export function assetTypeOf(assetClass: AssetClass): 'EQUITY' | 'OPTION' {
  return assetClass === 'option' ? 'OPTION' : 'EQUITY';
}

export function isForeignAsset(assetType: string | undefined): assetType is string {
  return assetType !== undefined && FOREIGN_ASSETS.includes(assetType);
}
