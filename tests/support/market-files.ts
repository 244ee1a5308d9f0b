/** Writes generated market data in the recorded layout (`minute_utc,open,…`), so that tests replay prices of their own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tradingDay } from '../../src/domain/calendar.js';
import type { AssetClass } from '../../src/domain/instrument.js';

/** One minute. Leave out `bid` and `ask` for a minute without a quote, and `last` for one without trades. */
export interface PriceRow {
  /** `2013-10-08T13:30`, UTC, the start of the minute: the row is an event 60 s later */
  minute: string;
  bid?: string;
  ask?: string;
  /** the close; `open`, `low` and `high` are the same unless given */
  last?: string;
  open?: string;
  low?: string;
  high?: string;
  /** of both sides of the quote; 10000 unless given */
  size?: string;
  bidSize?: string;
  askSize?: string;
}

/** By `equity/AAPL`, `crypto/BTC-USD` or `option/SPY230901P00430000`. */
export type PricePaths = Readonly<Record<string, readonly PriceRow[]>>;

export interface AnnouncedSplit {
  symbol: string;
  /** `YYYY-MM-DD` */
  exDate: string;
  ratio: string;
}

/** Fills `directory` with the files of a replay: give it to `MARKET_DATA=replay:<directory>@0`. */
export async function writeMarket(
  directory: string,
  paths: PricePaths,
  splits: readonly AnnouncedSplit[] = [],
): Promise<void> {
  for (const [path, rows] of Object.entries(paths)) await writeSymbol(directory, path, rows);
  if (splits.length === 0) return;
  const lines = splits.map(({ symbol, exDate, ratio }) => `${symbol},${exDate},${ratio}`);
  await writeFile(join(directory, 'corporate-actions.csv'), ['symbol,ex_date,ratio', ...lines, ''].join('\n'));
}

/** The market time at which the row of a minute becomes known. */
export function rowTime(minute: string): number {
  return Date.parse(`${minute}:00Z`) + 60_000;
}

/** `count` rows a minute apart, from the minute `from`, all of the same prices. */
export function steadyRows(from: string, count: number, prices: Omit<PriceRow, 'minute'>): PriceRow[] {
  const start = Date.parse(`${from}:00Z`);
  return Array.from({ length: count }, (_, index) => ({
    minute: new Date(start + index * 60_000).toISOString().slice(0, 16),
    ...prices,
  }));
}

const HEADER = 'minute_utc,open,high,low,close,volume,bid,ask,bid_size,ask_size';

async function writeSymbol(directory: string, path: string, rows: readonly PriceRow[]): Promise<void> {
  const [assetClass = '', symbol = ''] = path.split('/');
  const folder = join(directory, assetClass, assetClass === 'option' ? paddedOption(symbol) : symbol);
  await mkdir(folder, { recursive: true });
  const dayOf = ({ minute }: PriceRow) => tradingDay(assetClass as AssetClass, Date.parse(`${minute}:00Z`));
  for (const day of new Set(rows.map(dayOf))) {
    const ofDay = rows.filter((row) => dayOf(row) === day);
    await writeFile(join(folder, `${day}.csv`), [HEADER, ...ofDay.map(line), ''].join('\n'));
  }
}

function line({ minute, bid, ask, last, open, low, high, size = '10000', bidSize, askSize }: PriceRow): string {
  const trades = last === undefined ? ['', '', '', '', ''] : [open ?? last, high ?? last, low ?? last, last, '100'];
  const sizes = [bid && (bidSize ?? size), ask && (askSize ?? size)];
  return [`${minute}:00Z`, ...trades, bid, ask, ...sizes].map((field) => field ?? '').join(',');
}

/** Recorded folders carry the 21 characters of an OCC symbol, its padding written as `_`. */
function paddedOption(symbol: string): string {
  return symbol.slice(0, -15).padEnd(6, '_') + symbol.slice(-15);
}
