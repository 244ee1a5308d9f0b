/**
 * The two web sockets (docs/brokers/coinbase.md, section 10): the market's, with prices for anyone, and the user's, with the orders of the
 * account whose key signed in. Messages are numbered per connection; one that a fault suppresses uses up its number too.
 */
import { z } from 'zod';
import type { Quote } from '../../domain/market.js';
import type { Account } from '../exchange/accounts.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { ServeStream, Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { callFactsOf, StreamConnection } from '../stream-connection.js';
import type { Callers } from './callers.js';
import { streamedOrder, tickerView } from './stream-views.js';
import { UNRELATED_POSITIONS, unrelatedOrders, unrelatedStreamedOrder } from './unrelated.js';

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

export function createStream(simulator: Simulator, callers: Callers, side: keyof typeof CHANNELS): ServeStream {
  const feed = new QuoteFeed(simulator.exchange);
  const clients = new Set<Client>();
  simulator.exchange.onOrderEvent((order) => {
    for (const client of clients) client.onOrder(order);
  });
  return (socket) => {
    const connection = new StreamConnection(simulator, socket);
    const client = new Client(simulator, connection, { callers, side });
    clients.add(client);
    feed.add(client);
    const heartbeat = setInterval(() => client.onHeartbeat(), HEARTBEAT_MS);
    connection.onMessage((json) => client.receive(json));
    connection.onClose(() => {
      clearInterval(heartbeat);
      feed.delete(client);
      clients.delete(client);
    });
  };
}

class Client {
  /** by channel, the products that were subscribed to */
  private readonly subscriptions = new Map<string, Set<string>>();
  private account: Account | undefined;
  private messages = 0;
  private beats = 0;
  private sentAt = Date.now();

  constructor(
    private readonly simulator: Simulator,
    private readonly connection: StreamConnection,
    private readonly of: { callers: Callers; side: keyof typeof CHANNELS },
  ) {}

  receive(json: unknown): void {
    const request = message.safeParse(json).data;
    const offered: readonly string[] = CHANNELS[this.of.side];
    if (!request || !offered.includes(request.channel)) {
      this.fail('failed to parse message: channel or type is unknown');
    } else if (request.type === 'unsubscribe') this.unsubscribe(request);
    else this.subscribe(request);
  }

  symbols(): Iterable<string> {
    return this.subscriptions.get('ticker') ?? [];
  }

  drawFault(symbol: string): PlannedFault | undefined {
    return this.connection.drawFault({ broker: 'coinbase', operation: 'quote', symbol });
  }

  onQuote(quote: Quote, fault: PlannedFault | undefined): void {
    const event = { type: 'update', tickers: [tickerView(quote)] };
    void this.connection.sendEvent(this.numbered('ticker', [event], quote.at), fault);
  }

  onOrder(order: ExchangeOrder): void {
    const products = this.subscriptions.get('user');
    const isWanted = products && (products.size === 0 || products.has(order.state.symbol));
    if (!isWanted || order.account !== this.account?.account || order.broker !== 'coinbase') return;
    const update = this.numbered('user', [{ type: 'update', orders: [streamedOrder(order)] }]);
    void this.connection.sendEvent(update, this.connection.drawFault(callFactsOf(order)));
  }

  /** Runs every second. */
  onHeartbeat(): void {
    const quietMs = Date.now() - this.sentAt;
    const isLate = this.subscriptions.size === 0 && quietMs > SUBSCRIBE_WITHIN_MS;
    if (isLate || quietMs > LONGEST_QUIET_MS) this.connection.cut();
    if (!this.subscriptions.has('heartbeats')) return;
    this.beats += 1;
    const current_time = new Date(this.simulator.exchange.now()).toISOString();
    this.connection.send(this.numbered('heartbeats', [{ current_time, heartbeat_counter: this.beats }]));
  }

  private subscribe({ channel, product_ids, jwt }: Message): void {
    if (channel === 'user' && !this.signIn(jwt)) {
      this.fail('authentication failure');
      return;
    }
    const before = this.subscriptions.get(channel) ?? [];
    this.subscriptions.set(channel, new Set([...before, ...product_ids]));
    if (channel === 'user') this.sendSnapshot();
    this.confirm();
    if (channel === 'user') this.sendUnrelated();
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
      this.connection.send(this.numbered('user', [{ type: 'snapshot', orders }]));
    }
  }

  /** What happened to a person's orders just now. */
  private sendUnrelated(): void {
    if (!this.account || !this.simulator.hasUnrelated) return;
    const orders = unrelatedOrders(this.account).map(unrelatedStreamedOrder);
    this.connection.send(this.numbered('user', [{ type: 'update', orders, positions: UNRELATED_POSITIONS }]));
  }

  private confirm(): void {
    const subscriptions = [...this.subscriptions].map(([channel, products]) => {
      return [channel, channel === 'ticker' ? [...products] : [this.account?.account ?? channel]];
    });
    this.connection.send(this.numbered('subscriptions', [{ subscriptions: Object.fromEntries(subscriptions) }]));
  }

  private numbered(channel: string, events: object[], at = this.simulator.exchange.now()): object {
    const sequence_num = this.messages;
    this.messages += 1;
    this.sentAt = Date.now();
    return { channel, client_id: '', timestamp: new Date(at).toISOString(), sequence_num, events };
  }

  private fail(text: string): void {
    this.connection.send({ type: 'error', message: text });
  }
}
