/**
 * Trades that the API accepted and whose workflow may not have been started yet. The row itself is the outbox: it holds
 * all that a start needs, and `startedAt` stays null until a start is confirmed. Starting twice is the same start.
 */
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId } from '../domain/ids.js';
import type { StartTicket, TradeInput, TradeRequest } from '../domain/trade/request.js';
import { requestedEntry, requestedRow } from './trade-view.js';

type Database = PrismaClient | Prisma.TransactionClient;

/** Records the request as a pending trade, with the first entry of its journal. */
export async function insertAcceptedTrade(database: Database, input: TradeInput): Promise<void> {
  await database.trade.create({ data: { ...requestedRow(input), events: { create: requestedEntry(input) } } });
}

export async function markStarted(database: Database, tradeId: TradeId): Promise<void> {
  await database.trade.updateMany({ where: { id: tradeId, startedAt: null }, data: { startedAt: new Date() } });
}

/** The same order by the same account since `since`, unless it was refused: perhaps a click too many. The lock makes two at once see each other. */
export async function hasRecentTwin(
  database: Prisma.TransactionClient,
  trade: TradeRequest,
  since: Date,
): Promise<boolean> {
  const { account, symbol, side, quantity } = trade;
  await database.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`repeat gate ${account}`}))`;
  const twins = await database.trade.count({
    where: { account, symbol, side, quantity, createdAt: { gte: since }, status: { not: 'rejected' } },
  });
  return twins > 0;
}

/**
 * Takes the oldest unstarted trade that is older than `before` and lets `start` start it; no other process takes the
 * same one meanwhile. Answers its id, or undefined when there is none. What `start` throws leaves it where it was.
 */
export function startOldest(
  prisma: PrismaClient,
  { before, except }: { before: Date; except: readonly string[] },
  start: (input: TradeInput) => Promise<void>,
): Promise<TradeId | undefined> {
  return prisma.$transaction(
    async (database) => {
      const rows = await database.$queryRaw<{ id: string; request: unknown; ticket: unknown }[]>`
        SELECT id, request, ticket FROM trades
        WHERE started_at IS NULL AND ticket IS NOT NULL AND created_at < ${before}
          AND id <> ALL(${[...except]}::uuid[])
        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`;
      const [row] = rows;
      if (!row) return undefined;
      await start({ trade: row.request as TradeRequest, ticket: row.ticket as StartTicket });
      await markStarted(database, row.id as TradeId);
      return row.id as TradeId;
    },
    { timeout: 20_000 },
  );
}
