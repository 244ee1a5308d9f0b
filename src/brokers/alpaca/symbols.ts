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
