/** Coinbase's market socket: the best bid and ask of products, sent to everybody whenever one trades. */
import type { z } from 'zod';
import { isSymbol } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import { changes, quoted } from '../../wire/quotes.js';
import { type Following, keepStream, type Line } from '../../wire/stream.js';
import { ticker, tickerEvent } from './schemas.js';
import { SILENCE_MS, SocketTalk, socketUrl } from './stream.js';

/** Listens until it is stopped, while any symbol is wanted. */
export function followQuotes(following: Following, stop: AbortSignal): Promise<void> {
  const { account, baseUrl, access, listener } = following;
  const wanted = () => listener.symbols().filter((symbol) => isSymbol(symbol, 'crypto'));
  const wants = { wanted, onQuote: (quote: Quote) => listener.onQuote(quote) };
  const url = socketUrl(baseUrl, 'advanced-trade-ws');
  const stream = {
    ...{ account, access, listener, hasHeartbeats: true, silenceMs: SILENCE_MS },
    isWanted: () => wanted().length > 0,
    open: () => ({ url, talk: (line: Line) => new TickerTalk(line, wants) }),
  };
  return keepStream(stream, stop);
}

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
    const { more, fewer } = changes(this.asked, wanted);
    if (more.length > 0) this.line.send({ type: 'subscribe', channel: 'ticker', product_ids: more });
    if (fewer.length > 0) this.line.send({ type: 'unsubscribe', channel: 'ticker', product_ids: fewer });
    this.asked = wanted;
  }

  protected hearEvent(event: unknown, at: number): boolean {
    const heard = tickerEvent.safeParse(event).data;
    const read = heard?.tickers.map((row) => ticker.safeParse(row).data) ?? [undefined];
    for (const shown of read) {
      if (shown && this.asked.has(shown.product_id)) this.wants.onQuote(quoteOf(shown, at));
    }
    return !read.includes(undefined);
  }

  protected onSubscribed(): void {
    this.line.ready();
  }

  /** The next ticker has all there is to know. */
  protected onGap(): void {}
}

function quoteOf(shown: Ticker, at: number): Quote {
  return {
    symbol: shown.product_id,
    ...quoted('bid', shown.best_bid, shown.best_bid_quantity),
    ...quoted('ask', shown.best_ask, shown.best_ask_quantity),
    ...quoted('last', shown.price),
    at,
  };
}
