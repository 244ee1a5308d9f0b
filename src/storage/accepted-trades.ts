/**
 * Trades that the API accepted and whose workflow may not have been started yet. The row itself is the outbox: it holds
 * all that a start needs, and `startedAt` stays null until a start is confirmed. Starting twice is the same start.
 */
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { type Decimal, decimal } from '../domain/decimal.js';
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

/** The last so many of an account's trades in a symbol say what is usual, and fewer than a few say nothing. */
const USUAL = { last: 20, least: 5 };

/** The middle of the account's last quantities in the trade's symbol; undefined when there are too few. */
export async function usualQuantity(
  database: Database,
  { account, symbol }: TradeRequest,
): Promise<Decimal | undefined> {
  const rows = await database.$queryRaw<{ quantity: string }[]>`
    SELECT quantity::text FROM trades WHERE account = ${account} AND symbol = ${symbol} AND status <> 'rejected'
    ORDER BY created_at DESC LIMIT ${USUAL.last}`;
  if (rows.length < USUAL.least) return undefined;
  const sorted = rows.map(({ quantity }) => decimal(quantity)).sort((one, other) => one.compare(other));
  return sorted[Math.floor(sorted.length / 2)];
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
