/** Orders and fills as lists (docs/brokers/coinbase.md, sections 6.3 to 6.5). */
import type { Context } from 'hono';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { ExchangeOrder } from '../exchange/orders.js';
import type { Env } from '../faults/wire.js';
import { failure, orderNotFound } from './answers.js';
import { fillViews, orderView } from './order-views.js';

const MOST_ROWS = 1_000;

export function oneOrder(exchange: Exchange, account: string, orderId: string, call: Call): Response {
  const order = exchange.order(account, orderId, call);
  return order ? Response.json({ order: orderView(order) }) : orderNotFound();
}

/** Newest first. `order_status=OPEN` cannot be combined with others. */
export function orderList(context: Context<Env>, exchange: Exchange, account: string, call: Call): Response {
  const query = new URL(context.req.url).searchParams;
  const statuses = query.getAll('order_status');
  if (statuses.includes('OPEN') && statuses.length > 1) {
    return failure(400, 'INVALID_ARGUMENT', 'open orders cannot be queried together with other statuses');
  }
  const orders = exchange.orders(account, call).filter((order) => isWanted(order, query));
  const rows = orders
    .reverse()
    .map(orderView)
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status));
  const { page, cursor } = pageOf(rows, query);
  return Response.json({ orders: page, sequence: '0', has_next: cursor !== '', cursor });
}

export function fillList(context: Context<Env>, exchange: Exchange, account: string, call: Call): Response {
  const query = new URL(context.req.url).searchParams;
  const [from, to] = [query.get('start_sequence_timestamp'), query.get('end_sequence_timestamp')];
  const orders = exchange.orders(account, call).filter((order) => isWanted(order, query));
  const fills = orders.flatMap(fillViews).filter(({ trade_time: at }) => {
    return (from === null || Date.parse(at) >= Date.parse(from)) && (to === null || Date.parse(at) <= Date.parse(to));
  });
  fills.sort((a, b) => Date.parse(b.trade_time) - Date.parse(a.trade_time));
  const { page, cursor } = pageOf(fills, query);
  return Response.json({ fills: page, cursor });
}

function isWanted(order: ExchangeOrder, query: URLSearchParams): boolean {
  const among = (name: string, value: string) => !query.has(name) || query.getAll(name).includes(value);
  const { orderId, state, placedAt } = order;
  const side = state.side === 'buy' ? 'BUY' : 'SELL';
  const [from, to] = [query.get('start_date'), query.get('end_date')];
  if (from !== null && placedAt < Date.parse(from)) return false;
  if (to !== null && placedAt >= Date.parse(to)) return false;
  return among('order_ids', orderId) && among('product_ids', state.symbol) && among('order_side', side);
}

/** A cursor is the position of the next row. */
function pageOf<Row>(rows: readonly Row[], query: URLSearchParams): { page: Row[]; cursor: string } {
  const start = Number(query.get('cursor') ?? '0') || 0;
  const size = Math.min(Number(query.get('limit') ?? MOST_ROWS) || MOST_ROWS, MOST_ROWS);
  const end = start + size;
  return { page: rows.slice(start, end), cursor: end < rows.length ? String(end) : '' };
}
