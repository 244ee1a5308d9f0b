/** The stream of order events (docs/brokers/alpaca.md, section 10): JSON in binary frames, as Alpaca's paper environment sends it. */
import { z } from 'zod';
import type { ExchangeOrder, OrderEvent, OrderEventKind } from '../exchange/orders.js';
import type { ServeStream, Simulator } from '../protocol.js';
import { callFactsOf, StreamConnection } from '../stream-connection.js';
import type { Caller, Callers } from './callers.js';
import { framesFor } from './frames.js';
import { orderView } from './order-views.js';
import { unrelatedUpdates } from './unrelated.js';

const TRADE_UPDATES = 'trade_updates';

const message = z.union([
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.object({
    action: z.literal('authenticate'),
    data: z.union([z.object({ oauth_token: z.string() }), z.object({ key_id: z.string(), secret_key: z.string() })]),
  }),
  z.object({ action: z.literal('listen'), data: z.object({ streams: z.array(z.string()) }) }),
]);
type Message = z.infer<typeof message>;

/** Alpaca's names of the events that it reports. A fill is named by whether it completes the order. */
const EVENTS: Partial<Readonly<Record<OrderEventKind, string>>> = {
  accepted: 'new',
  cancel_requested: 'pending_cancel',
  cancelled: 'canceled',
  expired: 'expired',
  replaced: 'replaced',
  rejected: 'rejected',
};

/** Every client that listens gets the events of its own account. */
export function createOrderStream(simulator: Simulator, callers: Callers): ServeStream {
  const listeners = new Map<StreamConnection, Caller>();
  simulator.exchange.onOrderEvent((order, event) => {
    const update = updateOf(simulator, order, event);
    if (update === undefined) return;
    for (const [client, { account }] of listeners) {
      if (account.account === order.account) sendUpdate(client, order, update);
    }
  });
  return (socket, headers) => {
    const client = new StreamConnection(simulator, socket, framesFor(headers, 'binary'));
    let caller: Caller | undefined;
    client.onClose(() => listeners.delete(client));
    client.onMessage((json) => {
      const request = message.safeParse(json);
      if (!request.success) return;
      if (request.data.action === 'listen') {
        const mayListen = caller !== undefined && request.data.data.streams.includes(TRADE_UPDATES);
        if (caller && mayListen) listeners.set(client, caller);
        answer(client, 'listening', { streams: mayListen ? [TRADE_UPDATES] : [] });
        const unrelated = caller && mayListen && simulator.hasUnrelated ? unrelatedUpdates(caller.account) : [];
        for (const update of unrelated) answer(client, TRADE_UPDATES, update);
        return;
      }
      caller = callerOf(callers, request.data);
      const status = caller === undefined ? 'unauthorized' : 'authorized';
      answer(client, 'authorization', { status, action: 'authenticate' });
    });
  };
}

function callerOf(callers: Callers, request: Exclude<Message, { action: 'listen' }>): Caller | undefined {
  if (request.action === 'auth') return callers.byKey(request.key, request.secret);
  const { data } = request;
  return 'oauth_token' in data ? callers.byToken(data.oauth_token) : callers.byKey(data.key_id, data.secret_key);
}

function sendUpdate(client: StreamConnection, order: ExchangeOrder, data: object): void {
  void client.sendEvent({ stream: TRADE_UPDATES, data }, client.drawFault(callFactsOf(order)));
}

function answer(client: StreamConnection, stream: string, data: object): void {
  client.send({ stream, data });
}

function updateOf({ exchange }: Simulator, order: ExchangeOrder, event: OrderEvent): object | undefined {
  const isFill = event.kind === 'fill';
  const name = isFill ? (order.state.status === 'filled' ? 'fill' : 'partial_fill') : EVENTS[event.kind];
  if (order.broker !== 'alpaca' || name === undefined) return undefined;
  const isOpen = exchange.session(order.state.assetClass) === 'regular';
  return {
    ...{ event: name, timestamp: new Date(event.at).toISOString(), order: orderView(order, { isOpen, legs: null }) },
    ...(isFill && {
      ...{ execution_id: event.executionId, price: event.price?.toString(), qty: event.quantity?.toString() },
      position_qty: exchange.holdings(order.account).position(order.state.symbol).toString(),
    }),
  };
}
