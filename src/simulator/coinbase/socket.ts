/**
 * The two web sockets (wire contract, section 10): the market's, with prices for everybody, and the user's, with the orders of
 * the key that signed. Every message of a connection has a number, those that a fault swallows too.
 */
import { z } from 'zod';
import type { Quote } from '../../domain/market.js';
import type { Account } from '../exchange/accounts.js';
import type { ExchangeOrder } from '../exchange/orders.js';
import { isOver } from '../exchange/orders.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { factsOfEvent, StreamLine } from '../stream-line.js';
import type { WebSocketConnection } from '../web-socket.js';
import type { Callers } from './callers.js';
import { streamedOrder, tickerView } from './socket-views.js';

const SUBSCRIBE_WITHIN_MS = 5_000;
const HEARTBEAT_MS = 1_000;
const LONGEST_QUIET_MS = 90_000;
const SNAPSHOT_SIZE = 50;
const CHANNELS = { market: ['heartbeats', 'ticker'], user: ['heartbeats', 'user'] } as const;

const message = z.object({
  type: z.enum(['subscribe', 'unsubscribe']),
  channel: z.string(),
  product_ids: z.array(z.string()).default([]),
  jwt: z.string().optional(),
});
type Message = z.infer<typeof message>;

export function createSocket(simulator: Simulator, callers: Callers, side: keyof typeof CHANNELS) {
  const feed = new QuoteFeed(simulator.exchange);
  const clients = new Set<Client>();
  simulator.exchange.onOrderEvent((order) => {
    for (const client of clients) client.onOrder(order);
  });
  return (connection: WebSocketConnection) => {
    const client = new Client(simulator, new StreamLine(simulator, connection), { callers, side });
    clients.add(client);
    feed.add(client);
    const beat = setInterval(() => client.beat(), HEARTBEAT_MS);
    connection.onClose = () => {
      clearInterval(beat);
      feed.delete(client);
      clients.delete(client);
    };
    connection.onMessage = (text) => client.hear(text);
  };
}

class Client {
  /** by channel, the products asked for */
  private readonly subscriptions = new Map<string, Set<string>>();
  private account: Account | undefined;
  private messages = 0;
  private beats = 0;
  private spokenAt = Date.now();

  constructor(
    private readonly simulator: Simulator,
    private readonly line: StreamLine,
    private readonly of: { callers: Callers; side: keyof typeof CHANNELS },
  ) {}

  hear(text: string): void {
    const asked = message.safeParse(parsed(text)).data;
    const offered: readonly string[] = CHANNELS[this.of.side];
    if (!asked || !offered.includes(asked.channel)) this.fail('failed to parse message: channel or type is unknown');
    else if (asked.type === 'unsubscribe') this.unsubscribe(asked);
    else this.subscribe(asked);
  }

  symbols(): Iterable<string> {
    return this.subscriptions.get('ticker') ?? [];
  }

  draw(symbol: string): PlannedFault | undefined {
    return this.line.draw({ broker: 'coinbase', operation: 'quote', symbol });
  }

  onQuote(quote: Quote, fault: PlannedFault | undefined): void {
    const event = { type: 'update', tickers: [tickerView(quote)] };
    void this.line.tell(this.numbered('ticker', [event], quote.at), fault);
  }

  onOrder(order: ExchangeOrder): void {
    const products = this.subscriptions.get('user');
    const isWanted = products && (products.size === 0 || products.has(order.state.symbol));
    if (!isWanted || order.account !== this.account?.account || order.broker !== 'coinbase') return;
    const update = this.numbered('user', [{ type: 'update', orders: [streamedOrder(order)] }]);
    void this.line.tell(update, this.line.draw(factsOfEvent(order)));
  }

  /** Every second. */
  beat(): void {
    const quietMs = Date.now() - this.spokenAt;
    const isLate = this.subscriptions.size === 0 && quietMs > SUBSCRIBE_WITHIN_MS;
    if (isLate || quietMs > LONGEST_QUIET_MS) this.line.cut();
    if (!this.subscriptions.has('heartbeats')) return;
    this.beats += 1;
    const current_time = new Date(this.simulator.exchange.now()).toISOString();
    this.line.send(this.numbered('heartbeats', [{ current_time, heartbeat_counter: this.beats }]));
  }

  private subscribe(asked: Message): void {
    if (asked.channel === 'user' && !this.signIn(asked.jwt)) {
      this.fail('authentication failure');
      return;
    }
    const before = this.subscriptions.get(asked.channel) ?? [];
    this.subscriptions.set(asked.channel, new Set([...before, ...asked.product_ids]));
    if (asked.channel === 'user') this.sendSnapshot();
    this.confirm();
  }

  private unsubscribe({ channel, product_ids }: Message): void {
    const products = this.subscriptions.get(channel);
    for (const product of product_ids) products?.delete(product);
    if (product_ids.length === 0) this.subscriptions.delete(channel);
    this.confirm();
  }

  private signIn(jwt: string | undefined): boolean {
    this.account ??= jwt === undefined ? undefined : this.of.callers.byStreamToken(jwt);
    return this.account !== undefined;
  }

  private sendSnapshot(): void {
    const { exchange } = this.simulator;
    const open = exchange.records.ordersOf(this.account?.account ?? '').filter((order) => !isOver(order));
    for (let start = 0; start === 0 || start < open.length; start += SNAPSHOT_SIZE) {
      const orders = open.slice(start, start + SNAPSHOT_SIZE).map(streamedOrder);
      this.line.send(this.numbered('user', [{ type: 'snapshot', orders }]));
    }
  }

  private confirm(): void {
    const subscriptions = [...this.subscriptions].map(([channel, products]) => {
      return [channel, channel === 'ticker' ? [...products] : [this.account?.account ?? channel]];
    });
    this.line.send(this.numbered('subscriptions', [{ subscriptions: Object.fromEntries(subscriptions) }]));
  }

  private numbered(channel: string, events: object[], at = this.simulator.exchange.now()): object {
    const sequence_num = this.messages;
    this.messages += 1;
    this.spokenAt = Date.now();
    return { channel, client_id: '', timestamp: new Date(at).toISOString(), sequence_num, events };
  }

  private fail(text: string): void {
    this.line.send({ type: 'error', message: text });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
