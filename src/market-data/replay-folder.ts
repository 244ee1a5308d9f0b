/** Reads a folder of recorded market data in the layout of `market-data/README.md`. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { newYorkMidnight } from '../domain/calendar.js';
import { Decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { Split } from '../domain/market.js';
import { parseRow, type RecordedRow } from './replay-row.js';

const ASSET_CLASSES: readonly AssetClass[] = ['equity', 'crypto', 'option'];
const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.csv$/;
const CORPORATE_ACTIONS = 'corporate-actions.csv';

export interface RecordedDay {
  /** `YYYY-MM-DD` */
  day: string;
  path: string;
}

export interface RecordedSymbol {
  symbol: string;
  assetClass: AssetClass;
  /** in order, at least one */
  days: readonly RecordedDay[];
  splits: readonly Split[];
}

/** @throws Error when the folder holds no recorded day. */
export async function listRecordedSymbols(directory: string): Promise<RecordedSymbol[]> {
  const splits = await readSplits(join(directory, CORPORATE_ACTIONS));
  const perClass = ASSET_CLASSES.map((assetClass) => listClass(directory, assetClass, splits));
  const symbols = (await Promise.all(perClass)).flat();
  if (symbols.length > 0) return symbols;
  throw new Error(`no market data in ${directory}: expected files such as equity/SPY/2013-10-08.csv`);
}

async function listClass(directory: string, assetClass: AssetClass, splits: readonly Split[]) {
  const folder = join(directory, assetClass);
  const names = await namesIn(folder);
  const symbols = names.map(async (name): Promise<RecordedSymbol> => {
    // Folders of options are padded with `_` to the 21 characters of an OCC symbol.
    const symbol = assetClass === 'option' ? name.replaceAll(/[ _]/g, '') : name;
    const days = await listDays(join(folder, name));
    return { symbol, assetClass, days, splits: splits.filter((split) => split.symbol === symbol) };
  });
  return (await Promise.all(symbols)).filter(({ days }) => days.length > 0);
}

async function listDays(folder: string): Promise<RecordedDay[]> {
  const names = await namesIn(folder);
  return names.flatMap((name) => {
    const day = DAY_FILE.exec(name)?.[1];
    return day === undefined ? [] : [{ day, path: join(folder, name) }];
  });
}

/** The names in a folder, in order; none when the folder does not exist. */
async function namesIn(folder: string): Promise<string[]> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? (await readdir(folder)).sort() : [];
}

/** The rows of a day's file in order. @throws Error that names file and line when the file does not follow the layout. */
export async function readDay(path: string): Promise<RecordedRow[]> {
  const rows: RecordedRow[] = [];
  for await (const fields of recordsOf(path)) {
    try {
      rows.push(parseRow(fields));
    } catch (error) {
      throw new Error(`${path}, row ${rows.length + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return rows;
}

/** Corporate actions take effect at the start of their ex-date in New York. */
async function readSplits(path: string): Promise<Split[]> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const splits: Split[] = [];
  if (!exists) return splits;
  for await (const { symbol = '', ex_date: exDate = '', ratio = '' } of recordsOf(path)) {
    const parsed = Decimal.tryParse(ratio);
    const at = newYorkMidnight(exDate);
    if (!parsed?.isPositive() || Number.isNaN(at))
      throw new Error(`${path}: not a split: ${symbol},${exDate},${ratio}`);
    splits.push({ symbol, ratio: parsed.toString(), at });
  }
  return splits.sort((one, other) => one.at - other.at);
}

async function* recordsOf(path: string): AsyncGenerator<Record<string, string>> {
  const parser = parse({ columns: true, skip_empty_lines: true, trim: true });
  createReadStream(path)
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  for await (const record of parser) yield record as Record<string, string>;
}
