/**
 * Schwab's symbols (docs/brokers/schwab.md, section 5.5): options have 21 characters, the root padded to six with spaces; the class
 * of a share follows a slash (`BRK/B`), and a point is unknown there.
 */
import { assetClassOf, parseOptionSymbol } from '../../domain/instrument.js';

export type SchwabAssetType = 'EQUITY' | 'OPTION';

/** Arbion's own form of a symbol; undefined when the text is not a symbol. */
export function fromSchwabSymbol(symbol: string): string | undefined {
  const share = symbol.includes('.') ? '' : symbol.replace('/', '.');
  if (assetClassOf(share) === 'equity') return share;
  const option = symbol.length === 21 ? parseOptionSymbol(symbol) : undefined;
  return option && option.root.padEnd(6) === symbol.slice(0, 6) ? option.root + symbol.slice(6) : undefined;
}

export function toSchwabSymbol(symbol: string): string {
  const option = parseOptionSymbol(symbol);
  return option ? option.root.padEnd(6) + symbol.slice(option.root.length) : symbol.replace('.', '/');
}

export function assetTypeOf(symbol: string): SchwabAssetType {
  return parseOptionSymbol(symbol) ? 'OPTION' : 'EQUITY';
}
