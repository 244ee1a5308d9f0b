/**
 * Prices of the synthetic market. The walk is computed in floating point, since it is invented; the results are
 * decimals in whole ticks.
 */
import { lastOptionClose } from '../domain/calendar.js';
import { Decimal, decimal } from '../domain/decimal.js';
import type { OptionContract } from '../domain/instrument.js';
import type { PriceEvent } from '../matching/event.js';
import type { SyntheticInstrument } from './synthetic-instruments.js';
import { hashNoise, seedOf, walk } from './value-noise.js';

const SECONDS_A_YEAR = 365.25 * 24 * 3600;
const YEAR_MS = SECONDS_A_YEAR * 1000;
const CENTS = Decimal.ofInteger(100);
const COIN_STEPS = decimal('10000');
/** Noise streams that are independent of the walk. */
const STREAM = { bidSize: 101, askSize: 102, tradeSide: 103 };

const seeds = new Map<string, number>();

/** A share or a coin: each second's trade is at the bid or the ask. */
export function sharePrices(instrument: SyntheticInstrument, at: number): PriceEvent {
  const second = Math.round(at / 1000);
  const seed = seedFor(instrument.symbol);
  const middle = middlePrice(instrument, at);
  const half = Math.max(0.5, (middle * 100 * instrument.spreadBasisPoints) / 20_000);
  const bidCents = Math.max(1, Math.round(middle * 100 - half));
  const askCents = Math.max(bidCents + 1, Math.round(middle * 100 + half));
  const [bid, ask] = [cents(bidCents), cents(askCents)];
  const last = hashNoise(seed, STREAM.tradeSide, second) < 0 ? bid : ask;
  return {
    ...{ kind: 'prices', symbol: instrument.symbol, at, bid, ask, low: last, high: last, last },
    bidSize: size(instrument, seed, STREAM.bidSize, second),
    askSize: size(instrument, seed, STREAM.askSize, second),
  };
}

/** An option is quoted around its Black-Scholes value at its underlying's volatility; it has no trades. */
export function optionPrices(
  symbol: string,
  contract: OptionContract,
  underlying: SyntheticInstrument,
  at: number,
): PriceEvent {
  const years = Math.max(0, lastOptionClose(contract) - at) / YEAR_MS;
  const spot = middlePrice(underlying, at);
  const value = blackScholes(spot, Number(contract.strike.toString()), underlying.volatility, years, contract.right);
  const middleCents = Math.round(value * 100);
  const halfCents = Math.max(1, Math.round(value * 0.5));
  const sizes = { bidSize: Decimal.ofInteger(50), askSize: Decimal.ofInteger(50) };
  const bid = middleCents > halfCents ? { bid: cents(middleCents - halfCents) } : {};
  return { kind: 'prices', symbol, at, ...bid, ask: cents(middleCents + halfCents), ...sizes };
}

/** The spread between bid and ask, in dollars. */
export function middlePrice(instrument: SyntheticInstrument, at: number): number {
  const deviation = instrument.volatility / Math.sqrt(SECONDS_A_YEAR);
  return instrument.level * Math.exp(deviation * walk(seedFor(instrument.symbol), Math.round(at / 1000)));
}

/** Between a tenth of the usual size and twice it: whole round lots of shares, ten-thousandths of a coin. */
function size(instrument: SyntheticInstrument, seed: number, stream: number, second: number): Decimal {
  const amount = instrument.size * (1.05 + 0.95 * hashNoise(seed, stream, second));
  if (instrument.assetClass === 'equity') return Decimal.ofInteger(Math.max(1, Math.round(amount / 100)) * 100);
  return Decimal.ofInteger(Math.max(1, Math.round(amount * 10_000))).dividedBy(COIN_STEPS);
}

function cents(amount: number): Decimal {
  return Decimal.ofInteger(amount).dividedBy(CENTS, 2);
}

function seedFor(symbol: string): number {
  const known = seeds.get(symbol);
  if (known !== undefined) return known;
  const seed = seedOf(symbol);
  seeds.set(symbol, seed);
  return seed;
}

/** Without interest or dividends. */
function blackScholes(spot: number, strike: number, volatility: number, years: number, right: 'call' | 'put'): number {
  const deviation = volatility * Math.sqrt(years);
  const intrinsic = right === 'call' ? spot - strike : strike - spot;
  if (deviation === 0) return Math.max(0, intrinsic);
  const upper = Math.log(spot / strike) / deviation + deviation / 2;
  const call = spot * normal(upper) - strike * normal(upper - deviation);
  return Math.max(0, right === 'call' ? call : call - spot + strike);
}

/** The standard normal distribution (Abramowitz and Stegun 26.2.17). */
function normal(value: number): number {
  const scale = 1 / (1 + 0.2316419 * Math.abs(value));
  const series =
    scale *
    (0.31938153 + scale * (-0.356563782 + scale * (1.781477937 + scale * (-1.821255978 + scale * 1.330274429))));
  const tail = (Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return value >= 0 ? 1 - tail : tail;
}
