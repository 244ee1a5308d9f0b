/** The recorded prices of one symbol as market events, read day by day and kept while they are in use. */
import { sessionAt } from '../domain/calendar.js';
import type { Decimal } from '../domain/decimal.js';
import type { PriceEvent } from '../matching/event.js';
import { type RecordedDay, type RecordedSymbol, readDay } from './replay-folder.js';
import type { RecordedRow } from './replay-row.js';
import { looksLikeSplit } from './suspected-split.js';

const DAY_MS = 86_400_000;
/** The longest time from the start of a file's day in UTC to its last row: New York's late session ends on the next UTC day. */
const LONGEST_DAY_MS = 2 * DAY_MS;
const DAYS_KEPT = 16;

/** What one day carries over to the next. */
interface Carried {
  last?: Decimal;
  suspectedSplitAt?: number;
}

export class ReplaySymbol {
  private readonly loaded = new Map<number, Promise<readonly PriceEvent[]>>();
  private readonly carried: Promise<Carried>[] = [];

  constructor(private readonly recorded: RecordedSymbol) {}

  async latest(at: number): Promise<PriceEvent | undefined> {
    for (let index = this.lastDayStartedBy(at); index >= 0; index--) {
      const found = (await this.day(index)).findLast((event) => event.at <= at);
      if (found) return found;
    }
    return undefined;
  }

  /** Price events in (from, to]. */
  async events(from: number, to: number): Promise<PriceEvent[]> {
    const last = this.lastDayStartedBy(to);
    const days: (readonly PriceEvent[])[] = [];
    for (let index = last; index >= 0 && this.startOf(index) + LONGEST_DAY_MS > from; index--) {
      days.unshift(await this.day(index));
    }
    return days.flat().filter((event) => event.at > from && event.at <= to);
  }

  async firstAt(): Promise<number | undefined> {
    return (await this.day(0))[0]?.at;
  }

  async lastAt(): Promise<number | undefined> {
    return (await this.day(this.recorded.days.length - 1)).at(-1)?.at;
  }

  private lastDayStartedBy(at: number): number {
    return this.recorded.days.findLastIndex((_, index) => this.startOf(index) < at);
  }

  private startOf(index: number): number {
    return Date.parse(this.dayAt(index).day);
  }

  private dayAt(index: number): RecordedDay {
    const day = this.recorded.days[index];
    if (day === undefined) throw new RangeError(`${this.recorded.symbol} has no recorded day ${index}`);
    return day;
  }

  private day(index: number): Promise<readonly PriceEvent[]> {
    const known = this.loaded.get(index);
    if (known !== undefined) return known;
    const loading = this.load(index);
    this.loaded.set(index, loading);
    // The next caller tries again to read a file that could not be read.
    loading.catch(() => this.loaded.delete(index));
    const oldest = this.loaded.keys().next().value;
    if (this.loaded.size > DAYS_KEPT && oldest !== undefined) this.loaded.delete(oldest);
    return loading;
  }

  private async load(index: number): Promise<readonly PriceEvent[]> {
    const before = await this.carriedInto(index);
    const rows = await readDay(this.dayAt(index).path);
    const suspectedSplitAt = this.suspectedSplitAt(index, rows, before);
    const events: PriceEvent[] = [];
    let last = before.last;
    for (const row of rows) {
      last = row.close ?? last;
      const suspected = suspectedSplitAt !== undefined && row.at >= suspectedSplitAt ? suspectedSplitAt : undefined;
      events.push(eventOf(this.recorded.symbol, row, last, suspected));
    }
    return events;
  }

  private carriedInto(index: number): Promise<Carried> {
    if (index === 0) return Promise.resolve({});
    const known = this.carried[index];
    if (known !== undefined) return known;
    const reading = this.day(index - 1).then(carriedBy);
    this.carried[index] = reading;
    reading.catch(() => delete this.carried[index]);
    return reading;
  }

  /** A suspected split stays until one is announced, since it is not known to which shares older prices apply. */
  private suspectedSplitAt(index: number, rows: readonly RecordedRow[], before: Carried): number | undefined {
    const { assetClass } = this.recorded;
    if (assetClass !== 'equity' || before.last === undefined || this.isSplitDay(index)) return undefined;
    for (const row of rows) {
      const session = sessionAt(assetClass, row.at - 1);
      if (looksLikeSplit(row, before.last)) return row.at;
      if (session === 'regular') break;
    }
    return before.suspectedSplitAt;
  }

  private isSplitDay(index: number): boolean {
    const start = this.startOf(index);
    const previous = index > 0 ? this.startOf(index - 1) : start - DAY_MS;
    return this.recorded.splits.some((split) => split.at > previous + DAY_MS && split.at <= start + DAY_MS);
  }
}

function carriedBy(events: readonly PriceEvent[]): Carried {
  const end = events.at(-1);
  return {
    ...(end?.last && { last: end.last }),
    ...(end?.suspectedSplitAt !== undefined && { suspectedSplitAt: end.suspectedSplitAt }),
  };
}

function eventOf(
  symbol: string,
  row: RecordedRow,
  last: Decimal | undefined,
  suspectedSplitAt: number | undefined,
): PriceEvent {
  return {
    kind: 'prices',
    symbol,
    at: row.at,
    ...(row.bid && { bid: row.bid }),
    ...(row.ask && { ask: row.ask }),
    ...(row.bidSize && { bidSize: row.bidSize }),
    ...(row.askSize && { askSize: row.askSize }),
    ...(row.low && row.high && { low: row.low, high: row.high, ...(row.open && { open: row.open }) }),
    ...(last && { last }),
    ...(suspectedSplitAt !== undefined && { suspectedSplitAt }),
  };
}
