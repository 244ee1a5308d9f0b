/** What the API reads of trades. The owner is part of every query: another user's trade is no trade. */
import { Prisma, type PrismaClient, type Trade } from '../../prisma/generated/client.js';
import { Decimal, type DecimalString, decimal } from '../domain/decimal.js';
import type { TradeId, UserId } from '../domain/ids.js';
import { FINAL_STATUSES, type TradeStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { textOf } from './decimal-text.js';
import { type StoredEvent, toStoredEvent } from './journals.js';
import { viewOf } from './trade-view.js';

export interface TradeFilter {
  /** The first digits of the id, at most 32, lower case, without hyphens. */
  idPrefix?: string;
  status?: readonly TradeStatus[];
  symbol?: string;
  broker?: string;
  strategy?: string;
}

/** The place in a list after which the next page begins: newest first, the id decides between equals. */
export interface TradeCursor {
  createdAt: Date;
  id: TradeId;
}

export interface Page<Item> {
  items: Item[];
  hasMore: boolean;
}

export function findTrade(prisma: PrismaClient, userId: UserId, tradeId: TradeId): Promise<Trade | null> {
  return prisma.trade.findFirst({ where: { id: tradeId, userId } });
}

export async function listTrades(
  prisma: PrismaClient,
  userId: UserId,
  filter: TradeFilter,
  page: { limit: number; after?: TradeCursor },
): Promise<Page<TradeView>> {
  // Written out, because the client takes five times as long over a page of views.
  const rows = await prisma.$queryRaw<{ view: unknown }[]>`
    SELECT view FROM trades WHERE ${Prisma.join(conditionsOf(userId, filter, page.after), ' AND ')}
    ORDER BY created_at DESC, id DESC LIMIT ${page.limit + 1}`;
  return { items: rows.slice(0, page.limit).map(viewOf), hasMore: rows.length > page.limit };
}

function conditionsOf(
  userId: UserId,
  { idPrefix, status, symbol, broker, strategy }: TradeFilter,
  after: TradeCursor | undefined,
): Prisma.Sql[] {
  const conditions = [
    Prisma.sql`user_id = ${userId}::uuid`,
    idPrefix !== undefined && idsFrom(idPrefix),
    status && Prisma.sql`status = ANY(${[...status]})`,
    symbol !== undefined && Prisma.sql`symbol = ${symbol}`,
    broker !== undefined && Prisma.sql`broker = ${broker}`,
    strategy !== undefined && Prisma.sql`strategy = ${strategy}`,
    after && Prisma.sql`(created_at, id) < (${after.createdAt}, ${after.id}::uuid)`,
  ];
  return conditions.filter((condition) => condition instanceof Prisma.Sql);
}

/** A range, because the index of a UUID column cannot be searched by a text prefix. */
function idsFrom(prefix: string): Prisma.Sql {
  return Prisma.sql`id BETWEEN ${uuidOf(prefix.padEnd(32, '0'))}::uuid AND ${uuidOf(prefix.padEnd(32, 'f'))}::uuid`;
}

function uuidOf(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function openTradesCount(prisma: PrismaClient, userId: UserId): Promise<number> {
  return prisma.trade.count({ where: { userId, openQuantity: { not: 0 } } });
}

/** Of all trades of the user, ever. */
export async function realizedTotals(
  prisma: PrismaClient,
  userId: UserId,
): Promise<Record<'realizedPnl' | 'fees' | 'result', DecimalString>> {
  const { _sum: sums } = await prisma.trade.aggregate({ where: { userId }, _sum: { realizedPnl: true, fees: true } });
  const [realizedPnl, fees] = [orZero(sums.realizedPnl), orZero(sums.fees)];
  return { realizedPnl: realizedPnl.toString(), fees: fees.toString(), result: realizedPnl.minus(fees).toString() };
}

function orZero(sum: Prisma.Decimal | null): Decimal {
  return sum === null ? Decimal.zero : decimal(textOf(sum));
}

/** Ids of the trades that are not over, for all users without `userId`; with `until` of those that were accepted by then. */
export async function liveTradeIds(
  prisma: PrismaClient,
  of: { userId?: UserId; account?: string; symbol?: string; strategy?: string } = {},
  until?: Date,
): Promise<TradeId[]> {
  const rows = await prisma.trade.findMany({
    where: { status: { notIn: [...FINAL_STATUSES] }, ...of, ...(until && { createdAt: { lte: until } }) },
    select: { id: true },
  });
  return rows.map(({ id }) => id as TradeId);
}

/** The journal of one trade, in order, after the entry `after`. */
export async function tradeEvents(
  prisma: PrismaClient,
  tradeId: TradeId,
  page: { limit: number; after?: bigint },
): Promise<Page<StoredEvent>> {
  const rows = await prisma.tradeEvent.findMany({
    where: { tradeId, ...(page.after === undefined ? {} : { id: { gt: page.after } }) },
    orderBy: { id: 'asc' },
    take: page.limit + 1,
  });
  return { items: rows.slice(0, page.limit).map(toStoredEvent), hasMore: rows.length > page.limit };
}
