/** Trades and journal events as text for people. */
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { Decimal } from '../domain/decimal.js';
import type { Paint } from './context.js';

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
  realizedPnl: z.string(),
  unrealizedPnl: z.string().nullable(),
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

/** Enough digits to distinguish one person's trades. */
const SHORT = 8;

export function shortId(id: string): string {
  return id.slice(0, SHORT);
}

/** The ids for a list: short where they are unique in it, else in full. */
function shortIds(ids: readonly string[]): string[] {
  const short = ids.map(shortId);
  return ids.map((id) => (short.filter((each) => each === shortId(id)).length === 1 ? shortId(id) : id));
}

/** Columns are as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => lengthShown(row[column]))));
  const padded = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - lengthShown(cell));
  return all.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}

/** Colours take no place. */
function lengthShown(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}

/** A line for each field. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[]): string {
  return fields.map(([name, value]) => `${name.padEnd(8)}${value}`).join('\n');
}

export function gainText(amount: string, paint: Paint): string {
  const gain = Decimal.parse(amount);
  return gain.isZero() ? amount : paint(gain.isNegative() ? 'red' : 'green', amount);
}

export function tradeTable(trades: readonly Trade[]): string {
  if (trades.length === 0) return 'No trades.';
  const ids = shortIds(trades.map(({ id }) => id));
  const rows = trades.map((trade, index) => [
    ids[index] ?? trade.id,
    trade.status,
    trade.side,
    trade.symbol,
    `${trade.filledQuantity}/${trade.quantity}`,
    trade.averageFillPrice ?? '-',
    trade.stopPrice ?? '-',
    trade.takeProfitPrice ?? '-',
    isOver(trade) ? trade.realizedPnl : (trade.unrealizedPnl ?? '-'),
    shortTime(trade.createdAt),
  ]);
  return table(['id', 'status', 'side', 'symbol', 'filled', 'price', 'stop', 'target', 'P&L', 'since'], rows);
}

export function tradeText(trade: Trade): string {
  const rows = [
    ['id', trade.id],
    ['status', trade.reason ? `${trade.status}: ${trade.reason.message} (${trade.reason.code})` : trade.status],
    ['order', `${trade.side} ${trade.quantity} ${trade.symbol} ${priceText(trade)} at ${trade.broker}`],
    ['filled', trade.averageFillPrice ? `${trade.filledQuantity} at ${trade.averageFillPrice}` : trade.filledQuantity],
    ['held', trade.openQuantity],
    ['stop', trade.stopPrice ? `${trade.stopPrice} (${trade.stopKind ?? 'not working'})` : '-'],
    ['target', trade.takeProfitPrice ?? '-'],
    ['exit', trade.exitPrice ? `${trade.exitPrice} (${trade.exitReason ?? 'unknown'})` : '-'],
    ['P&L', `${trade.realizedPnl} realised, ${trade.unrealizedPnl ?? 'unknown'} open`],
    ['since', trade.createdAt],
    ...trade.warnings.map(({ code, message }) => ['warning', `${message} (${code})`]),
    ...(trade.note ? [['note', trade.note]] : []),
  ];
  return rows.map(([name = '', value]) => `${name.padEnd(8)}${value}`).join('\n');
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

/** `2026-03-02 14:30:00`, UTC. */
export function shortTime(text: string): string {
  return text.slice(0, 19).replace('T', ' ');
}
