/** What the synthetic market trades, at plausible prices. */
import { isTradingDay, tradingDay } from '../domain/calendar.js';
import { type AssetClass, assetClassOf, type OptionContract, parseOptionSymbol } from '../domain/instrument.js';

export interface SyntheticInstrument {
  symbol: string;
  assetClass: Exclude<AssetClass, 'option'>;
  /** dollars around which the price walks */
  level: number;
  /** a year's standard deviation of the logarithm of the price */
  volatility: number;
  /** in ten-thousandths of the price; at least one tick */
  spreadBasisPoints: number;
  /** a usual size at the best price */
  size: number;
}

const EQUITY = { assetClass: 'equity', spreadBasisPoints: 1, size: 400 } as const;
const CRYPTO = { assetClass: 'crypto', spreadBasisPoints: 0.5 } as const;

const INSTRUMENTS: readonly SyntheticInstrument[] = [
  { ...EQUITY, symbol: 'AAPL', level: 230, volatility: 0.28 },
  { ...EQUITY, symbol: 'AMD', level: 155, volatility: 0.45 },
  { ...EQUITY, symbol: 'AMZN', level: 205, volatility: 0.32 },
  { ...EQUITY, symbol: 'BAC', level: 45, volatility: 0.26, size: 3000 },
  { ...EQUITY, symbol: 'GOOGL', level: 180, volatility: 0.3 },
  { ...EQUITY, symbol: 'IBM', level: 225, volatility: 0.24 },
  { ...EQUITY, symbol: 'INTC', level: 24, volatility: 0.45, size: 4000 },
  { ...EQUITY, symbol: 'JPM', level: 240, volatility: 0.24 },
  { ...EQUITY, symbol: 'META', level: 570, volatility: 0.35 },
  { ...EQUITY, symbol: 'MSFT', level: 425, volatility: 0.24 },
  { ...EQUITY, symbol: 'NVDA', level: 140, volatility: 0.5, size: 1500 },
  { ...EQUITY, symbol: 'QQQ', level: 510, volatility: 0.2, size: 2000, spreadBasisPoints: 0.2 },
  { ...EQUITY, symbol: 'SPY', level: 590, volatility: 0.15, size: 3000, spreadBasisPoints: 0.2 },
  { ...EQUITY, symbol: 'TSLA', level: 340, volatility: 0.6 },
  { ...CRYPTO, symbol: 'BTC-USD', level: 95_000, volatility: 0.5, size: 0.8 },
  { ...CRYPTO, symbol: 'ETH-USD', level: 3400, volatility: 0.65, size: 12 },
  { ...CRYPTO, symbol: 'LTC-USD', level: 95, volatility: 0.7, size: 150 },
  { ...CRYPTO, symbol: 'SOL-USD', level: 190, volatility: 0.8, size: 120 },
];
const BY_SYMBOL = new Map(INSTRUMENTS.map((instrument) => [instrument.symbol, instrument]));

/** The instrument of a symbol, or of an option's underlying. */
export function instrumentOf(symbol: string): SyntheticInstrument | undefined {
  const contract = assetClassOf(symbol) === 'option' ? parseOptionSymbol(symbol) : undefined;
  return contract ? optionUnderlying(contract) : BY_SYMBOL.get(symbol);
}

/** The only share with options. */
export const OPTION_ROOT = 'SPY';
/** Strikes are listed at whole dollars within these bounds of the underlying's level. */
const LISTED_STRIKES = { lowest: 0.6, highest: 1.4 };
/** How far the strikes of a list are from the underlying's price, dollars. */
const STRIKE_DISTANCES = [-20, -10, 0, 10, 20];
const FRIDAY = 5;

function optionUnderlying(contract: OptionContract): SyntheticInstrument | undefined {
  const underlying = contract.root === OPTION_ROOT ? BY_SYMBOL.get(OPTION_ROOT) : undefined;
  if (underlying === undefined || new Date(contract.expiry).getUTCDay() !== FRIDAY) return undefined;
  const ratio = Number(contract.strike.toString()) / underlying.level;
  return ratio >= LISTED_STRIKES.lowest && ratio <= LISTED_STRIKES.highest ? underlying : undefined;
}

/** All shares and coins. */
export function unexpiringSymbols(): string[] {
  return [...BY_SYMBOL.keys()];
}

/** The options of the next two monthly expiries, with strikes around `price` dollars of their underlying. */
export function optionSymbols(at: number, price: number): string[] {
  const middle = Math.round(price / 10) * 10;
  return nextMonthlyExpiries(at, 2).flatMap((expiry) =>
    STRIKE_DISTANCES.flatMap((distance) => ['C', 'P'].map((right) => optionSymbol(expiry, right, middle + distance))),
  );
}

function optionSymbol(expiry: string, right: string, strike: number): string {
  return `${OPTION_ROOT}${expiry.replaceAll('-', '').slice(2)}${right}${String(strike * 1000).padStart(8, '0')}`;
}

/** Third Fridays after today. */
function nextMonthlyExpiries(at: number, count: number): string[] {
  const today = tradingDay('option', at);
  const expiries: string[] = [];
  for (let ahead = 0; expiries.length < count; ahead++) {
    const month = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(5, 7)) - 1 + ahead, 1));
    const firstFriday = ((FRIDAY - month.getUTCDay() + 7) % 7) + 1;
    month.setUTCDate(firstFriday + 14);
    const expiry = month.toISOString().slice(0, 10);
    // an expiry on a holiday is left out: its contracts would end a day early
    if (expiry > today && isTradingDay('option', expiry)) expiries.push(expiry);
  }
  return expiries;
}
