/** Assets, clock and calendar (docs/brokers/alpaca.md, section 4). */
import { isTradingDay, nextOpen, sessionClose, sessionOpen, tradingDay } from '../../domain/calendar.js';
import { decimal } from '../../domain/decimal.js';
import { coinTick } from '../../domain/instrument.js';
import type { Exchange } from '../exchange/exchange.js';
import { badInput, failure } from './answers.js';
import { assetId, classOf, findSymbol, toAlpacaSymbol } from './symbols.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_DAYS = 1_000;

export async function assetList(
  exchange: Exchange,
  { asset_class: wanted = 'us_equity' }: Record<string, string>,
): Promise<Response> {
  const symbols = exchange.market.symbols(exchange.now()).filter((symbol) => classOf(symbol) === wanted);
  return Response.json(await Promise.all(symbols.map((symbol) => assetView(exchange, symbol))));
}

export async function assetAnswer(exchange: Exchange, name: string): Promise<Response> {
  const symbol = findSymbol(name, exchange.market.symbols(exchange.now()));
  if (symbol !== undefined) return Response.json(await assetView(exchange, symbol));
  return failure({ status: 404, code: 40410000, message: `asset not found for ${name}` });
}

/** Only crypto is fractionable here. */
async function assetView(exchange: Exchange, symbol: string) {
  const assetClass = classOf(symbol);
  const isEquity = assetClass === 'us_equity';
  return {
    ...{ id: assetId(symbol), class: assetClass, exchange: assetClass === 'crypto' ? 'CRYPTO' : 'NASDAQ' },
    ...{ symbol: toAlpacaSymbol(symbol), name: symbol, status: 'active', tradable: true, marginable: isEquity },
    ...{ shortable: isEquity, easy_to_borrow: isEquity, fractionable: assetClass === 'crypto', attributes: [] },
    ...(assetClass === 'crypto' && (await coinIncrements(exchange, symbol))),
  };
}

async function coinIncrements(exchange: Exchange, symbol: string) {
  const last = (await exchange.quote(symbol))?.last ?? '1';
  const price = coinTick(decimal(last)).toString();
  return { min_order_size: '0.0001', min_trade_increment: '0.00000001', price_increment: price };
}

export function clockView(exchange: Exchange) {
  const now = exchange.now();
  const isOpen = exchange.session('equity') === 'regular';
  const close = sessionClose('equity', tradingDay('equity', now)) ?? 0;
  const nextClose = close > now ? close : sessionClose('equity', tradingDay('equity', nextOpen('equity', now)));
  return {
    ...{ timestamp: newYorkTime(now), is_open: isOpen, next_open: newYorkTime(nextOpen('equity', now)) },
    next_close: newYorkTime(nextClose ?? now),
  };
}

export function calendarAnswer(exchange: Exchange, query: Record<string, string>): Response {
  const today = tradingDay('equity', exchange.now());
  const { start = today, end = start } = query;
  const [first, last] = [Date.parse(start.slice(0, 10)), Date.parse(end.slice(0, 10))];
  if (Number.isNaN(first) || Number.isNaN(last)) return failure(badInput('invalid date'));
  const count = Math.min(Math.floor((last - first) / DAY_MS) + 1, MOST_DAYS);
  const days = Array.from({ length: Math.max(count, 0) }, (_, index) => dayText(first + index * DAY_MS));
  return Response.json(days.filter((day) => isTradingDay('equity', day)).map(dayView));
}

function dayView(day: string) {
  const [open, close] = [sessionOpen('equity', day) ?? 0, sessionClose('equity', day) ?? 0];
  const time = (at: number) => newYorkTime(at).slice(11, 16);
  return {
    ...{ date: day, open: time(open), close: time(close), session_open: '0400' },
    session_close: time(close + 4 * HOUR_MS).replace(':', ''),
    settlement_date: settlementDay(day),
  };
}

/** Settlement is on the next trading day. */
function settlementDay(day: string): string {
  let next = Date.parse(day) + DAY_MS;
  while (!isTradingDay('equity', dayText(next))) next += DAY_MS;
  return dayText(next);
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const NEW_YORK = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'longOffset' });

/** An instant in New York's local time, with its UTC offset. */
function newYorkTime(at: number): string {
  const zone = NEW_YORK.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName');
  const offset = zone?.value.replace('GMT', '') ?? '-05:00';
  const local = new Date(at + Number(offset.slice(0, 3)) * HOUR_MS);
  return local.toISOString().replace('Z', offset);
}
