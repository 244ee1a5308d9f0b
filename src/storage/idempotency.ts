/**
 * The first answer to a request that starts work, kept by user, route and key for as long as a repeat may come.
 * A failure of ours is never kept: the repeat finds out what became of the work instead.
 */
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { TradeId, UserId } from '../domain/ids.js';
import { FINAL_STATUSES } from '../domain/trade/status.js';

type Database = PrismaClient | Prisma.TransactionClient;

export interface IdempotencyClaim {
  userId: UserId;
  /** method and path */
  route: string;
  key: string;
  /** of the body, so that the same key with another body is seen */
  fingerprint: string;
  /** 30 without */
  keptDays?: number;
}

export interface StoredAnswer {
  status: number;
  body: object;
}

export type FirstRequest =
  | { state: 'none' }
  | { state: 'other-request' }
  /** `since` says how long it has been running; one that outlived every time limit died with its process */
  | { state: 'running'; since: Date; tradeId: TradeId | undefined }
  | { state: 'answered'; answer: StoredAnswer; tradeId: TradeId | undefined };

/** Longer than any request runs. */
const ABANDONED_AFTER_MS = 30_000;

export function isAbandoned(since: Date, now: number): boolean {
  return now - since.getTime() > ABANDONED_AFTER_MS;
}

export async function findFirstRequest(database: Database, claim: IdempotencyClaim): Promise<FirstRequest> {
  const row = await database.idempotencyKey.findUnique({ where: whereOf(claim) });
  if (!row) return { state: 'none' };
  if (row.fingerprint !== claim.fingerprint) return { state: 'other-request' };
  const tradeId = (row.tradeId as TradeId | null) ?? undefined;
  if (row.status === null) return { state: 'running', since: row.createdAt, tradeId };
  return { state: 'answered', answer: { status: row.status, body: JSON.parse(String(row.body)) }, tradeId };
}

/** Answers false when another request has the key already. */
export async function claimKey(database: Database, claim: IdempotencyClaim, tradeId?: TradeId): Promise<boolean> {
  const { count } = await database.idempotencyKey.createMany({
    data: [{ ...claim, ...(tradeId === undefined ? {} : { tradeId }) }],
    skipDuplicates: true,
  });
  return count === 1;
}

/** Kept as text inside the JSON column, which would forget the order of keys: a repeat is answered to the byte. */
export async function keepAnswer(database: Database, claim: IdempotencyClaim, answer: StoredAnswer): Promise<void> {
  await database.idempotencyKey.update({
    where: whereOf(claim),
    data: { status: answer.status, body: JSON.stringify(answer.body) },
  });
}

/** Lets a repeat begin anew; for requests that were refused or failed before they did anything lasting. */
export async function releaseKey(database: Database, { userId, route, key }: IdempotencyClaim): Promise<void> {
  await database.idempotencyKey.deleteMany({ where: { userId, route, key } });
}

/** Forgets keys when their days are over, but never while their trade lives; run now and then. */
export async function deleteOldKeys(prisma: PrismaClient, now: Date): Promise<void> {
  await prisma.$executeRaw`
    DELETE FROM idempotency_keys AS k
    WHERE k.created_at < ${now}::timestamptz - make_interval(days => k.kept_days) AND NOT EXISTS (
      SELECT 1 FROM trades t WHERE t.id = k.trade_id AND NOT t.status = ANY(${[...FINAL_STATUSES]}))`;
}

function whereOf({ userId, route, key }: IdempotencyClaim): Prisma.IdempotencyKeyWhereUniqueInput {
  return { userId_route_key: { userId, route, key } };
}
