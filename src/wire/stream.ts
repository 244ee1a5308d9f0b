/** A broker's web socket that is kept open: one connection after the other, with growing pauses, until it is stopped. */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type BrokerAccess, type Credential, NotConnected } from '../broker-port/access.js';
import { type BrokerListener, BrokerUnavailable } from '../broker-port/broker.js';
import { jsonIfAny } from './answers.js';

/** Whose events are followed, and who listens. */
export interface Following {
  account: string;
  /** the same as the adapter's */
  baseUrl: string;
  access: BrokerAccess;
  listener: BrokerListener;
}

export interface StreamOptions {
  account: string;
  access: BrokerAccess;
  /** `onLost` is called again only with another reason, `onUnknown` once a minute at most. */
  listener: Pick<BrokerListener, 'onLost' | 'onUnknown'>;
  /** Where to connect, and what to say there. @throws BrokerUnavailable */
  open(credential: Credential): Promise<Route> | Route;
  /** While nothing is wanted of the stream, no connection is made. */
  isWanted?(): boolean;
  /** Whether the broker sends messages all the time, so that silence alone is a bad sign; others are pinged. */
  hasHeartbeats: boolean;
  /** A connection that is not open, not ready, or silent for so long is given up. */
  silenceMs: number;
}

export interface Route {
  url: string;
  /** the one that is used there, when it was renewed on the way */
  credential?: Credential;
  talk(line: Line): Talk;
}

/** What a broker's protocol can do with its connection. */
export interface Line {
  send(json: object): void;
  /** everything that was asked for is granted */
  ready(): void;
  unknown(json: unknown): void;
  /** `isRefused`: the credential was not taken, so a newer one is asked for before the next try */
  giveUp(detail: string, isRefused?: boolean): void;
}

/** A broker's protocol on its connection. */
export interface Talk {
  /** the connection is open */
  begin?(): void;
  /** a message, its numbers as text; undefined when it was no JSON */
  hear(json: unknown): void;
  /** every second, once the connection is open */
  tick?(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted for less was no success: the pauses go on growing. */
const LASTING_MS = 60_000;
const TICK_MS = 1_000;
const UNKNOWN_EVERY_MS = 60_000;
const LARGEST_MESSAGE_BYTES = 4_000_000;

export async function keepStream(options: StreamOptions, stop: AbortSignal): Promise<void> {
  const { listener } = options;
  const onUnknown = atMostOnceA(UNKNOWN_EVERY_MS, (detail: string) => listener.onUnknown(detail));
  let lost = '';
  let pauseMs = FIRST_PAUSE_MS;
  let refused: Credential | undefined;
  while (!stop.aborted) {
    if (options.isWanted?.() === false) {
      await rest(TICK_MS, stop);
      continue;
    }
    const end = await connectOnce({ ...options, onUnknown }, refused, stop);
    if (stop.aborted) return;
    if (end.wasReady || end.detail !== lost) listener.onLost(end.detail);
    lost = end.detail;
    refused = end.refused;
    if (end.lastedMs >= LASTING_MS) pauseMs = FIRST_PAUSE_MS;
    await rest(pauseMs, stop);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function atMostOnceA(spanMs: number, report: (detail: string) => void): (detail: string) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (detail) => {
    if (Date.now() - reportedAt < spanMs) return;
    reportedAt = Date.now();
    report(detail);
  };
}

interface ConnectionOptions extends StreamOptions {
  onUnknown(detail: string): void;
}

/** How a connection ended. */
interface End {
  detail: string;
  wasReady: boolean;
  lastedMs: number;
  /** the credential that the broker would not take */
  refused?: Credential;
}

/** `refused`: a credential that was not taken the last time, so that a newer one is asked for. */
async function connectOnce(
  options: ConnectionOptions,
  refused: Credential | undefined,
  stop: AbortSignal,
): Promise<End> {
  const { access, account } = options;
  try {
    const { credential } = await (refused ? access.renew(account, refused) : access.open(account));
    const route = await options.open(credential);
    return await new Connection(options, { credential, ...route }).untilClosed(stop);
  } catch (error) {
    if (error instanceof NotConnected || error instanceof BrokerUnavailable) {
      return { detail: error.message, wasReady: false, lastedMs: 0 };
    }
    throw error;
  }
}

class Connection implements Line {
  private readonly socket: WebSocket;
  private readonly talk: Talk;
  private readonly openedAt = Date.now();
  private readonly end: End = { detail: 'the connection was closed', wasReady: false, lastedMs: 0 };
  private heardAt = Date.now();

  constructor(
    private readonly options: ConnectionOptions,
    private readonly route: Route & { credential: Credential },
  ) {
    this.talk = route.talk(this);
    const limits = { handshakeTimeout: options.silenceMs, maxPayload: LARGEST_MESSAGE_BYTES };
    this.socket = new WebSocket(route.url, limits);
    this.socket.on('open', () => this.guarded(() => this.talk.begin?.()));
    this.socket.on('message', (data) => this.hear(data.toString()));
    this.socket.on('pong', () => this.lives());
    this.socket.on('error', (error) => {
      this.end.detail = error.message;
    });
  }

  async untilClosed(stop: AbortSignal): Promise<End> {
    const watch = setInterval(() => this.watch(), TICK_MS);
    const cut = () => this.socket.terminate();
    stop.addEventListener('abort', cut, { once: true });
    if (stop.aborted) cut();
    await new Promise((resolve) => this.socket.once('close', resolve));
    stop.removeEventListener('abort', cut);
    clearInterval(watch);
    return { ...this.end, lastedMs: Date.now() - this.openedAt };
  }

  send(json: object): void {
    this.socket.send(JSON.stringify(json));
  }

  ready(): void {
    this.end.wasReady = true;
  }

  unknown(json: unknown): void {
    this.options.onUnknown(`a message is not understood: ${shapeOf(json)}`);
  }

  giveUp(detail: string, isRefused = false): void {
    this.end.detail = detail;
    if (isRefused) this.end.refused = this.route.credential;
    this.socket.terminate();
  }

  private hear(text: string): void {
    this.lives();
    this.guarded(() => this.talk.hear(jsonIfAny(text)));
  }

  private lives(): void {
    this.heardAt = Date.now();
  }

  private watch(): void {
    const { hasHeartbeats, silenceMs } = this.options;
    const silentMs = Date.now() - this.heardAt;
    const isLate = !this.end.wasReady && Date.now() - this.openedAt > silenceMs;
    if (silentMs > silenceMs || isLate) this.giveUp('there was no sign of life');
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (!hasHeartbeats && silentMs > silenceMs / 2) this.socket.ping();
    this.guarded(() => this.talk.tick?.());
  }

  /** Nothing that a broker sends may end the process: what is thrown here would. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.giveUp(`the stream cannot be followed: ${error instanceof Error ? error.message : 'failed'}`);
    }
  }
}

/** Enough to recognise a message, without anything of its contents. */
function shapeOf(json: unknown): string {
  if (json === undefined) return 'no JSON';
  if (Array.isArray(json)) return `a list of ${json.length}`;
  return json !== null && typeof json === 'object' ? Object.keys(json).slice(0, 8).join(', ') : typeof json;
}

async function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal: stop }).catch(() => {});
}
