/** The streams of market data (wire contract, section 10): each message is a list. Keys only; options are not spoken. */
import { z } from 'zod';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { StreamLine } from '../stream-line.js';
import type { WebSocketConnection } from '../web-socket.js';
import type { Callers } from './callers.js';
import { quoteView, tradeView } from './market-data.js';
import { fromAlpacaSymbol, toAlpacaSymbol } from './symbols.js';

const SIGN_IN_MS = 10_000;
/** without a paid plan */
const MOST_SYMBOLS = 30;

const names = z.array(z.string()).default([]);
const message = z.discriminatedUnion('action', [
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.object({ action: z.literal('subscribe'), quotes: names, trades: names }),
  z.object({ action: z.literal('unsubscribe'), quotes: names, trades: names }),
]);
type Message = z.infer<typeof message>;

export type Serve = (connection: WebSocketConnection) => void;

/** The stream of one kind of assets. */
export function createQuoteStream(simulator: Simulator, callers: Callers, assetClass: 'equity' | 'crypto'): Serve {
  const feed = new QuoteFeed(simulator.exchange);
  const signedIn = new Set<string>();
  return (connection) => {
    const client = new Client(new StreamLine(simulator, connection), { callers, signedIn, assetClass });
    feed.add(client);
    const late = setTimeout(() => client.endUnlessSignedIn(), SIGN_IN_MS);
    connection.onClose = () => {
      clearTimeout(late);
      feed.delete(client);
      client.leave();
    };
    connection.onMessage = (text) => client.hear(text);
  };
}

class Client {
  private account: string | undefined;
  private readonly quotes = new Set<string>();
  private readonly trades = new Set<string>();

  constructor(
    private readonly line: StreamLine,
    private readonly of: { callers: Callers; signedIn: Set<string>; assetClass: 'equity' | 'crypto' },
  ) {
    line.send([{ T: 'success', msg: 'connected' }]);
  }

  hear(text: string): void {
    const asked = message.safeParse(parsed(text));
    if (!asked.success) this.fail(400, 'invalid syntax');
    else if (asked.data.action === 'auth') this.signIn(asked.data);
    else if (this.account === undefined) this.fail(401, 'not authenticated');
    else this.subscribe(asked.data);
  }

  symbols(): Iterable<string> {
    return new Set([...this.quotes, ...this.trades]);
  }

  draw(symbol: string): PlannedFault | undefined {
    return this.line.draw({ broker: 'alpaca', operation: 'quote', account: this.account, symbol });
  }

  onQuote(quote: Quote, fault: PlannedFault | undefined): void {
    const S = toAlpacaSymbol(quote.symbol);
    const trade = this.trades.has(quote.symbol) ? tradeView(quote) : undefined;
    const told = [
      ...(this.quotes.has(quote.symbol) ? [{ T: 'q', S, ...quoteView(quote) }] : []),
      ...(trade ? [{ T: 't', S, ...trade }] : []),
    ];
    void this.line.tell(told, fault);
  }

  endUnlessSignedIn(): void {
    if (this.account !== undefined) return;
    this.fail(404, 'auth timeout');
    this.line.cut();
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
    this.line.send([{ T: 'success', msg: 'authenticated' }]);
  }

  private subscribe({ action, ...asked }: Exclude<Message, { action: 'auth' }>): void {
    const change = { quotes: this.known(asked.quotes), trades: this.known(asked.trades) };
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
    this.line.send([{ T: 'subscription', ...lists, bars: [] }]);
  }

  private known(asked: readonly string[]): string[] {
    return asked.flatMap((name) => {
      const symbol = fromAlpacaSymbol(name);
      return symbol !== undefined && assetClassOf(symbol) === this.of.assetClass ? [symbol] : [];
    });
  }

  private fail(code: number, msg: string): void {
    this.line.send([{ T: 'error', code, msg }]);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
