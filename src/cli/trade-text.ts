/** Trades and journal events as text for people. */
import { z } from 'zod';
import { Decimal } from '../domain/decimal.js';
import type { Paint } from './context.js';
import { tableOf } from './listing.js';
import { fieldLines, gainText, shortIds, shortTime } from './text.js';

/** The fields of a trade in the API that are shown to people. */
export const tradeShape = z.looseObject({
  id: z.string(),
  status: z.string(),
  reason: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  broker: z.string(),
  symbol: z.string(),
  side: z.string(),
  orderType: z.string(),
  quantity: z.string(),
  filledQuantity: z.string(),
  openQuantity: z.string(),
  limitPrice: z.string().nullable(),
  averageFillPrice: z.string().nullable(),
  stopPrice: z.string().nullable(),
  stopKind: z.string().nullable(),
  takeProfitPrice: z.string().nullable(),
  exitPrice: z.string().nullable(),
  exitReason: z.string().nullable(),
  exitsBy: z.string().nullable(),
  closedAt: z.string().nullable(),
  realizedPnl: z.string(),
  unrealizedPnl: z.string().nullable(),
  fees: z.string(),
  result: z.string(),
  marketSession: z.string().nullable(),
  waitsUntil: z.string().nullable(),
  stopActiveFrom: z.string().nullable(),
  createdAt: z.string(),
  note: z.string().nullable(),
});
export type Trade = z.infer<typeof tradeShape>;

export const eventShape = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type Event = z.infer<typeof eventShape>;

const FINAL = ['closed', 'cancelled', 'rejected', 'expired'];

export function isOver({ status }: Trade): boolean {
  return FINAL.includes(status);
}

export function tradeTable(trades: readonly Trade[], paint: Paint): string {
  if (trades.length === 0) return 'No trades.';
  const ids = shortIds(trades.map(({ id }) => id));
  return tableOf(trades, {
    id: (_, index) => ids[index],
    status: (trade) => statusText(trade, paint),
    side: ({ side }) => side,
    symbol: ({ symbol }) => symbol,
    filled: ({ filledQuantity, quantity }) => `${filledQuantity}/${quantity}`,
    price: ({ averageFillPrice }) => averageFillPrice,
    stop: ({ stopPrice }) => stopPrice,
    target: ({ takeProfitPrice }) => takeProfitPrice,
    cover: (trade) => coverText(trade, paint),
    'P&L': (trade) => resultText(trade, paint),
    broker: ({ broker }) => broker,
    since: ({ createdAt }) => shortTime(createdAt),
    exit: exitText,
  });
}

function statusText({ status }: Trade, paint: Paint): string {
  return status === 'needs_attention' ? paint('yellow', status) : status;
}

/** What would close the position: a stop at the broker, one that Arbion watches (emulated), or an exit under way. */
function coverText({ openQuantity, stopKind, status }: Trade, paint: Paint): string | null {
  if (Decimal.parse(openQuantity).isZero()) return null;
  if (stopKind === null) return status === 'closing' ? 'exit' : paint('red', 'none');
  return stopKind === 'broker' ? stopKind : paint('yellow', stopKind);
}

function resultText(trade: Trade, paint: Paint): string | null {
  const gain = isOver(trade) ? trade.result : trade.unrealizedPnl;
  return gain && gainText(gain, paint);
}

/** When and why the trade ended, or when the clock will close it. */
function exitText(trade: Trade): string | null {
  if (!isOver(trade)) return trade.exitsBy && `by ${shortTime(trade.exitsBy)}`;
  const why = trade.exitReason ?? trade.reason?.code ?? '';
  return `${shortTime(trade.closedAt ?? '')} ${why}`.trim() || null;
}

export function tradeText(trade: Trade, paint: Paint): string {
  const { reason, exitsBy, closedAt, note } = trade;
  return fieldLines([
    ['id', trade.id],
    ['status', `${statusText(trade, paint)}${reason ? `: ${reason.message} (${reason.code})` : ''}`],
    ['order', `${trade.side} ${trade.quantity} ${trade.symbol} ${priceText(trade)} at ${trade.broker}`],
    ['filled', trade.averageFillPrice ? `${trade.filledQuantity} at ${trade.averageFillPrice}` : trade.filledQuantity],
    ['held', trade.openQuantity],
    ['stop', stopText(trade)],
    ['target', trade.takeProfitPrice ?? '-'],
    ['exit', trade.exitPrice ? `${trade.exitPrice} (${trade.exitReason ?? 'unknown'})` : '-'],
    ...totalsOf(trade, paint),
    ...marketOf(trade),
    ['since', trade.createdAt],
    ...(exitsBy && !isOver(trade) ? [['out by', exitsBy] as const] : []),
    ...(closedAt ? [['ended', closedAt] as const] : []),
    ...trade.warnings.map(({ code, message }) => ['warning', `${message} (${code})`] as const),
    ...(note ? [['note', note] as const] : []),
  ]);
}

/** Of a trade that has ended, where the stop was. */
function stopText(trade: Trade): string {
  if (trade.stopPrice === null) return '-';
  return isOver(trade) ? trade.stopPrice : `${trade.stopPrice} (${trade.stopKind ?? 'not working'})`;
}

function totalsOf({ realizedPnl, unrealizedPnl, fees, result }: Trade, paint: Paint): [string, string][] {
  const open = unrealizedPnl === null ? 'unknown' : gainText(unrealizedPnl, paint);
  const total = Decimal.parse(result)
    .plus(Decimal.parse(unrealizedPnl ?? '0'))
    .toString();
  return [
    ['P&L', `${gainText(realizedPnl, paint)} realised, ${open} open`],
    ['fees', fees],
    ['total', `${gainText(total, paint)} after fees${unrealizedPnl === null ? ', without what is open' : ''}`],
  ];
}

/** Only where the hours of the market hold something up. */
function marketOf(trade: Trade): [string, string][] {
  const { marketSession, waitsUntil, stopActiveFrom } = trade;
  if (isOver(trade) || marketSession === null || marketSession === 'regular') return [];
  const state = marketSession === 'closed' ? 'closed' : 'extended hours';
  const order = trade.status === 'closing' ? 'the closing order' : 'the entry';
  const waits = waitsUntil ? `; ${order} waits until ${waitsUntil}` : '';
  return [['market', `${state}${waits}${stopActiveFrom ? `; the stop is active from ${stopActiveFrom}` : ''}`]];
}

function priceText(trade: Trade): string {
  return trade.limitPrice ? `at ${trade.limitPrice} or better` : 'at market';
}

export function eventText({ at, kind, data }: Event): string {
  const details = Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`);
  return `${shortTime(at)}  ${kind.replaceAll('_', ' ').padEnd(16)}  ${details.join(', ')}`.trimEnd();
}
