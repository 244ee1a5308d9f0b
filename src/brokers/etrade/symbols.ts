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

/**
 * A product in our form, or undefined when it is none that we trade (funds, bonds, preferred shares, adjusted options).
 * @throws UnexpectedAnswer for an option that could be ours and cannot be read
 */
export function symbolOf(product: Product): { symbol: string; assetClass: AssetClass } | undefined {
  if (!isSymbol(product.symbol, 'equity')) return undefined;
  if (product.securityType === 'EQ') return { symbol: product.symbol, assetClass: 'equity' };
  if (product.securityType !== 'OPTN') return undefined;
  const symbol = optionSymbol(product);
  if (isSymbol(symbol, 'option')) return { symbol, assetClass: 'option' };
  throw new UnexpectedAnswer(`E*TRADE names an option that cannot be read: ${JSON.stringify(product)}`);
}

function optionFields({ expiry, right, strike }: OptionContract) {
  const [expiryYear = '', month = '', day = ''] = expiry.split('-');
  return {
    ...{ callPut: right === 'call' ? 'CALL' : 'PUT', expiryYear, strikePrice: strike.toString() },
    expiryMonth: String(Number(month)),
    expiryDay: String(Number(day)),
  };
}

/** From the id of 21 characters (`AAPL--260618C00210000`) where there is one, else from the fields. */
function optionSymbol({ productId, ...fields }: Product): string {
  if (productId?.symbol) return productId.symbol.replaceAll(/[- ]/g, '');
  const { symbol, callPut = '', expiryYear = '', expiryMonth = '', expiryDay = '', strikePrice } = fields;
  const expiry = expiryYear.slice(-2) + expiryMonth.padStart(2, '0') + expiryDay.padStart(2, '0');
  const strike = strikePrice === undefined ? '' : decimal(strikePrice).times(THOUSAND).toString();
  return symbol + expiry + callPut.slice(0, 1).toUpperCase() + strike.padStart(8, '0');
}
