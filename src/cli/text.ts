/** Tables, fields, short ids and times, as people read them. */
import { stripVTControlCharacters } from 'node:util';
import { Decimal } from '../domain/decimal.js';
import type { Paint } from './context.js';

/** Enough digits to distinguish one person's trades. */
const SHORT = 8;

export function shortId(id: string): string {
  return id.slice(0, SHORT);
}

/** The ids for a list: short where they are unique in it, else in full. */
export function shortIds(ids: readonly string[]): string[] {
  const short = ids.map(shortId);
  return ids.map((id) => (short.filter((each) => each === shortId(id)).length === 1 ? shortId(id) : id));
}

/** Columns are as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => lengthShown(row[column]))));
  const padded = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - lengthShown(cell));
  return all.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}

/** Colours take no place. */
function lengthShown(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}

/** A line for each field. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[]): string {
  return fields.map(([name, value]) => `${name.padEnd(8)}${value}`).join('\n');
}

export function gainText(amount: string, paint: Paint): string {
  const gain = Decimal.parse(amount);
  return gain.isZero() ? amount : paint(gain.isNegative() ? 'red' : 'green', amount);
}

/** `2026-03-02 14:30:00`, UTC. */
export function shortTime(text: string): string {
  return text.slice(0, 19).replace('T', ' ');
}
