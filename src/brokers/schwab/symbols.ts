/** Schwab's option symbols have 21 characters: the root padded to six with spaces, the rest as everywhere. */
import { type AssetClass, isSymbol } from '../../domain/instrument.js';

const ROOT_LENGTH = 6;
const AFTER_ROOT_LENGTH = 15;

export function toSchwabSymbol(symbol: string): string {
  if (!isSymbol(symbol, 'option')) return symbol;
  return symbol.slice(0, -AFTER_ROOT_LENGTH).padEnd(ROOT_LENGTH) + symbol.slice(-AFTER_ROOT_LENGTH);
}

/** The symbol as Arbion writes it, or undefined for what Arbion does not trade (a bond's, an index's). */
export function fromSchwabSymbol(text: string): string | undefined {
  if (isSymbol(text, 'equity')) return text;
  const symbol = text.slice(0, ROOT_LENGTH).trimEnd() + text.slice(ROOT_LENGTH);
  return isSymbol(symbol, 'option') && toSchwabSymbol(symbol) === text ? symbol : undefined;
}

export function assetTypeOf(assetClass: AssetClass): 'EQUITY' | 'OPTION' {
  return assetClass === 'option' ? 'OPTION' : 'EQUITY';
}
