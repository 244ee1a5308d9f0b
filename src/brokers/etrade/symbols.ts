/** How E*TRADE names what is traded: fields in orders, colons in quotes (its order and market APIs, v1). */
import { Decimal, decimal } from '../../domain/decimal.js';
import { type AssetClass, isSymbol, type OptionContract, parseOptionSymbol } from '../../domain/instrument.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import type { Product } from './schemas.js';

const THOUSAND = Decimal.ofInteger(1_000);

/** The `Product` of an order that is sent, in the documented order of its elements. */
export function productOf(symbol: string): Record<string, string> {
  const option = parseOptionSymbol(symbol);
  if (!option) return { securityType: 'EQ', symbol };
  const { callPut, expiryYear, expiryMonth, expiryDay, strikePrice } = optionFields(option);
  return {
    ...{ securityType: 'OPTN', symbol: option.root, callPut },
    ...{ expiryYear, expiryMonth, expiryDay, strikePrice },
  };
}

/** `AAPL`, or `AAPL:2026:6:18:CALL:210`. */
export function quoteName(symbol: string): string {
  const option = parseOptionSymbol(symbol);
  if (!option) return symbol;
  const { callPut, expiryYear, expiryMonth, expiryDay, strikePrice } = optionFields(option);
  return [option.root, expiryYear, expiryMonth, expiryDay, callPut, strikePrice].join(':');
}

/** The symbol that lists are filtered by: an option's is its underlying's. */
export function listedUnder(symbol: string): string {
  return parseOptionSymbol(symbol)?.root ?? symbol;
}

/** How an option's key ends. */
const OPTION_KEY = /\d{6}[CP]\d{8}$/;

/**
 * A product in our form, or undefined when it is none that we trade (funds, bonds, preferred shares, adjusted options).
 * `key`: that of an option, where a position shows one. @throws UnexpectedAnswer for an option that could be ours and cannot be read
 */
export function symbolOf(
  product: Product,
  key?: string | null,
): { symbol: string; assetClass: AssetClass } | undefined {
  if (!isSymbol(product.symbol, 'equity')) return undefined;
  if (product.securityType === 'EQ') return { symbol: product.symbol, assetClass: 'equity' };
  if (product.securityType !== 'OPTN') return undefined;
  // the id of an option is in some answers that of its underlying
  const keyed = [key, product.productId?.symbol].find((text) => OPTION_KEY.test(text ?? ''))?.replaceAll(/[- ]/g, '');
  const symbol = keyed ?? symbolOfFields(product);
  if (isSymbol(symbol, 'option')) return { symbol, assetClass: 'option' };
  // the shares under an adjusted option are not 100 of the underlying's, which its key shows by a digit
  if (keyed !== undefined) return undefined;
  throw new UnexpectedAnswer(`E*TRADE names an option that cannot be read: ${JSON.stringify(product)}`);
}

/** Our name of a product; undefined where there is none. */
export function nameOf(product: Product, key?: string): string | undefined {
  try {
    return symbolOf(product, key)?.symbol;
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return undefined;
    throw error;
  }
}

function optionFields({ expiry, right, strike }: OptionContract) {
  const [expiryYear = '', month = '', day = ''] = expiry.split('-');
  return {
    ...{ callPut: right === 'call' ? 'CALL' : 'PUT', expiryYear, strikePrice: strike.toString() },
    expiryMonth: String(Number(month)),
    expiryDay: String(Number(day)),
  };
}

function symbolOfFields({ symbol, callPut, expiryYear, expiryMonth, expiryDay, strikePrice }: Product): string {
  const two = (text: string | null | undefined) => (text ?? '').slice(-2).padStart(2, '0');
  const strike = strikePrice ? decimal(strikePrice).times(THOUSAND).toString() : '';
  const expiry = two(expiryYear) + two(expiryMonth) + two(expiryDay);
  return symbol + expiry + (callPut ?? '').slice(0, 1).toUpperCase() + strike.padStart(8, '0');
}
