/** Alpaca's symbols (docs/brokers/alpaca.md, section 6.2): `BTC/USD` in orders and data, `BTCUSD` in positions, OCC without padding. */
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import { uuidOf } from '../uuid.js';

const CRYPTO_QUOTES = ['USD', 'USDC', 'USDT'];
export type AlpacaClass = 'us_equity' | 'us_option' | 'crypto';
const CLASSES: Readonly<Record<AssetClass, AlpacaClass>> = {
  equity: 'us_equity',
  option: 'us_option',
  crypto: 'crypto',
};

/** Arbion's own form of a symbol; undefined when the text is not a symbol. */
export function fromAlpacaSymbol(text: string): string | undefined {
  const dashed = text.replace('/', '-');
  return assetClassOf(dashed) === undefined ? undefined : dashed;
}

export function toAlpacaSymbol(symbol: string): string {
  return assetClassOf(symbol) === 'crypto' ? symbol.replace('-', '/') : symbol;
}

/** Positions show a pair without its slash. */
export function toPositionSymbol(symbol: string): string {
  return symbol.replace('-', '');
}

/** Finds a known symbol by its name in positions or orders, or by its asset id. */
export function findSymbol(text: string, known: readonly string[]): string | undefined {
  const pair = CRYPTO_QUOTES.map((quote) => text.replace(new RegExp(`${quote}$`), `-${quote}`));
  return known.find((symbol) => symbol === fromAlpacaSymbol(text) || pair.includes(symbol) || assetId(symbol) === text);
}

export function classOf(symbol: string): AlpacaClass {
  return CLASSES[assetClassOf(symbol) ?? 'equity'];
}

/** The same UUID for the same symbol, always. */
export function assetId(symbol: string): string {
  return uuidOf(`asset ${symbol}`);
}
