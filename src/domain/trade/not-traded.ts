/** What Arbion does not trade although brokers may: other currencies, contracts that are not standard, ended ones. */
import { type Instrument, isNonStandardOption } from '../instrument.js';
import { lastMoment } from './exit-time.js';
import type { Reason } from './status.js';

/** A dollar, or a coin that brokers treat as one. */
const DOLLARS: readonly string[] = ['USD', 'USDC', 'USDT'];

/** Why an entry is refused by its symbol alone. */
export function whyNotTraded({ symbol, assetClass }: Instrument): Reason | undefined {
  if (assetClass === 'option' && isNonStandardOption(symbol)) {
    const message = `${symbol} is an adjusted, mini or FLEX contract. Arbion trades standard contracts of 100 shares.`;
    return { code: 'unsupported_contract', message };
  }
  const currency = assetClass === 'crypto' ? symbol.split('-').at(-1) : 'USD';
  if (currency !== undefined && DOLLARS.includes(currency)) return undefined;
  return {
    code: 'unsupported_currency',
    message: `${symbol} is quoted in ${currency}. Arbion trades what is quoted in dollars (USD, USDC, USDT).`,
  };
}

/** Why an option is not bought any more: Arbion would have to sell it at once. */
export function whyEnded(instrument: Instrument, marketTime: number): Reason | undefined {
  const last = lastMoment(instrument);
  if (last === undefined || marketTime < last) return undefined;
  return {
    code: 'contract_expired',
    message: `Arbion closes ${instrument.symbol} half an hour before it stops trading: it is too late to buy it since ${new Date(last).toISOString()}.`,
  };
}
