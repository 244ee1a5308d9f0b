/** Answers repeats of a request like the first one. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { canonicalHash } from '../auth/canonical-json.js';
import { ArbionError } from '../domain/errors.js';
import type { UserId } from '../domain/ids.js';
import {
  claimKey,
  findFirstRequest,
  type IdempotencyClaim,
  isAbandoned,
  keepAnswer,
  releaseKey,
} from '../storage/idempotency.js';
import type { AppEnv } from './context.js';

export interface Answer<Body = object> {
  status: ContentfulStatusCode;
  body: Body;
}

export function claimOf(context: Context<AppEnv>, userId: UserId, key: string, body: unknown): IdempotencyClaim {
  const route = `${context.req.method} ${context.req.path}`;
  return { userId, route, key, fingerprint: canonicalHash(body) };
}

export function keyReused(): ArbionError {
  return new ArbionError(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another request.',
    'Use a new key for each new request.',
  );
}

export function stillRunning(): ArbionError {
  return new ArbionError(
    'idempotency-in-progress',
    'The first request with this Idempotency-Key has not been answered yet.',
    'Repeat it after Retry-After.',
  );
}

/**
 * Does `work` once for a key, where there is one. Its answer is kept; when it fails the key is free again, so `work`
 * must bear to be done again after a failure in the middle.
 */
export async function once<Body extends object>(
  prisma: PrismaClient,
  claim: IdempotencyClaim | undefined,
  work: () => Promise<Answer<Body>>,
): Promise<{ answer: Answer<Body>; replayed: boolean }> {
  if (claim === undefined) return { answer: await work(), replayed: false };
  const kept = await claimOrRead<Body>(prisma, claim);
  if (kept) return { answer: kept, replayed: true };
  try {
    const answer = await work();
    await keepAnswer(prisma, claim, { status: answer.status, body: answer.body as Prisma.JsonObject });
    return { answer, replayed: false };
  } catch (error) {
    await releaseKey(prisma, claim);
    throw error;
  }
}

async function claimOrRead<Body>(prisma: PrismaClient, claim: IdempotencyClaim): Promise<Answer<Body> | undefined> {
  if (await claimKey(prisma, claim)) return undefined;
  const first = await findFirstRequest(prisma, claim);
  if (first.state === 'other-request') throw keyReused();
  if (first.state === 'answered') return first.answer as Answer<Body>;
  if (first.state === 'running' && !isAbandoned(first.since, Date.now())) throw stillRunning();
  // Its process died before it answered: the work is done again under the same key.
  return undefined;
}

export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Sends an answer, and says when it is a kept one. */
export function send<Body extends object, Status extends ContentfulStatusCode>(
  context: Context<AppEnv>,
  { answer, replayed }: { answer: { status: Status; body: Body }; replayed: boolean },
) {
  if (replayed) context.header(REPLAYED_HEADER, 'true');
  return context.json(answer.body, answer.status);
}
