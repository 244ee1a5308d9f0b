/** Coinbase's user socket: what happens to the account's orders. An event is a hint to read the order, and nothing else. */
import { z } from 'zod';
import type { Credential } from '../../broker-port/access.js';
import { type BrokerListener, BrokerUnavailable } from '../../broker-port/broker.js';
import { reading } from '../../wire/outcomes.js';
import { type Following, keepStream, type Line, type Route } from '../../wire/stream.js';
import { type AnyOrder, anyOrder } from './schemas.js';
import { keyToken } from './signing.js';
import { SILENCE_MS, SocketTalk, socketUrl } from './stream.js';

/** Listens for one account until it is stopped. Whether an OAuth grant may listen is not documented: only keys do. */
export function followOrderEvents(following: Following, stop: AbortSignal): Promise<void> {
  const { account, baseUrl, access, listener } = following;
  const stream = {
    ...{ account, access, listener, hasHeartbeats: true, silenceMs: SILENCE_MS },
    open: async (credential: Credential): Promise<Route> => {
      if (credential.kind !== 'keys') throw new BrokerUnavailable('Coinbase sends order events to API keys only');
      const jwt = await reading(() => keyToken(credential));
      const url = socketUrl(baseUrl, 'advanced-trade-ws-user');
      return { url, talk: (line) => new OrderTalk(line, jwt, listener) };
    },
  };
  return keepStream(stream, stop);
}

const orderEvent = z.object({ type: z.enum(['snapshot', 'update']), orders: z.array(anyOrder) });

class OrderTalk extends SocketTalk {
  private state: 'subscribing' | 'listening' = 'subscribing';

  constructor(
    line: Line,
    /** good for two minutes, and needed only to subscribe */
    private readonly jwt: string,
    private readonly listener: BrokerListener,
  ) {
    super(line, 'user');
  }

  begin(): void {
    for (const channel of ['user', 'heartbeats']) this.line.send({ type: 'subscribe', channel, jwt: this.jwt });
  }

  /** The first event is a snapshot of the open orders: by then all of them are to be read. */
  protected hearEvent(event: unknown): boolean {
    const heard = orderEvent.safeParse(event).data;
    if (!heard) return false;
    this.onSubscribed();
    const changed = heard.type === 'update' ? heard.orders : [];
    return changed.map((order) => this.hearOrder(order)).every((isUnderstood) => isUnderstood);
  }

  /** False for an order without an id. */
  private hearOrder({ order_id: orderId, client_order_id: clientOrderId }: AnyOrder): boolean {
    if (clientOrderId !== undefined) this.listener.onOrder({ clientOrderId });
    else if (orderId !== undefined) this.listener.onOrder({ orderId });
    return clientOrderId !== undefined || orderId !== undefined;
  }

  protected onSubscribed(): void {
    if (this.state === 'listening') return;
    this.state = 'listening';
    this.line.ready();
    this.listener.onListening();
  }

  protected onGap(): void {
    this.listener.onListening();
  }
}
