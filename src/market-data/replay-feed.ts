import { resolve } from 'node:path';
import { sessionAt, tradingDay } from '../domain/calendar.js';
import type { AssetClass } from '../domain/instrument.js';
import type { MarketSession, Split } from '../domain/market.js';
import { type MarketEvent, type PriceEvent, splitEvent } from '../matching/event.js';
import type { MarketFeed } from './feed.js';
import { listRecordedSymbols, type RecordedSymbol } from './replay-folder.js';
import { ReplaySymbol } from './replay-symbol.js';

/** Two rows' time. */
const STALE_AFTER_MS = 120_000;

/** The days on which a class of instruments was recorded, and when its recording ends. */
interface Recording {
  days: ReadonlySet<string>;
  endsAt: number;
}

/** A market that replays recorded days. It is closed on other days and after the last row. */
export class ReplayFeed implements MarketFeed {
  readonly staleAfterMs = STALE_AFTER_MS;

  private constructor(
    readonly id: string,
    /** the time of the earliest row */
    readonly startsAt: number,
    private readonly recorded: ReadonlyMap<string, RecordedSymbol & { prices: ReplaySymbol }>,
    private readonly recordings: ReadonlyMap<AssetClass, Recording>,
  ) {}

  /** @throws Error when the folder has no market data or files in another layout. */
  static async open(directory: string): Promise<ReplayFeed> {
    const folder = resolve(directory);
    const listed = await listRecordedSymbols(folder);
    const symbols = listed.map((symbol) => ({ ...symbol, prices: new ReplaySymbol(symbol) }));
    const recordings = new Map<AssetClass, Recording>();
    for (const assetClass of new Set(symbols.map((symbol) => symbol.assetClass))) {
      recordings.set(assetClass, await recordingOf(symbols.filter((symbol) => symbol.assetClass === assetClass)));
    }
    const firstDay = symbols.map((symbol) => firstDayOf(symbol)).reduce((one, other) => (one < other ? one : other));
    const earliest = symbols.filter((symbol) => firstDayOf(symbol) === firstDay);
    const starts = await Promise.all(earliest.map(({ prices }) => prices.firstAt()));
    const startsAt = Math.min(...starts.filter((at) => at !== undefined));
    if (!Number.isFinite(startsAt)) throw new Error(`the first day in ${folder}, ${firstDay}, has no rows`);
    const bySymbol = new Map(symbols.map((symbol) => [symbol.symbol, symbol]));
    return new ReplayFeed(`replay:${folder}`, startsAt, bySymbol, recordings);
  }

  symbols(): readonly string[] {
    return [...this.recorded.keys()];
  }

  knows(symbol: string): boolean {
    return this.recorded.has(symbol);
  }

  async latest(symbol: string, at: number): Promise<PriceEvent | undefined> {
    return this.recorded.get(symbol)?.prices.latest(at);
  }

  async events(symbol: string, from: number, to: number): Promise<readonly MarketEvent[]> {
    const prices = (await this.recorded.get(symbol)?.prices.events(from, to)) ?? [];
    const splits = this.splits(symbol, from, to).map(splitEvent);
    // Sorting is stable, so that a split comes before the prices of the same instant.
    return splits.length === 0 ? prices : [...splits, ...prices].sort((one, other) => one.at - other.at);
  }

  splits(symbol: string, from: number, to: number): readonly Split[] {
    return this.recorded.get(symbol)?.splits.filter((split) => split.at > from && split.at <= to) ?? [];
  }

  session(assetClass: AssetClass, at: number, symbol?: string): MarketSession {
    const recording = this.recordings.get(assetClass);
    if (!recording || at > recording.endsAt || !recording.days.has(tradingDay(assetClass, at))) return 'closed';
    return sessionAt(assetClass, at, symbol);
  }
}

function firstDayOf(symbol: RecordedSymbol): string {
  return symbol.days[0]?.day ?? '';
}

async function recordingOf(symbols: readonly (RecordedSymbol & { prices: ReplaySymbol })[]): Promise<Recording> {
  const days = new Set(symbols.flatMap((symbol) => symbol.days.map(({ day }) => day)));
  const lastDay = [...days].reduce((one, other) => (one > other ? one : other));
  const latest = symbols.filter((symbol) => symbol.days.at(-1)?.day === lastDay);
  const ends = await Promise.all(latest.map(({ prices }) => prices.lastAt()));
  return { days, endsAt: Math.max(...ends.filter((at) => at !== undefined)) };
}
