/** The streams of market data (docs/brokers/alpaca.md, section 10): each message is a list. They take keys only, and no options. */
import { z } from 'zod';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { ServeStream, Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { StreamConnection } from '../stream-connection.js';
import type { Callers } from './callers.js';
import { framesFor } from './frames.js';
import { quoteView, tradeView } from './market-data.js';
import { fromAlpacaSymbol, toAlpacaSymbol } from './symbols.js';

const SIGN_IN_WITHIN_MS = 10_000;
/** of an account without a paid plan */
const MOST_SYMBOLS = 30;

const names = z.array(z.string()).default([]);
const message = z.discriminatedUnion('action', [
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.object({ action: z.literal('subscribe'), quotes: names, trades: names }),
  z.object({ action: z.literal('unsubscribe'), quotes: names, trades: names }),
]);
type Message = z.infer<typeof message>;

/** The stream of one asset class. */
export function createQuoteStream(
  simulator: Simulator,
  callers: Callers,
  assetClass: 'equity' | 'crypto',
): ServeStream {
  const feed = new QuoteFeed(simulator.exchange);
  const signedIn = new Set<string>();
  return (socket, headers) => {
    const connection = new StreamConnection(simulator, socket, framesFor(headers, 'text'));
    const client = new Client(connection, { callers, signedIn, assetClass });
    feed.add(client);
    const deadline = setTimeout(() => client.closeUnlessSignedIn(), SIGN_IN_WITHIN_MS);
    connection.onMessage((json) => client.receive(json));
    connection.onClose(() => {
      clearTimeout(deadline);
      feed.delete(client);
      client.leave();
    });
  };
}

class Client {
  private account: string | undefined;
  private readonly quotes = new Set<string>();
  private readonly trades = new Set<string>();

  constructor(
    private readonly connection: StreamConnection,
    private readonly of: { callers: Callers; signedIn: Set<string>; assetClass: 'equity' | 'crypto' },
  ) {
    connection.send([{ T: 'success', msg: 'connected' }]);
  }

  receive(json: unknown): void {
    const request = message.safeParse(json);
    if (!request.success) this.fail(400, 'invalid syntax');
    else if (request.data.action === 'auth') this.signIn(request.data);
    else if (this.account === undefined) this.fail(401, 'not authenticated');
    else this.subscribe(request.data);
  }

  symbols(): Iterable<string> {
    return new Set([...this.quotes, ...this.trades]);
  }

  drawFault(symbol: string): PlannedFault | undefined {
    return this.connection.drawFault({ broker: 'alpaca', operation: 'quote', account: this.account, symbol });
  }

  onQuote(quote: Quote, fault: PlannedFault | undefined): void {
    const S = toAlpacaSymbol(quote.symbol);
    const trade = this.trades.has(quote.symbol) ? tradeView(quote) : undefined;
    // Packed, it is a time; as JSON, its text.
    const t = new Date(quote.at);
    const news = [
      ...(this.quotes.has(quote.symbol) ? [{ T: 'q', S, ...quoteView(quote), t }] : []),
      ...(trade ? [{ T: 't', S, ...trade, t }] : []),
    ];
    void this.connection.sendEvent(news, fault);
  }

  closeUnlessSignedIn(): void {
    if (this.account !== undefined) return;
    this.fail(404, 'auth timeout');
    this.connection.cut();
  }

  leave(): void {
    if (this.account !== undefined) this.of.signedIn.delete(this.account);
  }

  private signIn({ key, secret }: Extract<Message, { action: 'auth' }>): void {
    const account = this.of.callers.byKey(key, secret)?.account.account;
    if (account === undefined) this.fail(402, 'auth failed');
    else if (this.of.signedIn.has(account)) this.fail(406, 'connection limit exceeded');
    else this.enter(account);
  }

  private enter(account: string): void {
    this.of.signedIn.add(account);
    this.account = account;
    this.connection.send([{ T: 'success', msg: 'authenticated' }]);
  }

  private subscribe({ action, ...names }: Exclude<Message, { action: 'auth' }>): void {
    const change = { quotes: this.symbolsIn(names.quotes), trades: this.symbolsIn(names.trades) };
    const all = new Set([...this.symbols(), ...change.quotes, ...change.trades]);
    if (action === 'subscribe' && all.size > MOST_SYMBOLS) {
      this.fail(405, 'symbol limit exceeded');
      return;
    }
    for (const kind of ['quotes', 'trades'] as const) {
      for (const symbol of change[kind]) {
        if (action === 'subscribe') this[kind].add(symbol);
        else this[kind].delete(symbol);
      }
    }
    const lists = { trades: [...this.trades].map(toAlpacaSymbol), quotes: [...this.quotes].map(toAlpacaSymbol) };
    this.connection.send([{ T: 'subscription', ...lists, bars: [] }]);
  }

  private symbolsIn(names: readonly string[]): string[] {
    return names.flatMap((name) => {
      const symbol = fromAlpacaSymbol(name);
      return symbol !== undefined && assetClassOf(symbol) === this.of.assetClass ? [symbol] : [];
    });
  }

  private fail(code: number, msg: string): void {
    this.connection.send([{ T: 'error', code, msg }]);
  }
}
