/** Alpaca's symbols: `BTC/USD` in orders and data, `BTCUSD` in positions; shares and options are named as by us. */
import { assetClassOf } from '../../domain/instrument.js';

/** The longest come first: `ETHUSDT` is no pair of `ETHUSD`. */
const CRYPTO_QUOTES = ['USDT', 'USDC', 'USD'];

export function toAlpacaSymbol(symbol: string): string {
  return assetClassOf(symbol) === 'crypto' ? symbol.replace('-', '/') : symbol;
}

/** Ours of an order's, a quote's or a position's; a pair that we have no name for stays as it is. */
export function fromAlpacaSymbol(symbol: string, isCrypto: boolean): string {
  if (!isCrypto) return symbol;
  if (symbol.includes('/')) return symbol.replace('/', '-');
  const quote = CRYPTO_QUOTES.find((currency) => symbol.endsWith(currency));
  return quote === undefined ? symbol : `${symbol.slice(0, -quote.length)}-${quote}`;
}

/** Shares have at most so many letters, so a longer name without a class is a pair's. */
const LONGEST_SHARE = 5;

/** Ours of a row that may show no class, or one that Arbion does not trade; nothing where it shows no symbol. */
export function symbolShown(row: { symbol?: string | undefined; asset_class?: string | undefined }): {
  symbol?: string;
} {
  const { symbol, asset_class: assetClass } = row;
  if (symbol === undefined) return {};
  const isCrypto = assetClass === 'crypto' || (assetClass === undefined && symbol.length > LONGEST_SHARE);
  return { symbol: fromAlpacaSymbol(symbol, isCrypto) };
}
