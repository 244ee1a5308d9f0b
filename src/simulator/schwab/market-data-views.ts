/** Quotes and market hours as Schwab shows them (docs/brokers/schwab.md, sections 8.1 and 8.3). Unknown values are left out. */
import { sessionClose, sessionOpen } from '../../domain/calendar.js';
import { decimal } from '../../domain/decimal.js';
import { parseOptionSymbol } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { assetTypeOf, toSchwabSymbol } from './symbols.js';

export function shownQuote(quote: Quote): object {
  const type = assetTypeOf(quote.symbol);
  return {
    assetMainType: type,
    ...(type === 'EQUITY' && { assetSubType: 'COE', quoteType: 'NBBO' }),
    ...{ realtime: true, symbol: toSchwabSymbol(quote.symbol), quote: pricesOf(quote), reference: referenceOf(quote) },
  };
}

function pricesOf({ bid, ask, bidSize, askSize, last, at, halted }: Quote): object {
  const mark = last ?? (bid !== undefined && ask !== undefined ? middle(bid, ask) : undefined);
  return {
    ...(ask !== undefined && { askPrice: Number(ask), askTime: at }),
    ...(askSize !== undefined && { askSize: Number(askSize) }),
    ...(bid !== undefined && { bidPrice: Number(bid), bidTime: at }),
    ...(bidSize !== undefined && { bidSize: Number(bidSize) }),
    ...(last !== undefined && { lastPrice: Number(last), tradeTime: at }),
    ...(mark !== undefined && { mark: Number(mark) }),
    ...{ quoteTime: at, securityStatus: halted ? 'Halted' : 'Normal' },
  };
}

function middle(bid: string, ask: string): string {
  return decimal(bid).plus(decimal(ask)).dividedBy(decimal('2')).toString();
}

function referenceOf({ symbol }: Quote): object {
  const option = parseOptionSymbol(symbol);
  if (!option) return { description: symbol, exchange: 'Q', exchangeName: 'NASDAQ', isShortable: true };
  const [expirationYear, expirationMonth, expirationDay] = option.expiry.split('-').map(Number);
  const contract = { contractType: option.right === 'call' ? 'C' : 'P', strikePrice: Number(option.strike.toString()) };
  return { ...contract, expirationYear, expirationMonth, expirationDay, multiplier: 100, underlying: option.root };
}

export const MARKETS = ['equity', 'option'] as const;
export type MarketName = (typeof MARKETS)[number];

const HOUR_MS = 3_600_000;
const PRODUCTS = { equity: 'EQ', option: 'EQO' } as const;

/** The hours of a day `YYYY-MM-DD`; a closed day has none. */
export function shownHours(market: MarketName, day: string): object {
  const [open, close] = [sessionOpen(market, day), sessionClose(market, day)];
  const product = PRODUCTS[market];
  const isOpen = open !== undefined && close !== undefined;
  const names = { date: day, marketType: market.toUpperCase(), exchange: 'NULL', category: 'NULL' };
  const hours = isOpen && { sessionHours: sessionHours(market, open, close) };
  return { [product]: { ...names, product, productName: market, isOpen, ...hours } };
}

function sessionHours(market: MarketName, open: number, close: number): object {
  const regularMarket = [span(open, close)];
  if (market === 'option') return { regularMarket };
  return {
    preMarket: [span(open - 2.5 * HOUR_MS, open)],
    regularMarket,
    postMarket: [span(close, close + 4 * HOUR_MS)],
  };
}

function span(start: number, end: number): object {
  return { start: newYorkTime(start), end: newYorkTime(end) };
}

const OFFSET = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'longOffset' });

/** `2026-03-03T09:30:00-05:00`. */
function newYorkTime(at: number): string {
  const name = OFFSET.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT-05:00';
  const offset = name.slice('GMT'.length);
  const local = at + Number.parseInt(offset, 10) * HOUR_MS;
  return `${new Date(local).toISOString().slice(0, 19)}${offset}`;
}
