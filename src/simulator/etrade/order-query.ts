/** Which orders a list shows, and in what state (docs/brokers/etrade.md, sections 5.5 and 6). */
import { tradingDay } from '../../domain/calendar.js';
import { decimal } from '../../domain/decimal.js';
import { parseOptionSymbol } from '../../domain/instrument.js';
import { notional } from '../../matching/funds.js';
import { averagePrice, type ExchangeOrder, executionsOf } from '../exchange/orders.js';
import type { EtradeOrder } from './order-body.js';
import { ETRADE_STATUSES, type EtradeStatus, type ListedOrder, listedOrder } from './order-views.js';
import type { Tree } from './xml.js';

/** E*TRADE's form of an order, which this protocol stored as its details, with the numbers that a split has changed. */
function etradeOrderOf({ details, state }: ExchangeOrder): EtradeOrder {
  const entered = details as unknown as EtradeOrder;
  const order = { ...entered, quantity: state.quantity.toString() };
  // The percentage of a trailing stop is in `stopPrice`.
  if (state.type === 'trailing_stop') return order;
  return {
    ...order,
    ...(state.limitPrice && { limitPrice: state.limitPrice.toString() }),
    ...(state.stopPrice && { stopPrice: state.stopPrice.toString() }),
  };
}

function etradeStatus({ state, cancelRequested }: ExchangeOrder): EtradeStatus {
  if (state.status === 'filled') return 'EXECUTED';
  if (state.status === 'cancelled') return 'CANCELLED';
  if (state.status === 'rejected') return 'REJECTED';
  if (state.status === 'expired') return 'EXPIRED';
  return cancelRequested ? 'CANCEL_REQUESTED' : 'OPEN';
}

function toListed(order: ExchangeOrder): ListedOrder {
  const words = etradeOrderOf(order);
  const average = averagePrice(order);
  const price = average ?? decimal(words.limitPrice ?? words.stopPrice ?? '0');
  return {
    ...{ orderId: Number(order.orderId), order: words, status: etradeStatus(order), placedAt: order.placedAt },
    executedAt: executionsOf(order).at(-1)?.at,
    filled: order.state.filled,
    averagePrice: average?.roundedTo(6, 'half_even'),
    value: notional(order.state, order.state.quantity, price).roundedTo(2, 'half_even'),
    replaces: order.replaces === undefined ? undefined : Number(order.replaces),
    replacedBy: order.replacedBy === undefined ? undefined : Number(order.replacedBy),
  };
}

/** An order of a list; `details` is its address. */
export interface Listed {
  orderId: string;
  view(details: string): Tree;
}

export function toOwn(order: ExchangeOrder): Listed {
  return { orderId: order.orderId, view: (details) => listedOrder(toListed(order), details) };
}

export interface ListQuery {
  count: number;
  /** the last order of the page before */
  marker: string | undefined;
  fits(order: ExchangeOrder): boolean;
}

const MOST_SYMBOLS = 25;
const MOST_ORDERS = 100;
const DEFAULT_ORDERS = 25;

export function readListQuery(query: URLSearchParams): ListQuery | { problem: string } {
  const status = query.get('status');
  const symbols = query.get('symbol')?.split(',');
  const [from, to] = [query.get('fromDate'), query.get('toDate')].map((text) => text && dayOf(text));
  const count = Number(query.get('count') ?? DEFAULT_ORDERS);
  if (status !== null && !ETRADE_STATUSES.some((known) => known === status)) return { problem: 'status is unknown' };
  if (!Number.isInteger(count) || count < 1 || count > MOST_ORDERS) return { problem: 'count is from 1 to 100' };
  if ((symbols?.length ?? 0) > MOST_SYMBOLS) return { problem: 'at most 25 symbols' };
  if (from === undefined || to === undefined || (from === null) !== (to === null)) {
    return { problem: 'fromDate and toDate come together, as MMDDYYYY' };
  }
  const wanted = { securityType: query.get('securityType'), orderAction: query.get('transactionType') };
  const session = query.get('marketSession');
  return {
    ...{ count, marker: query.get('marker') ?? undefined },
    fits: (order) => {
      const words = etradeOrderOf(order);
      const day = tradingDay('equity', order.placedAt);
      return (
        (status === null || hasStatus(order, status)) &&
        (from === null || to === null || (day >= from && day <= to)) &&
        (symbols === undefined || symbols.includes(underlyingOf(words.symbol ?? ''))) &&
        (wanted.securityType === null || words.orderType === wanted.securityType) &&
        (wanted.orderAction === null || words.orderAction === wanted.orderAction) &&
        (session === null || words.marketSession === session)
      );
    },
  };
}

/** `INDIVIDUAL_FILLS` lists partly filled orders; they are still open. */
function hasStatus(order: ExchangeOrder, status: string): boolean {
  if (status !== 'INDIVIDUAL_FILLS') return etradeStatus(order) === status;
  return order.state.status === 'partially_filled';
}

function underlyingOf(symbol: string): string {
  return parseOptionSymbol(symbol)?.root ?? symbol;
}

/** `MMDDYYYY` as `YYYY-MM-DD`; undefined when it is no day. */
function dayOf(text: string): string | undefined {
  const [, month, day, year] = /^(\d{2})(\d{2})(\d{4})$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}`;
  return Number.isNaN(Date.parse(iso)) ? undefined : iso;
}
