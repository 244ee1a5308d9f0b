/** When the markets are open, the shares' and each contract's; crypto never closes. */
import {
  DAY_MS,
  dayText,
  type ExchangeHours,
  hoursOf,
  hoursUpTo,
  MINUTE_MS,
  newYorkDay,
  newYorkInstant,
  nextHours,
  utcDay,
} from './exchange-days.js';
import { type AssetClass, type OptionContract, parseOptionSymbol } from './instrument.js';
import type { MarketSession } from './market.js';
import { closesLate, endsTheDayBefore } from './option-classes.js';
import type { TradingSession } from './order.js';

/** Some classes of options trade for longer than shares. */
const LATE_MS = 15 * MINUTE_MS;

/**
 * The session at an instant (epoch milliseconds). Options have no pre or post market; with its symbol, a contract has the
 * hours of its class and none after its last day. Crypto is always `regular`.
 */
export function sessionAt(assetClass: AssetClass, atMs: number, symbol?: string): MarketSession {
  if (assetClass === 'crypto') return 'regular';
  const hours = hoursOf(newYorkDay(atMs));
  if (!hours) return 'closed';
  if (atMs >= hours.open && atMs < regularClose(hours, contractOf(assetClass, symbol))) return 'regular';
  if (assetClass === 'option') return 'closed';
  if (atMs >= hours.preOpen && atMs < hours.open) return 'pre';
  return atMs >= hours.close && atMs < hours.postClose ? 'post' : 'closed';
}

/** The day an instant belongs to, `YYYY-MM-DD`: New York's for equities and options, UTC for crypto. */
export function tradingDay(assetClass: AssetClass, atMs: number): string {
  return dayText(assetClass === 'crypto' ? utcDay(atMs) : newYorkDay(atMs));
}

/** Whether the exchange opens on a day `YYYY-MM-DD`. */
export function isTradingDay(assetClass: AssetClass, day: string): boolean {
  return assetClass === 'crypto' || hoursOf(Date.parse(day)) !== undefined;
}

/** Start of the regular session of a day `YYYY-MM-DD`, or undefined when the exchange is closed on it. */
export function sessionOpen(assetClass: AssetClass, day: string): number | undefined {
  return assetClass === 'crypto' ? Date.parse(day) : hoursOf(Date.parse(day))?.open;
}

/** End of the regular session of a day `YYYY-MM-DD` (exclusive), or undefined when the exchange is closed on it. */
export function sessionClose(assetClass: AssetClass, day: string): number | undefined {
  return assetClass === 'crypto' ? Date.parse(day) + DAY_MS : hoursOf(Date.parse(day))?.close;
}

/** The time itself within a regular session that has a minute left, else the last minute of the session before it. */
export function lastChance(assetClass: AssetClass, atMs: number, symbol?: string): number {
  if (assetClass === 'crypto') return atMs;
  const today = hoursUpTo(newYorkDay(atMs));
  const hours = atMs < today.open ? hoursUpTo(today.day - DAY_MS) : today;
  return Math.min(atMs, regularClose(hours, contractOf(assetClass, symbol)) - MINUTE_MS);
}

/** When an option stops trading: the close of its last day. */
export function lastOptionClose(contract: OptionContract): number {
  return regularClose(lastHours(contract), contract);
}

/** The hours of the last day on which a contract is traded: its expiry, or a session before it. */
function lastHours({ root, expiry }: OptionContract): ExchangeHours {
  const end = hoursUpTo(Date.parse(expiry));
  return endsTheDayBefore(root) ? hoursUpTo(end.day - DAY_MS) : end;
}

/** When a day's regular session ends: for all, or for one contract, which is traded no more after its last day. */
function regularClose(hours: ExchangeHours, contract: OptionContract | undefined): number {
  if (!contract) return hours.close;
  const lastDay = lastHours(contract).day;
  if (hours.day > lastDay) return hours.open;
  return closesLate(contract.root, hours.day === lastDay) ? hours.close + LATE_MS : hours.close;
}

function contractOf(assetClass: AssetClass, symbol: string | undefined): OptionContract | undefined {
  return assetClass === 'option' && symbol !== undefined ? parseOptionSymbol(symbol) : undefined;
}

/** The next start of a regular session, or of extended hours, after an instant; the instant itself for crypto. */
export function nextOpen(assetClass: AssetClass, atMs: number, session: TradingSession = 'regular'): number {
  if (assetClass === 'crypto') return atMs;
  const start = ({ open, preOpen }: ExchangeHours) => (session === 'extended' ? preOpen : open);
  return start(nextHours(atMs, start));
}

/** When a day order taken at an instant expires: the next close of the last session it may trade in. */
export function dayOrderEnd(assetClass: AssetClass, session: TradingSession, atMs: number, symbol?: string): number {
  if (assetClass === 'crypto') return utcDay(atMs) + DAY_MS;
  const extended = session === 'extended' && assetClass === 'equity';
  const contract = contractOf(assetClass, symbol);
  const end = (hours: ExchangeHours) => (extended ? hours.postClose : regularClose(hours, contract));
  return end(nextHours(atMs, end));
}

/** Midnight in New York at the start of a day `YYYY-MM-DD`, epoch milliseconds. */
export function newYorkMidnight(day: string): number {
  return newYorkInstant(Date.parse(day), 0);
}
