/** Each symbol's prices (those that were set, else the feed's), halts and sessions. */
import { sessionAt } from '../../domain/calendar.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { type AssetClass, assetClassOf, type Instrument, priceTick } from '../../domain/instrument.js';
import type { MarketSession } from '../../domain/market.js';
import type { MarketEvent, PriceEvent } from '../../matching/event.js';
import type { DocumentStore, Documents } from './documents.js';

/** The source of prices that nobody sets: the part of a market-data feed that the exchange uses. */
export interface PriceSource {
  knows(symbol: string): boolean;
  symbols(at: number): readonly string[];
  latest(symbol: string, at: number): Promise<PriceEvent | undefined>;
  events(symbol: string, from: number, to: number): Promise<readonly MarketEvent[]>;
}

/** Prices as they are set. A `last` in the change is a trade at that price. */
export interface SetPrices {
  symbol: string;
  bid?: DecimalString | undefined;
  ask?: DecimalString | undefined;
  last?: DecimalString | undefined;
  bidSize?: DecimalString | undefined;
  askSize?: DecimalString | undefined;
  /** the step of its prices; its class's own where it is not set */
  increment?: DecimalString | undefined;
}

type StoredPrices = SetPrices & { at: number; traded: boolean };
/** `until` in epoch milliseconds; absent: until it is lifted */
type Halt = { until?: number };
type ForcedSession = Halt & { session: 'regular' | 'closed' };

const ALL = 'all';
const HUNDRED = Decimal.ofInteger(100);
/** The most market time that is matched after a jump of the clock. */
const LONGEST_CATCH_UP_MS = 10 * 60_000;

export class Market {
  private readonly own: Documents<StoredPrices>;
  private readonly halts: Documents<Halt>;
  private readonly forced: Documents<ForcedSession>;

  constructor(
    documents: DocumentStore,
    private readonly source: PriceSource,
  ) {
    this.own = documents.collection('prices');
    this.halts = documents.collection('halts');
    this.forced = documents.collection('sessions');
  }

  knows(symbol: string): boolean {
    return this.own.get(symbol) !== undefined || this.source.knows(symbol);
  }

  symbols(at: number): string[] {
    return [...new Set([...this.own.entries().map(([symbol]) => symbol), ...this.source.symbols(at)])];
  }

  isOwn(symbol: string): boolean {
    return this.own.get(symbol) !== undefined;
  }

  ownSymbols(): string[] {
    return this.own.entries().map(([symbol]) => symbol);
  }

  sessionAt(assetClass: AssetClass, at: number, symbol?: string): MarketSession {
    const forced = assetClass === 'crypto' ? undefined : this.forced.get(ALL);
    return forced && isActive(forced, at) ? forced.session : sessionAt(assetClass, at, symbol);
  }

  /** `undefined` returns to the calendar. */
  forceSession(session: 'regular' | 'closed' | undefined, until?: number): void {
    if (session === undefined) this.forced.delete(ALL);
    else this.forced.set(ALL, { session, ...(until !== undefined && { until }) });
  }

  isHalted(symbol: string, at: number): boolean {
    const halt = this.halts.get(symbol) ?? this.halts.get(ALL);
    return halt !== undefined && isActive(halt, at);
  }

  /** Without a symbol, halts everything. */
  halt(symbol: string | undefined, until?: number): void {
    this.halts.set(symbol ?? ALL, until === undefined ? {} : { until });
  }

  resume(symbol: string | undefined): void {
    const keys = symbol === undefined ? this.halts.entries().map(([key]) => key) : [symbol, ALL];
    for (const key of keys) this.halts.delete(key);
  }

  /** Whether the venue takes an order at this price. */
  isOnGrid(instrument: Instrument, price: Decimal): boolean {
    const increment = this.own.get(instrument.symbol)?.increment;
    return price.isMultipleOf(increment === undefined ? priceTick(instrument, price) : decimal(increment));
  }

  /** Sets the prices from `at` on. Prices that the change leaves out stay, as does the increment; sizes do not. */
  set(prices: SetPrices, at: number): PriceEvent {
    const { bid, ask, last, increment } = this.own.get(prices.symbol) ?? {};
    const given = withoutUndefined(prices);
    this.own.set(prices.symbol, {
      ...withoutUndefined({ bid, ask, last, increment }),
      ...given,
      at,
      traded: given.last !== undefined,
    });
    return this.priceEvent(prices.symbol, at);
  }

  /** Repeats the prices that were set as an event at `at`: after a halt, or when a session opens. */
  repeat(symbol: string, at: number): PriceEvent {
    const known = this.own.get(symbol);
    if (known === undefined) throw new RangeError(`no prices of ${symbol} were set`);
    this.own.set(symbol, { ...known, at, traded: known.last !== undefined });
    return this.priceEvent(symbol, at);
  }

  /** Moves all prices of a symbol by a percentage in one jump. */
  async gap(symbol: string, percent: Decimal, at: number): Promise<PriceEvent | undefined> {
    const before = await this.latest(symbol, at);
    if (before === undefined) return undefined;
    const moved = (price: Decimal | undefined) => price && movedBy(symbol, price, percent);
    const [bid, ask, last] = [before.bid, before.ask, before.last ?? before.bid].map(moved);
    const texts = { bid: bid?.toString(), ask: ask?.toString(), last: last?.toString() };
    return this.set({ symbol, ...texts }, at);
  }

  /** The latest prices of a symbol: those that were set, else the feed's. */
  async latest(symbol: string, at: number): Promise<PriceEvent | undefined> {
    if (this.isOwn(symbol)) return this.priceEvent(symbol, at);
    const event = this.source.knows(symbol) ? await this.source.latest(symbol, at) : undefined;
    return event && this.isHalted(symbol, at) ? { ...event, halted: true } : event;
  }

  /** The feed's events in (from, to]. Prices that were set are events only when they are set. */
  async events(symbol: string, from: number, to: number): Promise<readonly MarketEvent[]> {
    if (this.isOwn(symbol) || !this.source.knows(symbol)) return [];
    const events = await this.source.events(symbol, Math.max(from, to - LONGEST_CATCH_UP_MS), to);
    return events.filter((event) => !this.isHalted(symbol, event.at));
  }

  private priceEvent(symbol: string, at: number): PriceEvent {
    const stored = this.own.get(symbol);
    if (stored === undefined) throw new RangeError(`no prices of ${symbol} were set`);
    const { bid, ask, last, bidSize, askSize, traded } = stored;
    return {
      ...{ kind: 'prices', symbol, at: stored.at },
      ...(bid && { bid: decimal(bid) }),
      ...(ask && { ask: decimal(ask) }),
      ...(bidSize && { bidSize: decimal(bidSize) }),
      ...(askSize && { askSize: decimal(askSize) }),
      ...(last && { last: decimal(last) }),
      ...(last && traded && { low: decimal(last), high: decimal(last) }),
      ...(this.isHalted(symbol, at) && { halted: true }),
    };
  }
}

function isActive({ until }: Halt, at: number): boolean {
  return until === undefined || at < until;
}

function movedBy(symbol: string, price: Decimal, percent: Decimal): Decimal {
  const moved = price.times(HUNDRED.plus(percent)).dividedBy(HUNDRED);
  return moved.roundedToTick(priceTick({ symbol, assetClass: assetClassOf(symbol) ?? 'equity' }, moved), 'half_even');
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Name in keyof Value]: Exclude<Value[Name], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Value]: Exclude<Value[Name], undefined> };
}
