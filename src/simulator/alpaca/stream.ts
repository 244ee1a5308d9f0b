/** The stream of order events (wire contract, section 10): binary frames of JSON, as the paper environment sends them. */
import { z } from 'zod';
import type { ExchangeOrder, OrderEvent, OrderEventKind } from '../exchange/orders.js';
import type { Simulator } from '../protocol.js';
import { factsOfEvent, StreamLine } from '../stream-line.js';
import type { WebSocketConnection } from '../web-socket.js';
import type { Caller, Callers } from './callers.js';
import { orderView } from './order-view.js';

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

/** What Alpaca calls the events that it tells of; a fill is named by what it leaves. */
const EVENTS: Partial<Readonly<Record<OrderEventKind, string>>> = {
  accepted: 'new',
  cancel_requested: 'pending_cancel',
  cancelled: 'canceled',
  expired: 'expired',
  replaced: 'replaced',
  rejected: 'rejected',
};

/** Serves one connection after the other; all of them hear of the exchange's events. */
export function createStream(simulator: Simulator, callers: Callers): (connection: WebSocketConnection) => void {
  const listening = new Map<StreamLine, Caller>();
  simulator.exchange.onOrderEvent((order, event) => {
    const update = updateOf(simulator, order, event);
    if (update === undefined) return;
    for (const [line, { account }] of listening) if (account.account === order.account) tell(line, order, update);
  });
  return (connection) => {
    const line = new StreamLine(simulator, connection, 'binary');
    let caller: Caller | undefined;
    connection.onClose = () => listening.delete(line);
    connection.onMessage = (text) => {
      const asked = message.safeParse(parsed(text));
      if (!asked.success) return;
      if (asked.data.action === 'listen') {
        const isHeard = caller !== undefined && asked.data.data.streams.includes(TRADE_UPDATES);
        if (caller && isHeard) listening.set(line, caller);
        answer(line, 'listening', { streams: isHeard ? [TRADE_UPDATES] : [] });
        return;
      }
      caller = callerOf(callers, asked.data);
      const status = caller === undefined ? 'unauthorized' : 'authorized';
      answer(line, 'authorization', { status, action: 'authenticate' });
    };
  };
}

function callerOf(callers: Callers, asked: Exclude<Message, { action: 'listen' }>): Caller | undefined {
  if (asked.action === 'auth') return callers.byKey(asked.key, asked.secret);
  const { data } = asked;
  return 'oauth_token' in data ? callers.byToken(data.oauth_token) : callers.byKey(data.key_id, data.secret_key);
}

function tell(line: StreamLine, order: ExchangeOrder, data: object): void {
  void line.tell({ stream: TRADE_UPDATES, data }, line.draw(factsOfEvent(order)));
}

function answer(line: StreamLine, stream: string, data: object): void {
  line.send({ stream, data });
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
