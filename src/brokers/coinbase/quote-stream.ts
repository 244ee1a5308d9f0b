/** Coinbase's market socket: the best bid and ask of products, told to everybody whenever one trades. */
import { z } from 'zod';
import type { BrokerAccess } from '../../broker-port/access.js';
import type { BrokerListener } from '../../broker-port/broker.js';
import { isSymbol } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { keepStream, type Line } from '../../wire/stream.js';
import { ticker } from './schemas.js';
import { SILENCE_MS, SocketTalk, socketUrl } from './socket.js';

export interface QuoteStreamOptions {
  account: string;
  /** the same as the adapter's */
  baseUrl: string;
  access: BrokerAccess;
  listener: Pick<BrokerListener, 'symbols' | 'onQuote' | 'onLost' | 'onUnknown'>;
}

/** Listens until it is told to stop, while any symbol is wanted. */
export function followQuotes(options: QuoteStreamOptions, stop: AbortSignal): Promise<void> {
  const { account, baseUrl, access, listener } = options;
  const wanted = () => listener.symbols().filter((symbol) => isSymbol(symbol, 'crypto'));
  const wants = { wanted, onQuote: (quote: Quote) => listener.onQuote(quote) };
  const url = socketUrl(baseUrl, 'advanced-trade-ws');
  const stream = {
    ...{ account, access, hasHeartbeats: true, silenceMs: SILENCE_MS },
    isWanted: () => wanted().length > 0,
    open: () => ({ url, talk: (line: Line) => new TickerTalk(line, wants) }),
    onLost: (detail: string) => listener.onLost(detail),
    onUnknown: (detail: string) => listener.onUnknown(detail),
  };
  return keepStream(stream, stop);
}

const tickerEvent = z.object({ tickers: z.array(ticker) });
type Ticker = z.infer<typeof ticker>;

class TickerTalk extends SocketTalk {
  private asked: ReadonlySet<string> = new Set();

  constructor(
    line: Line,
    private readonly wants: { wanted(): readonly string[]; onQuote(quote: Quote): void },
  ) {
    super(line, 'ticker');
  }

  begin(): void {
    this.line.send({ type: 'subscribe', channel: 'heartbeats' });
    this.tick();
  }

  tick(): void {
    const wanted = new Set(this.wants.wanted());
    const more = [...wanted].filter((symbol) => !this.asked.has(symbol));
    const fewer = [...this.asked].filter((symbol) => !wanted.has(symbol));
    if (more.length > 0) this.line.send({ type: 'subscribe', channel: 'ticker', product_ids: more });
    if (fewer.length > 0) this.line.send({ type: 'unsubscribe', channel: 'ticker', product_ids: fewer });
    this.asked = wanted;
  }

  protected hearEvent(event: unknown, at: number): boolean {
    const heard = tickerEvent.safeParse(event).data;
    for (const told of heard?.tickers ?? []) if (this.asked.has(told.product_id)) this.wants.onQuote(quoteOf(told, at));
    return heard !== undefined;
  }

  protected onSubscribed(): void {
    this.line.settled();
  }

  /** The next ticker tells all there is to know. */
  protected onGap(): void {}
}

function quoteOf(told: Ticker, at: number): Quote {
  const { product_id: symbol, best_bid: bid, best_bid_quantity: bidSize } = told;
  const { best_ask: ask, best_ask_quantity: askSize, price: last } = told;
  return {
    symbol,
    ...(bid !== undefined && { bid, ...(bidSize !== undefined && { bidSize }) }),
    ...(ask !== undefined && { ask, ...(askSize !== undefined && { askSize }) }),
    ...(last !== undefined && { last }),
    at,
  };
}
