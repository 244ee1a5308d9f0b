/** One row of a recorded day, as `market-data/README.md` describes the layout. */
import { Decimal } from '../domain/decimal.js';

const MINUTE_MS = 60_000;
/** Decimals of a recorded size that are meaningful; further ones are floating-point noise. */
const FRACTION_DIGITS = 18;

/** Fields by column. */
type Fields = Readonly<Partial<Record<string, string>>>;

export interface RecordedRow {
  /** the end of its minute, when the whole row is known */
  at: number;
  open: Decimal | undefined;
  low: Decimal | undefined;
  high: Decimal | undefined;
  close: Decimal | undefined;
  bid: Decimal | undefined;
  ask: Decimal | undefined;
  bidSize: Decimal | undefined;
  askSize: Decimal | undefined;
}

/** @throws Error when a field is not what its column holds. */
export function parseRow(fields: Fields): RecordedRow {
  const minute = Date.parse(fields.minute_utc ?? '');
  if (Number.isNaN(minute)) throw new Error(`minute_utc is not a time: ${JSON.stringify(fields.minute_utc)}`);
  return {
    at: minute + MINUTE_MS,
    open: price(fields, 'open'),
    low: price(fields, 'low'),
    high: price(fields, 'high'),
    close: price(fields, 'close'),
    bid: price(fields, 'bid'),
    ask: price(fields, 'ask'),
    bidSize: number(fields, 'bid_size'),
    askSize: number(fields, 'ask_size'),
  };
}

/** A price of zero or less means that the side is not quoted. */
function price(fields: Fields, column: string): Decimal | undefined {
  const value = number(fields, column);
  return value?.isPositive() ? value : undefined;
}

function number(fields: Fields, column: string): Decimal | undefined {
  const text = fields[column];
  if (text === undefined) throw new Error(`the column ${column} is missing`);
  if (text === '') return undefined;
  const point = text.indexOf('.');
  const value = Decimal.tryParse(point < 0 ? text : text.slice(0, point + 1 + FRACTION_DIGITS));
  if (value === undefined) throw new Error(`${column} is not a number: ${JSON.stringify(text)}`);
  return value;
}
