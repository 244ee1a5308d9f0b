/**
 * Alpaca's stream of order events: an event says at once that an order has changed. It is a hint to read the
 * order, and nothing else. Source: Alpaca documentation, "WebSocket streaming", `trade_updates`.
 */
import { z } from 'zod';
import type { Credential } from '../../broker-port/access.js';
import type { BrokerListener } from '../../broker-port/broker.js';
import { type Following, keepStream, type Line, type Talk } from '../../wire/stream.js';

const SILENCE_MS = 15_000;

/** Listens for one account until it is stopped. */
export function followOrderEvents(following: Following, stop: AbortSignal): Promise<void> {
  const { account, baseUrl, access, listener } = following;
  const url = `${baseUrl.replace(/^http/, 'ws')}/stream`;
  const stream = {
    ...{ account, access, listener, hasHeartbeats: false, silenceMs: SILENCE_MS },
    open: (credential: Credential) => ({ url, talk: (line: Line) => new OrderTalk(line, credential, listener) }),
  };
  return keepStream(stream, stop);
}

const message = z.union([
  z.object({ stream: z.literal('authorization'), data: z.object({ status: z.string() }) }),
  z.object({ stream: z.literal('listening'), data: z.object({ streams: z.array(z.string()) }) }),
  z.object({
    stream: z.literal('trade_updates'),
    // of an unrelated order most members may be empty
    data: z.object({ order: z.object({ id: z.string().nullish(), client_order_id: z.string().nullish() }) }),
  }),
]);

interface StreamedOrderIds {
  id?: string | null | undefined;
  client_order_id?: string | null | undefined;
}

const LISTEN = { action: 'listen', data: { streams: ['trade_updates'] } };

class OrderTalk implements Talk {
  constructor(
    private readonly line: Line,
    private readonly credential: Credential,
    private readonly listener: BrokerListener,
  ) {}

  begin(): void {
    this.line.send(signIn(this.credential));
  }

  hear(json: unknown): void {
    const heard = message.safeParse(json).data;
    if (!heard) this.line.unknown(json);
    else if (heard.stream === 'trade_updates') this.onUpdate(heard.data.order);
    else if (heard.stream === 'authorization') this.enter(heard.data.status);
    else if (heard.data.streams.includes('trade_updates')) this.listen();
    else this.line.giveUp('the stream of orders was refused');
  }

  private onUpdate({ id: orderId, client_order_id: clientOrderId }: StreamedOrderIds): void {
    if (clientOrderId != null) this.listener.onOrder({ clientOrderId });
    else if (orderId != null) this.listener.onOrder({ orderId });
  }

  private enter(status: string): void {
    if (status === 'authorized') this.line.send(LISTEN);
    else this.line.giveUp('the credential was refused', true);
  }

  private listen(): void {
    this.line.ready();
    this.listener.onListening();
  }
}

function signIn(credential: Credential): object {
  if (credential.kind === 'keys') return { action: 'auth', key: credential.keyId, secret: credential.secret };
  if (credential.kind === 'bearer') {
    return { action: 'authenticate', data: { oauth_token: credential.accessToken } };
  }
  throw new TypeError(`Alpaca does not take a credential of the kind ${credential.kind}`);
}
