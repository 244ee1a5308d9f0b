/** The journals of all trades in the order of their ids, up to where nothing can appear any more (decision 18). */
import type { Prisma, PrismaClient, TradeEvent } from '../../prisma/generated/client.js';
import type { TradeId, UserId } from '../domain/ids.js';
import type { JournalEntry, JournalKind } from '../domain/trade/journal.js';

/** An entry with its place in the journals of all trades. */
export interface StoredEvent extends JournalEntry {
  id: bigint;
  tradeId: TradeId;
}

/** A part of the journals: the entries behind `after`, up to and with `upTo`. */
interface JournalPart {
  after: bigint;
  upTo: bigint;
}

/** The id up to which the next query sees every entry that there will ever be. It may fall a little while others write. */
export async function journalsCompleteTo(prisma: PrismaClient): Promise<bigint> {
  const [row] = await prisma.$queryRaw<{ id: bigint }[]>`SELECT trade_events_complete_to() AS id`;
  return row?.id ?? 0n;
}

/** Where a client is that names this id as the last one it has; one that is still to come counts as the newest. */
export async function placeOf(prisma: PrismaClient, id: bigint): Promise<bigint> {
  const newest = await prisma.tradeEvent.findFirst({ orderBy: { id: 'desc' }, select: { id: true } });
  const newestId = newest?.id ?? 0n;
  return id < newestId ? id : newestId;
}

/** The first entries of all users in a part, in order. */
export async function allEntries(
  prisma: PrismaClient,
  part: JournalPart,
  limit: number,
): Promise<{ userId: UserId; entry: StoredEvent }[]> {
  const rows = await prisma.tradeEvent.findMany({
    ...inOrder(part, limit),
    include: { trade: { select: { userId: true } } },
  });
  return rows.map(({ trade, ...row }) => ({ userId: trade.userId as UserId, entry: toStoredEvent(row) }));
}

/** The first entries of a user in a part, in order. */
export async function entriesOf(
  prisma: PrismaClient,
  userId: UserId,
  part: JournalPart,
  limit: number,
): Promise<StoredEvent[]> {
  const { where, ...page } = inOrder(part, limit);
  const rows = await prisma.tradeEvent.findMany({ where: { ...where, trade: { userId } }, ...page });
  return rows.map(toStoredEvent);
}

function inOrder({ after, upTo }: JournalPart, limit: number) {
  return {
    where: { id: { gt: after, lte: upTo } },
    orderBy: { id: 'asc' },
    take: limit,
  } satisfies Prisma.TradeEventFindManyArgs;
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
