import { z } from 'zod';
import { type Decimal, decimal } from '../domain/decimal.js';
import { type AssetClass, isSymbol } from '../domain/instrument.js';
import type { MarketSession } from '../domain/market.js';
import type { PriceEvent } from '../matching/event.js';
import type { MarketFeed } from './feed.js';

/** Coinbase Exchange's public prices, which need no key. */
const PUBLIC_PRICES = 'https://api.exchange.coinbase.com';
const STALE_AFTER_MS = 15_000;
/** The shortest time between requests for prices: the public limit is ten requests per second, and each update takes two. */
const REFRESH_AFTER_MS = 1_000;
const REQUEST_TIMEOUT_MS = 3_000;
/** How many past prices of a symbol are kept, for accounts that are brought up to date later. */
const PRICES_KEPT = 900;
const LISTED = ['BTC-USD', 'ETH-USD', 'LTC-USD', 'SOL-USD'];

const decimalText = z.string().regex(/^\d{1,18}(\.\d{1,18})?$/);
const tickerAnswer = z.object({ trade_id: z.number(), price: decimalText });
const level = z.tuple([decimalText, decimalText], z.unknown());
const bookAnswer = z.object({ bids: z.array(level), asks: z.array(level) });

/** The feed's source cannot be reached or gives no valid answer. */
export class PricesUnavailable extends Error {
  override readonly name = 'PricesUnavailable';
}

interface Watched {
  prices: PriceEvent[];
  tradeId: number;
  refreshing: Promise<void> | undefined;
  triedAt: number;
  failure: PricesUnavailable | undefined;
}

/**
 * Live crypto prices in real time. Prices that were not fetched are never known, so orders are matched only
 * against prices that were fetched.
 */
export class CoinbaseFeed implements MarketFeed {
  readonly id = 'coinbase';
  readonly staleAfterMs = STALE_AFTER_MS;
  private readonly watched = new Map<string, Watched>();

  constructor(private readonly baseUrl: string = PUBLIC_PRICES) {}

  symbols(): readonly string[] {
    return LISTED;
  }

  knows(symbol: string): boolean {
    return isSymbol(symbol, 'crypto');
  }

  /** @throws PricesUnavailable when the last prices are stale and newer ones cannot be fetched. */
  async latest(symbol: string): Promise<PriceEvent | undefined> {
    return this.knows(symbol) ? (await this.refreshed(symbol)).at(-1) : undefined;
  }

  /** @throws PricesUnavailable as `latest` does. */
  async events(symbol: string, from: number, to: number): Promise<readonly PriceEvent[]> {
    if (!this.knows(symbol)) return [];
    return (await this.refreshed(symbol)).filter((event) => event.at > from && event.at <= to);
  }

  splits(): readonly [] {
    return [];
  }

  session(assetClass: AssetClass): MarketSession {
    return assetClass === 'crypto' ? 'regular' : 'closed';
  }

  private async refreshed(symbol: string): Promise<readonly PriceEvent[]> {
    const watched = this.watch(symbol);
    if (Date.now() - watched.triedAt >= REFRESH_AFTER_MS) {
      watched.triedAt = Date.now();
      watched.refreshing = this.refresh(symbol, watched);
    }
    await watched.refreshing;
    const newest = watched.prices.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (watched.failure && Date.now() - newest > STALE_AFTER_MS) throw watched.failure;
    return watched.prices;
  }

  private watch(symbol: string): Watched {
    const known = this.watched.get(symbol);
    if (known) return known;
    const watched: Watched = { prices: [], tradeId: 0, refreshing: undefined, triedAt: 0, failure: undefined };
    this.watched.set(symbol, watched);
    return watched;
  }

  /** Never throws: the failure is kept, and thrown to callers that find no fresh price. */
  private async refresh(symbol: string, watched: Watched): Promise<void> {
    try {
      const [ticker, book] = await Promise.all([
        this.get(`/products/${symbol}/ticker`, tickerAnswer),
        this.get(`/products/${symbol}/book?level=1`, bookAnswer),
      ]);
      const traded = ticker.trade_id !== watched.tradeId;
      watched.tradeId = ticker.trade_id;
      watched.prices.push(priceEvent(symbol, decimal(ticker.price), traded, book));
      if (watched.prices.length > PRICES_KEPT) watched.prices.shift();
      watched.failure = undefined;
    } catch (error) {
      const message = `no prices of ${symbol} from ${this.baseUrl}: is there a connection to the internet?`;
      watched.failure = new PricesUnavailable(message, { cause: error });
    }
  }

  private async get<Answer>(path: string, answer: z.ZodType<Answer>): Promise<Answer> {
    const response = await fetch(this.baseUrl + path, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: { 'user-agent': 'arbion' },
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return answer.parse(await response.json());
  }
}

function priceEvent(symbol: string, last: Decimal, traded: boolean, book: z.infer<typeof bookAnswer>): PriceEvent {
  const [bid] = book.bids;
  const [ask] = book.asks;
  return {
    ...{ kind: 'prices', symbol, at: Date.now(), last },
    ...(bid && { bid: decimal(bid[0]), bidSize: decimal(bid[1]) }),
    ...(ask && { ask: decimal(ask[0]), askSize: decimal(ask[1]) }),
    ...(traded && { low: last, high: last }),
  };
}
