/** Schwab's option symbols: 21 characters, the root padded to six with spaces (docs/brokers/schwab.md, section 5.5). */
import { assetClassOf, parseOptionSymbol } from '../../domain/instrument.js';

export type SchwabAssetType = 'EQUITY' | 'OPTION';

/** Arbion's own form of a symbol; undefined when the text is not a symbol. */
export function fromSchwabSymbol(symbol: string): string | undefined {
  if (assetClassOf(symbol) === 'equity') return symbol;
  const option = symbol.length === 21 ? parseOptionSymbol(symbol) : undefined;
  return option && option.root.padEnd(6) === symbol.slice(0, 6) ? option.root + symbol.slice(6) : undefined;
}

export function toSchwabSymbol(symbol: string): string {
  const option = parseOptionSymbol(symbol);
  return option ? option.root.padEnd(6) + symbol.slice(option.root.length) : symbol;
}

export function assetTypeOf(symbol: string): SchwabAssetType {
  return parseOptionSymbol(symbol) ? 'OPTION' : 'EQUITY';
}
