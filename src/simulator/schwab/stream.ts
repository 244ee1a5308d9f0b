/** Schwab's streamer (docs/brokers/schwab.md, section 10): one connection per login, with its accounts' order events and quotes of shares. */
import { z } from 'zod';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { Account } from '../exchange/accounts.js';
import type { ExchangeOrder, OrderEvent, OrderEventKind } from '../exchange/orders.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { ServeStream, Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { callFactsOf, StreamConnection } from '../stream-connection.js';
import { uuidOf } from '../uuid.js';
import { fromSchwabSymbol, toSchwabSymbol } from './symbols.js';
import { unrelatedActivities } from './unrelated.js';

export const STREAMER_PATH = '/streamer';
const HEARTBEAT_MS = 5_000;

/** The ids with which a client of these accounts logs in to the streamer. */
export function streamerInfo(accounts: readonly Account[], streamerSocketUrl: string): object {
  const names = { schwabClientCustomerId: customerOf(accounts), schwabClientCorrelId: uuidOf(`correl ${Date.now()}`) };
  return { streamerSocketUrl, ...names, schwabClientChannel: 'N9', schwabClientFunctionId: 'APIAPP' };
}

function customerOf(accounts: readonly Account[]): string {
  return uuidOf(`customer ${accounts[0]?.login.username}`);
}

const request = z.object({
  requestid: z.string(),
  service: z.string(),
  command: z.string(),
  SchwabClientCustomerId: z.string(),
  SchwabClientCorrelId: z.string(),
  parameters: z.record(z.string(), z.string()).default({}),
});
type Request = z.infer<typeof request>;
const requests = z.object({ requests: z.array(request) });

const CODES = { ok: 0, denied: 3, unknownService: 11, limit: 12, badCommand: 21 } as const;

/** Schwab's names of the events that it reports. */
const EVENTS: Partial<Readonly<Record<OrderEventKind, string>>> = {
  accepted: 'OrderAccepted',
  fill: 'OrderFillCompleted',
  cancel_requested: 'CancelAccepted',
  cancelled: 'OrderUROutCompleted',
  expired: 'OrderUROutCompleted',
  replaced: 'ChangeAccepted',
  rejected: 'OrderUROutCompleted',
};

export function createStream(simulator: Simulator, accountsOf: (token: string) => Account[] | undefined): ServeStream {
  const feed = new QuoteFeed(simulator.exchange);
  const clients = new Set<Client>();
  simulator.exchange.onOrderEvent((order, event) => {
    for (const client of clients) client.onOrderEvent(order, event);
  });
  const { hasUnrelated } = simulator;
  const isTaken = (customer: string) => [...clients].some((client) => client.customer === customer);
  return (socket) => {
    const connection = new StreamConnection(simulator, socket);
    const client = new Client(connection, () => simulator.exchange.now(), { accountsOf, isTaken, hasUnrelated });
    clients.add(client);
    feed.add(client);
    const sendHeartbeat = () => connection.send({ notify: [{ heartbeat: String(Date.now()) }] });
    const heartbeat = setInterval(sendHeartbeat, HEARTBEAT_MS);
    connection.onMessage((json) => client.receive(json));
    connection.onClose(() => {
      clearInterval(heartbeat);
      feed.delete(client);
      clients.delete(client);
    });
  };
}

class Client {
  /** set once the client has logged in */
  customer: string | undefined;
  private accounts: readonly Account[] = [];
  private readonly services = new Set<string>();
  private events = 0;
  private readonly shares = new Set<string>();
  private readonly shown = new Map<string, Record<string, unknown>>();

  constructor(
    private readonly connection: StreamConnection,
    private readonly now: () => number,
    private readonly people: {
      accountsOf(token: string): Account[] | undefined;
      isTaken(customer: string): boolean;
      /** whether they act beside Arbion */
      hasUnrelated: boolean;
    },
  ) {}

  receive(json: unknown): void {
    for (const received of requests.safeParse(json).data?.requests ?? []) this.answer(received);
  }

  symbols(): Iterable<string> {
    return this.shares;
  }

  drawFault(symbol: string): PlannedFault | undefined {
    return this.connection.drawFault({ broker: 'schwab', operation: 'quote', symbol });
  }

