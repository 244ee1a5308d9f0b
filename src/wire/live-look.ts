import { BrokerUnavailable } from '../broker-port/broker.js';
import type { Listing } from '../broker-port/listing.js';
import { sessionAt } from '../domain/calendar.js';
import type { DecimalString } from '../domain/decimal.js';
import { type AssetClass, parseOptionSymbol } from '../domain/instrument.js';
import type { MarketLook, Position, Quote } from '../domain/market.js';
import type { BrokerOrder } from '../domain/order.js';
import { SharedReads } from './shared-reads.js';

/** What an adapter can read; each of them is one call, or a few. */
export interface LiveReads {
  /** the account's orders of late, in any state */
  recentOrders(account: string): Promise<BrokerOrder[]>;
  order(account: string, orderId: string): Promise<BrokerOrder | undefined>;
  positions(account: string): Promise<Listing<Position>>;
  /** heard at most `ageMs` ago */
  quote(symbol: string, account: string, ageMs: number): Promise<Quote | undefined>;
}

/** Looks that come together share their reads for so long. */
const FRESH_MS = 500;
/** Live quotes older than this are stale. */
const LIVE_STALE_AFTER_MS = 15_000;

/**
 * Looks of many trades at one account, made of as few calls as possible: one for the orders, one for the positions. Their
 * quotes are the book's. An order that the list does not show is read by itself: its own read decides.
 */
export class LiveLooks {
  private readonly orders: SharedReads<string, BrokerOrder[]>;
  private readonly positions: SharedReads<string, Listing<Position>>;

  constructor(private readonly reads: LiveReads) {
    this.orders = new SharedReads((account) => reads.recentOrders(account), FRESH_MS);
    this.positions = new SharedReads((account) => reads.positions(account), FRESH_MS);
  }

  /** `now`: the market's time, which is the wall's. None of these brokers announces a split. */
  async look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    { quoteAgeMs, now }: { quoteAgeMs: number; now: number },
  ): Promise<MarketLook> {
    const [quote, orders, positions] = await Promise.all([
      this.reads.quote(symbol, account, quoteAgeMs).catch(noQuote),
      this.ordersOf(account, orderIds),
      this.positions.get(account),
    ]);
    return {
      marketTime: now,
      session: sessionAt(assetClass, now, symbol),
      staleAfterMs: LIVE_STALE_AFTER_MS,
      ...(quote && { quote }),
      orders,
      position: heldOf(symbol, positions),
    };
  }

  private async ordersOf(account: string, orderIds: readonly string[]): Promise<BrokerOrder[]> {
    if (orderIds.length === 0) return [];
    const listed = await this.orders.get(account);
    const orders = orderIds.map((id) => listed.find(({ orderId }) => orderId === id) ?? this.reads.order(account, id));
    return (await Promise.all(orders)).filter((order) => order !== undefined);
  }
}

/** @throws BrokerUnavailable when the position is there and cannot be read: it is not none. */
function heldOf(symbol: string, { rows, passedOver }: Listing<Position>): DecimalString {
  const underlying = parseOptionSymbol(symbol)?.root;
  const unreadable = passedOver.find(
    (row) => row.symbol === symbol || (underlying !== undefined && row.optionOn === underlying),
  );
  if (unreadable) throw new BrokerUnavailable(`the position in ${symbol} cannot be read: ${unreadable.reason}`);
  return rows.find((row) => row.symbol === symbol)?.quantity ?? ('0' as DecimalString);
}

/** A fill must not go unseen because a price could not be read: a look without a quote is one that judges no price. */
function noQuote(error: unknown): undefined {
  if (error instanceof BrokerUnavailable) return undefined;
  throw error;
}
