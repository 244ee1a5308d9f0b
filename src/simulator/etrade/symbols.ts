/** E*TRADE's symbols (docs/brokers/etrade.md, sections 5.8 and 8): fields in orders, joined by colons in quotes. */
import { type Decimal, decimal } from '../../domain/decimal.js';
import { assetClassOf, isSymbol, parseOptionSymbol } from '../../domain/instrument.js';
import type { Tree } from './xml.js';

/** The fields that name an option, as text. */
export interface OptionFields {
  symbol: string;
  callPut: string;
  expiryYear: string;
  expiryMonth: string;
  expiryDay: string;
  strikePrice: string;
}

const THOUSAND = decimal('1000');

/** The compact OCC symbol of an option's fields; undefined when they name no option. */
export function optionSymbol(option: OptionFields): string | undefined {
  const strike = strikeDigits(option.strikePrice);
  const [year, month, day] = [option.expiryYear, option.expiryMonth, option.expiryDay];
  if (strike === undefined || !/^20\d\d$/.test(year) || !/^(CALL|PUT)$/.test(option.callPut)) return undefined;
  const expiry = year.slice(2) + month.padStart(2, '0') + day.padStart(2, '0');
  const symbol = option.symbol + expiry + option.callPut.charAt(0) + strike;
  return isSymbol(symbol, 'option') ? symbol : undefined;
}

function strikeDigits(text: string): string | undefined {
  const thousandths = priceOf(text)?.times(THOUSAND).toString();
  return thousandths !== undefined && /^\d{1,8}$/.test(thousandths) ? thousandths.padStart(8, '0') : undefined;
}

function priceOf(text: string): Decimal | undefined {
  const parsed = /^\d/.test(text) ? text : `0${text}`;
  return /^\d{1,9}(\.\d{1,6})?$/.test(parsed) ? decimal(parsed) : undefined;
}

/** The symbol behind a quote's name: `AAPL`, or `AAPL:2026:6:18:CALL:210`. */
export function quotedSymbol(name: string): string | undefined {
  const [symbol = '', expiryYear, expiryMonth, expiryDay, callPut, strikePrice, ...more] = name.split(':');
  if (expiryYear === undefined) return assetClassOf(symbol) === 'equity' ? symbol : undefined;
  if (!expiryMonth || !expiryDay || !callPut || !strikePrice || more.length > 0) return undefined;
  return optionSymbol({ symbol, expiryYear, expiryMonth, expiryDay, callPut, strikePrice });
}

/** The `Product` of an answer. */
export function productOf(symbol: string): Tree {
  const option = parseOptionSymbol(symbol);
  if (option === undefined) return { symbol, securityType: 'EQ' };
  const [year = '', month = '', day = ''] = option.expiry.split('-');
  return {
    symbol: option.root,
    securityType: 'OPTN',
    callPut: option.right === 'call' ? 'CALL' : 'PUT',
    expiryYear: Number(year),
    expiryMonth: Number(month),
    expiryDay: Number(day),
    strikePrice: Number(option.strike),
    productId: { symbol: paddedSymbol(symbol, option.root), typeCode: 'OPTION' },
  };
}

/** 21 characters, the root padded to six with `-`: `AAPL--260618C00210000`. */
function paddedSymbol(symbol: string, root: string): string {
  return root.padEnd(6, '-') + symbol.slice(root.length);
}
