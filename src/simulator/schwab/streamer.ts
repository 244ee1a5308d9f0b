/** Schwab's streamer (wire contract, section 10): one connection for a person, with order events of all accounts and quotes of shares. */
import { z } from 'zod';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { Account } from '../exchange/accounts.js';
import type { ExchangeOrder, OrderEvent, OrderEventKind } from '../exchange/orders.js';
import type { PlannedFault } from '../faults/fault-plan.js';
import type { Simulator } from '../protocol.js';
import { QuoteFeed } from '../quote-feed.js';
import { factsOfEvent, StreamLine } from '../stream-line.js';
import { uuidOf } from '../uuid.js';
import type { WebSocketConnection } from '../web-socket.js';

export const STREAMER_PATH = '/streamer';
const HEARTBEAT_MS = 5_000;

/** How a client of these accounts introduces itself. */
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

/** What Schwab calls the events that it tells of. */
const EVENTS: Partial<Readonly<Record<OrderEventKind, string>>> = {
  accepted: 'OrderAccepted',
  fill: 'OrderFillCompleted',
  cancel_requested: 'CancelAccepted',
  cancelled: 'OrderUROutCompleted',
  expired: 'OrderUROutCompleted',
  replaced: 'ChangeAccepted',
  rejected: 'OrderUROutCompleted',
};

export function createStreamer(simulator: Simulator, accountsOf: (token: string) => Account[] | undefined) {
  const feed = new QuoteFeed(simulator.exchange);
  const clients = new Set<Client>();
  simulator.exchange.onOrderEvent((order, event) => {
    for (const client of clients) client.onOrderEvent(order, event);
  });
  const isTaken = (customer: string) => [...clients].some((client) => client.customer === customer);
  return (connection: WebSocketConnection) => {
    const line = new StreamLine(simulator, connection);
    const client = new Client(line, () => simulator.exchange.now(), { accountsOf, isTaken });
    clients.add(client);
    feed.add(client);
    const beat = setInterval(() => line.send({ notify: [{ heartbeat: String(Date.now()) }] }), HEARTBEAT_MS);
    connection.onClose = () => {
      clearInterval(beat);
      feed.delete(client);
      clients.delete(client);
    };
    connection.onMessage = (text) => client.hear(text);
  };
}

class Client {
  /** of whom it has logged in */
  customer: string | undefined;
  private accounts: readonly Account[] = [];
  private readonly services = new Set<string>();
  private events = 0;
  private readonly shares = new Set<string>();
  private readonly shown = new Map<string, Record<string, unknown>>();

  constructor(
    private readonly line: StreamLine,
    private readonly now: () => number,
    private readonly people: {
      accountsOf(token: string): Account[] | undefined;
      isTaken(customer: string): boolean;
    },
  ) {}

  hear(text: string): void {
    for (const asked of requests.safeParse(parsed(text)).data?.requests ?? []) this.answer(asked);
  }

  symbols(): Iterable<string> {
    return this.shares;
  }

  draw(symbol: string): PlannedFault | undefined {
    return this.line.draw({ broker: 'schwab', operation: 'quote', symbol });
  }

  /** Only what has changed is told. */
  onQuote({ symbol, bid, ask, last, bidSize, askSize, at }: Quote, fault: PlannedFault | undefined): void {
    const all = { '1': bid ?? '0', '2': ask ?? '0', '3': last, '4': bidSize, '5': askSize, '34': at };
    const numbers = Object.entries(all).flatMap(([field, text]) => (text === undefined ? [] : [[field, Number(text)]]));
    const before = this.shown.get(symbol) ?? {};
    const fields: Record<string, unknown> = Object.fromEntries(numbers);
    const changed = Object.entries(fields).filter(([field, value]) => before[field] !== value);
    this.shown.set(symbol, fields);
    const content = [{ key: symbol, delayed: false, ...Object.fromEntries(changed) }];
    void this.line.tell(this.data('LEVELONE_EQUITIES', content), fault);
  }

  onOrderEvent(order: ExchangeOrder, { kind }: OrderEvent): void {
    const isOurs = order.broker === 'schwab' && this.accounts.some(({ account }) => account === order.account);
    const type = EVENTS[kind];
    if (!this.services.has('ACCT_ACTIVITY') || !isOurs || type === undefined) return;
    const { orderId: SchwabOrderID, account: AccountNumber } = order;
    const told = JSON.stringify({ SchwabOrderID, AccountNumber, BaseEvent: { EventType: type } });
    void this.line.tell(this.activity(AccountNumber, type, told), this.line.draw(factsOfEvent(order)));
  }

  private answer(asked: Request): void {
    if (asked.service === 'ADMIN' && asked.command === 'LOGIN') this.logIn(asked);
    else if (this.customer === undefined) this.respond(asked, CODES.denied, 'Login first');
    else if (asked.service === 'ADMIN' && asked.command === 'LOGOUT') this.end(asked, CODES.ok, 'SUCCESS');
    else if (asked.service === 'ACCT_ACTIVITY') this.tellActivity(asked);
    else if (asked.service === 'LEVELONE_EQUITIES') this.tellShares(asked);
    else this.respond(asked, CODES.unknownService, 'Service not available or temporary down');
  }

  private logIn(asked: Request): void {
    const accounts = this.people.accountsOf(asked.parameters.Authorization ?? '');
    if (!accounts || customerOf(accounts) !== asked.SchwabClientCustomerId) {
      this.end(asked, CODES.denied, 'Login Denied.: token is invalid or has expired.');
      return;
    }
    if (this.people.isTaken(asked.SchwabClientCustomerId)) {
      this.end(asked, CODES.limit, 'Maximum connections limit reached');
      return;
    }
    [this.accounts, this.customer] = [accounts, asked.SchwabClientCustomerId];
    this.respond(asked, CODES.ok, 'server=simulator;status=PN');
  }

  private tellActivity(asked: Request): void {
    this.respond(asked, CODES.ok, `${asked.command} command succeeded`);
    if (asked.command === 'UNSUBS') {
      this.services.delete(asked.service);
      return;
    }
    this.services.add(asked.service);
    this.line.send(this.activity('', 'SUBSCRIBED', ''));
  }

  private tellShares(asked: Request): void {
    const keys = (asked.parameters.keys ?? '').split(',').filter((key) => assetClassOf(key) === 'equity');
    if (!['SUBS', 'ADD', 'UNSUBS'].includes(asked.command)) {
      this.respond(asked, CODES.badCommand, 'Bad command formatting');
      return;
    }
    if (asked.command === 'SUBS') this.shares.clear();
    for (const key of keys) {
      if (asked.command === 'UNSUBS') this.shares.delete(key);
      else this.shares.add(key);
    }
    this.respond(asked, CODES.ok, `${asked.command} command succeeded`);
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
    this.line.send({ response: [{ ...names, timestamp: this.now(), content: { code, msg } }] });
  }

  private end(asked: Request, code: number, msg: string): void {
    this.respond(asked, code, msg);
    this.line.end();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
