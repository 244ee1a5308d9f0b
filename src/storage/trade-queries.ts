/** What the API reads of trades. The owner is part of every query: another user's trade is no trade. */
import type { Prisma, PrismaClient, Trade, TradeEvent } from '../../prisma/generated/client.js';
import type { TradeId, UserId } from '../domain/ids.js';
import type { JournalEntry, JournalKind } from '../domain/trade/journal.js';
import { FINAL_STATUSES, type TradeStatus } from '../domain/trade/status.js';

export interface TradeFilter {
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
): Promise<Page<Trade>> {
  const rows = await prisma.trade.findMany({
    where: { userId, ...whereOf(filter), ...(page.after === undefined ? {} : { OR: afterCursor(page.after) }) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.limit + 1,
  });
  return { items: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}

function whereOf({ status, ...equal }: TradeFilter): Prisma.TradeWhereInput {
  return { ...equal, ...(status === undefined ? {} : { status: { in: [...status] } }) };
}

function afterCursor({ createdAt, id }: TradeCursor): Prisma.TradeWhereInput[] {
  return [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }];
}

/** Trades that hold something, for the portfolio; newest first, bounded. */
export function openTrades(prisma: PrismaClient, userId: UserId, limit = 1000): Promise<Trade[]> {
  return prisma.trade.findMany({
    where: { userId, openQuantity: { not: 0 } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
  });
}

/** Ids of the trades that are not over, for all users without `userId`. */
export async function liveTradeIds(prisma: PrismaClient, userId?: UserId): Promise<TradeId[]> {
  const rows = await prisma.trade.findMany({
    where: { status: { notIn: [...FINAL_STATUSES] }, ...(userId === undefined ? {} : { userId }) },
    select: { id: true },
  });
  return rows.map(({ id }) => id as TradeId);
}

/** An entry with its place in the journal of all trades. */
export interface StoredEvent extends JournalEntry {
  id: bigint;
  tradeId: TradeId;
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

/** The journals of all trades of a user, in order, after the entry `after`. */
export async function userEvents(
  prisma: PrismaClient,
  userId: UserId,
  page: { limit: number; after: bigint },
): Promise<StoredEvent[]> {
  const rows = await prisma.tradeEvent.findMany({
    where: { trade: { userId }, id: { gt: page.after } },
    orderBy: { id: 'asc' },
    take: page.limit,
  });
  return rows.map(toStoredEvent);
}

export function toStoredEvent(row: TradeEvent): StoredEvent {
  return {
    id: row.id,
    tradeId: row.tradeId as TradeId,
    key: row.key,
    at: row.at.getTime(),
    kind: row.kind as JournalKind,
    data: row.data as JournalEntry['data'],
  };
}