  /** Sends only the fields that have changed. */
  onQuote({ symbol, bid, ask, last, bidSize, askSize, at }: Quote, fault: PlannedFault | undefined): void {
    const all = { '1': bid ?? '0', '2': ask ?? '0', '3': last, '4': bidSize, '5': askSize, '34': at };
    const numbers = Object.entries(all).flatMap(([field, text]) => (text === undefined ? [] : [[field, Number(text)]]));
    const before = this.shown.get(symbol) ?? {};
    const fields: Record<string, unknown> = Object.fromEntries(numbers);
    const changed = Object.entries(fields).filter(([field, value]) => before[field] !== value);
    this.shown.set(symbol, fields);
    const content = [{ key: toSchwabSymbol(symbol), delayed: false, ...Object.fromEntries(changed) }];
    void this.connection.sendEvent(this.data('LEVELONE_EQUITIES', content), fault);
  }

  onOrderEvent(order: ExchangeOrder, { kind }: OrderEvent): void {
    const isOurs = order.broker === 'schwab' && this.accounts.some(({ account }) => account === order.account);
    const type = EVENTS[kind];
    if (!this.services.has('ACCT_ACTIVITY') || !isOurs || type === undefined) return;
    const { orderId: SchwabOrderID, account: AccountNumber } = order;
    const details = JSON.stringify({ SchwabOrderID, AccountNumber, BaseEvent: { EventType: type } });
    const event = this.activity(AccountNumber, type, details);
    void this.connection.sendEvent(event, this.connection.drawFault(callFactsOf(order)));
  }

  private answer(received: Request): void {
    if (received.service === 'ADMIN' && received.command === 'LOGIN') this.logIn(received);
    else if (this.customer === undefined) this.respond(received, CODES.denied, 'Login first');
    else if (received.service === 'ADMIN' && received.command === 'LOGOUT') this.end(received, CODES.ok, 'SUCCESS');
    else if (received.service === 'ACCT_ACTIVITY') this.subscribeActivity(received);
    else if (received.service === 'LEVELONE_EQUITIES') this.subscribeShares(received);
    else this.respond(received, CODES.unknownService, 'Service not available or temporary down');
  }

  private logIn(received: Request): void {
    const accounts = this.people.accountsOf(received.parameters.Authorization ?? '');
    if (!accounts || customerOf(accounts) !== received.SchwabClientCustomerId) {
      this.end(received, CODES.denied, 'Login Denied.: token is invalid or has expired.');
      return;
    }
    if (this.people.isTaken(received.SchwabClientCustomerId)) {
      this.end(received, CODES.limit, 'Maximum connections limit reached');
      return;
    }
    [this.accounts, this.customer] = [accounts, received.SchwabClientCustomerId];
    this.respond(received, CODES.ok, 'server=simulator;status=PN');
  }

  private subscribeActivity(received: Request): void {
    this.respond(received, CODES.ok, `${received.command} command succeeded`);
    if (received.command === 'UNSUBS') {
      this.services.delete(received.service);
      return;
    }
    this.services.add(received.service);
    this.connection.send(this.activity('', 'SUBSCRIBED', ''));
    const unrelated = this.people.hasUnrelated ? this.accounts.flatMap(unrelatedActivities) : [];
    for (const { account, type, text } of unrelated) this.connection.send(this.activity(account, type, text));
  }

  private subscribeShares(received: Request): void {
    const symbols = (received.parameters.keys ?? '').split(',').map((key) => fromSchwabSymbol(key) ?? '');
    const keys = symbols.filter((symbol) => assetClassOf(symbol) === 'equity');
    if (!['SUBS', 'ADD', 'UNSUBS'].includes(received.command)) {
      this.respond(received, CODES.badCommand, 'Bad command formatting');
      return;
    }
    if (received.command === 'SUBS') this.shares.clear();
    for (const key of keys) {
      if (received.command === 'UNSUBS') this.shares.delete(key);
      else this.shares.add(key);
    }
    this.respond(received, CODES.ok, `${received.command} command succeeded`);
  }

  private activity(account: string, type: string, text: string): object {
    this.events += 1;
    return this.data('ACCT_ACTIVITY', [
      { seq: this.events, key: 'Account Activity', '1': account, '2': type, '3': text },
    ]);
  }

  private data(service: string, content: object[]): object {
    return { data: [{ service, timestamp: this.now(), command: 'SUBS', content }] };
  }

  private respond({ service, command, requestid, SchwabClientCorrelId }: Request, code: number, msg: string): void {
    const names = { service, command, requestid, SchwabClientCorrelId };
    this.connection.send({ response: [{ ...names, timestamp: this.now(), content: { code, msg } }] });
  }

  private end(received: Request, code: number, msg: string): void {
    this.respond(received, code, msg);
    this.connection.close();
  }
}
