/**
 * Alpaca's stream of order events: who listens hears at once that something happened to an order. Nothing is believed for
 * it: an event is a hint to read the order. Source: Alpaca documentation, "WebSocket streaming", `trade_updates`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type BrokerAccess, type Credential, NotConnected } from '../access.js';
import type { OrderEvents } from '../broker.js';
import { parseLosslessly } from '../wire/json.js';

export interface OrderEventsOptions extends OrderEvents {
  account: string;
  /** the same as the adapter's */
  baseUrl: string;
  access: BrokerAccess;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that does not come about, or gives no sign of life, for so long is dead. */
const SIGN_OF_LIFE_MS = 15_000;

/** Listens for one account until it is told to stop, on one connection after the other, with growing pauses. */
export async function followOrderEvents(options: OrderEventsOptions, stop: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  let refused: Credential | undefined;
  while (!stop.aborted) {
    const end = await listenOnce(options, refused, stop);
    if (stop.aborted) return;
    options.onLost(end.detail);
    refused = end.refused;
    if (end.hasListened) pauseMs = FIRST_PAUSE_MS;
    await pause(pauseMs, undefined, { signal: stop }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** How a connection ended. */
interface End {
  detail: string;
  hasListened: boolean;
  /** the credential that Alpaca would not take */
  refused?: Credential;
}

/** `refused`: a credential that was not taken the last time, so that a newer one is asked for. */
async function listenOnce(
  options: OrderEventsOptions,
  refused: Credential | undefined,
  stop: AbortSignal,
): Promise<End> {
  const { access, account } = options;
  try {
    const { credential } = await (refused ? access.renew(account, refused) : access.open(account));
    return await new Connection(options, credential).untilClosed(stop);
  } catch (error) {
    if (error instanceof NotConnected) return { detail: error.message, hasListened: false };
    throw error;
  }
}

const message = z.union([
  z.object({ stream: z.literal('authorization'), data: z.object({ status: z.string() }) }),
  z.object({ stream: z.literal('listening'), data: z.object({ streams: z.array(z.string()) }) }),
  z.object({
    stream: z.literal('trade_updates'),
    data: z.object({ order: z.object({ client_order_id: z.string() }) }),
  }),
]);

const LISTEN = { action: 'listen', data: { streams: ['trade_updates'] } };

class Connection {
  private readonly socket: WebSocket;
  private readonly end: End = { detail: 'the connection was closed', hasListened: false };
  private unanswered = 0;

  constructor(
    private readonly options: OrderEventsOptions,
    private readonly credential: Credential,
  ) {
    const url = `${options.baseUrl.replace(/^http/, 'ws')}/stream`;
    this.socket = new WebSocket(url, { handshakeTimeout: SIGN_OF_LIFE_MS });
    this.socket.on('open', () => this.send(signIn(credential)));
    this.socket.on('message', (data) => this.hear(data.toString()));
    this.socket.on('pong', () => {
      this.unanswered = 0;
    });
    this.socket.on('error', (error) => {
      this.end.detail = error.message;
    });
  }

  async untilClosed(stop: AbortSignal): Promise<End> {
    const watch = setInterval(() => this.askForLife(), SIGN_OF_LIFE_MS);
    const cut = () => this.socket.terminate();
    stop.addEventListener('abort', cut, { once: true });
    if (stop.aborted) cut();
    await new Promise((resolve) => this.socket.once('close', resolve));
    stop.removeEventListener('abort', cut);
    clearInterval(watch);
    return this.end;
  }

  private hear(text: string): void {
    this.unanswered = 0;
    const heard = message.safeParse(jsonOf(text)).data;
    // What cannot be read may have told of any order.
    if (!heard) this.giveUp('a message was not understood');
    else if (heard.stream === 'trade_updates') this.options.onOrder(heard.data.order.client_order_id);
    else if (heard.stream === 'authorization') this.enter(heard.data.status);
    else if (heard.data.streams.includes('trade_updates')) this.begin();
    else this.giveUp('the stream of orders was refused');
  }

  private enter(status: string): void {
    if (status === 'authorized') {
      this.send(LISTEN);
      return;
    }
    this.end.refused = this.credential;
    this.giveUp('the credential was refused');
  }

  private begin(): void {
    this.end.hasListened = true;
    this.options.onListening();
  }

  private askForLife(): void {
    if (this.unanswered > 0 || !this.end.hasListened) this.giveUp('there was no sign of life');
    this.unanswered += 1;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }

  private giveUp(detail: string): void {
    this.end.detail = detail;
    this.socket.terminate();
  }

  private send(json: object): void {
    this.socket.send(JSON.stringify(json));
  }
}

function signIn(credential: Credential): object {
  if (credential.kind === 'keys') return { action: 'auth', key: credential.keyId, secret: credential.secret };
  if (credential.kind === 'bearer') {
    return { action: 'authenticate', data: { oauth_token: credential.accessToken } };
  }
  throw new TypeError(`Alpaca does not take a credential of the kind ${credential.kind}`);
}

function jsonOf(text: string): unknown {
  try {
    return parseLosslessly(text);
  } catch {
    return undefined;
  }
}
