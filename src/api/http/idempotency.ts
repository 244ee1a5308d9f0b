/** Answers repeats of a request like the first one. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import { canonicalHash } from '../../auth/canonical-json.js';
import { ArbionError } from '../../domain/errors.js';
import type { TradeId, UserId } from '../../domain/ids.js';
import {
  claimKey,
  findFirstRequest,
  type IdempotencyClaim,
  isAbandoned,
  keepAnswer,
  releaseKey,
} from '../../storage/idempotency.js';
import type { AppEnv } from './context.js';

const KEY = /^[!-~]{1,255}$/;

const key = z.string().regex(KEY, 'must be 1 to 255 visible ASCII characters, unquoted');

const description = 'Names this request: a repeat with the same key and body gets the same answer and starts nothing.';

export const requiredKey = z.object({ 'idempotency-key': key.openapi({ description }) });
export const optionalKey = z.object({ 'idempotency-key': key.optional().openapi({ description }) });

export function claimOf(context: Context<AppEnv>, userId: UserId, key: string, body: unknown): IdempotencyClaim {
  const route = `${context.req.method} ${context.req.path}`;
  return { userId, route, key, fingerprint: canonicalHash(body) };
}

/** For routes where the key may be left out. */
export function optionalClaimOf(
  context: Context<AppEnv>,
  userId: UserId,
  key: string | undefined,
  body: unknown,
): IdempotencyClaim | undefined {
  return key === undefined ? undefined : claimOf(context, userId, key, body);
}

export function keyReused(): ArbionError {
  return new ArbionError(
    'idempotency-key-reused',
    'This key was used for another request.',
    'Use a new Idempotency-Key (of a signal: a new id) for each new request.',
  );
}

export function stillRunning(): ArbionError {
  return new ArbionError(
    'idempotency-in-progress',
    'The first request with this key has not been answered yet.',
    'Repeat it after Retry-After.',
  );
}

const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Tells the caller that this is the kept answer of an earlier request. */
export function markReplayed(context: Context<AppEnv>): void {
  context.header(REPLAYED_HEADER, 'true');
}

interface Work<Body> {
  /** undefined without an Idempotency-Key: then the work is simply done */
  claim: IdempotencyClaim | undefined;
  /** the trade that the work is about: the key lives as long as it */
  tradeId?: TradeId;
  /** the status that success is answered with */
  status: number;
  /** `begunAt`: when the same was begun before, by a process that died before it answered */
  work: (begunAt?: Date) => Promise<Body>;
}

/**
 * Does the work once for a key. Its answer is kept; when it fails the key is free again, so the work must bear to be
 * done again after a failure in the middle.
 */
export async function once<Body extends object>(
  context: Context<AppEnv>,
  prisma: PrismaClient,
  { claim, tradeId, status, work }: Work<Body>,
): Promise<Body> {
  if (claim === undefined) return work();
  const first = await claimOrRead(prisma, claim, tradeId);
  if (first.kept) {
    markReplayed(context);
    return first.kept as Body;
  }
  try {
    const body = await work(first.begunAt);
    await keepAnswer(prisma, claim, { status, body });
    return body;
  } catch (error) {
    await releaseKey(prisma, claim);
    throw error;
  }
}

async function claimOrRead(
  prisma: PrismaClient,
  claim: IdempotencyClaim,
  tradeId: TradeId | undefined,
): Promise<{ kept?: object; begunAt?: Date }> {
  if (await claimKey(prisma, claim, tradeId)) return {};
  const first = await findFirstRequest(prisma, claim);
  if (first.state === 'other-request') throw keyReused();
  if (first.state === 'answered') return { kept: first.answer.body };
  if (first.state === 'none') return {};
  if (!isAbandoned(first.since, Date.now())) throw stillRunning();
  return { begunAt: first.since };
}
