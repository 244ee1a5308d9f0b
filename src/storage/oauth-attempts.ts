import type { OAuthAttempt, PrismaClient } from '../../prisma/generated/client.js';
import type { LiveBroker } from '../domain/broker-login.js';
import type { UserId } from '../domain/ids.js';

/** Whose login it is, and from which browser. */
export interface AttemptOwner {
  userId: UserId;
  sessionId: string;
  broker: LiveBroker;
}

export interface NewAttempt extends AttemptOwner {
  stateHash: string;
  sealed: Uint8Array<ArrayBuffer>;
  expiresAt: Date;
}

/** Keeps a login that has begun; forgets those that ran out. */
export async function storeAttempt(prisma: PrismaClient, attempt: NewAttempt, now: Date): Promise<void> {
  await prisma.oAuthAttempt.deleteMany({ where: { expiresAt: { lte: now } } });
  await prisma.oAuthAttempt.create({ data: attempt });
}

/** Takes a login out, so that it is used once; undefined when the owner has none of that state, or it ran out. */
export async function takeAttempt(
  prisma: PrismaClient,
  { userId, sessionId, broker }: AttemptOwner,
  stateHash: string,
  now: Date,
): Promise<OAuthAttempt | undefined> {
  const rows = await prisma.$queryRaw<OAuthAttempt[]>`
    DELETE FROM oauth_attempts
    WHERE state_hash = ${stateHash} AND user_id = ${userId}::uuid AND session_id = ${sessionId} AND broker = ${broker}
    RETURNING state_hash AS "stateHash", user_id AS "userId", session_id AS "sessionId", broker, sealed,
      expires_at AS "expiresAt"`;
  const [attempt] = rows;
  return attempt && attempt.expiresAt > now ? attempt : undefined;
}

/** The state of the login that the owner began last. */
export async function lastAttempt(
  prisma: PrismaClient,
  { userId, sessionId, broker }: AttemptOwner,
): Promise<string | undefined> {
  const row = await prisma.oAuthAttempt.findFirst({
    where: { userId, sessionId, broker },
    orderBy: { expiresAt: 'desc' },
  });
  return row?.stateHash;
}
