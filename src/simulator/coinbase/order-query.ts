/** Orders and fills as lists (docs/brokers/coinbase.md, sections 6.3 to 6.5). */
import type { Context } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Call } from '../exchange/new-order.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { failure, orderNotFound } from './answers.js';
import { fillViews, orderView } from './order-views.js';
import { unrelatedFills, unrelatedOrders } from './unrelated.js';

const MOST_ROWS = 1_000;

type Shown = Pick<Simulator, 'exchange' | 'hasUnrelated'>;

export function oneOrder({ exchange, hasUnrelated }: Shown, owner: Account, orderId: string, call: Call): Response {
  const order = exchange.order(owner.account, orderId, call);
  if (order) return Response.json({ order: orderView(order) });
  const unrelated = hasUnrelated && unrelatedOrders(owner).find(({ order_id }) => order_id === orderId);
  return unrelated ? Response.json({ order: unrelated }) : orderNotFound();
}

/** Newest first. `order_status=OPEN` cannot be combined with others. */
export function orderList(context: Context<Env>, simulator: Shown, owner: Account, call: Call): Response {
  const query = new URL(context.req.url).searchParams;
  const statuses = query.getAll('order_status');
  if (statuses.includes('OPEN') && statuses.length > 1) {
    return failure(400, 'INVALID_ARGUMENT', 'open orders cannot be queried together with other statuses');
  }
  const own = simulator.exchange.orders(owner.account, call).reverse().map(orderView);
  const rows = [...own, ...(simulator.hasUnrelated ? unrelatedOrders(owner) : [])].filter(isListedBy(query));
  const { page, cursor } = pageOf(rows, query);
  return Response.json({ orders: page, sequence: '0', has_next: cursor !== '', cursor });
}

export function fillList(context: Context<Env>, simulator: Shown, owner: Account, call: Call): Response {
  const query = new URL(context.req.url).searchParams;
  const [from, to] = [query.get('start_sequence_timestamp'), query.get('end_sequence_timestamp')];
  const until = simulator.exchange.fillsListedUntil(call);
  const own = simulator.exchange.orders(owner.account, call).flatMap((order) => fillViews(order, until));
  const fills = [...own, ...(simulator.hasUnrelated ? unrelatedFills(owner) : [])].filter((fill) => {
    const { trade_time: at, order_id, product_id, trade_id } = fill;
    const isWanted = hasValues(query, { order_ids: order_id, product_ids: product_id, trade_ids: trade_id });
    return (
      isWanted &&
      (from === null || Date.parse(at) >= Date.parse(from)) &&
      (to === null || Date.parse(at) <= Date.parse(to))
    );
  });
  fills.sort((a, b) => Date.parse(b.trade_time) - Date.parse(a.trade_time));
  const { page, cursor } = pageOf(fills, query);
  return Response.json({ fills: page, cursor });
}

type OrderView = Record<'order_id' | 'product_id' | 'side' | 'status' | 'created_time', string> &
  Record<'product_type' | 'order_type' | 'time_in_force' | 'order_placement_source', string>;

function isListedBy(query: URLSearchParams): (order: OrderView) => boolean {
  const [from, to] = [query.get('start_date'), query.get('end_date')];
  return (order) => {
    const at = Date.parse(order.created_time);
    if (from !== null && at < Date.parse(from)) return false;
    if (to !== null && at >= Date.parse(to)) return false;
    return hasValues(query, {
      ...{ order_ids: order.order_id, product_ids: order.product_id, order_side: order.side },
      ...{ order_status: order.status, product_type: order.product_type, order_types: order.order_type },
      ...{ time_in_forces: order.time_in_force, order_placement_source: order.order_placement_source },
    });
  };
}

/** Whether each of the values is among those that are asked for by its name, where any are. */
function hasValues(query: URLSearchParams, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(values).every(([name, value]) => {
    const asked = query.getAll(name).filter((text) => !text.startsWith('UNKNOWN_'));
    return asked.length === 0 || asked.includes(value);
  });
}

/** A cursor is the position of the next row. */
function pageOf<Row>(rows: readonly Row[], query: URLSearchParams): { page: Row[]; cursor: string } {
  const start = Number(query.get('cursor') ?? '0') || 0;
  const size = Math.min(Number(query.get('limit') ?? MOST_ROWS) || MOST_ROWS, MOST_ROWS);
  const end = start + size;
  return { page: rows.slice(start, end), cursor: end < rows.length ? String(end) : '' };
}
