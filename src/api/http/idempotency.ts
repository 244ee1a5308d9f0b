/** Answers repeats of a request as the first one was answered. */
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

const key = z.string().regex(KEY, 'must be 1 to 255 visible ASCII characters, without quotes');

const description =
  'Identifies this request: a repeat with the same key and body gets the same answer and has no further effect.';

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
    'This idempotency key was already used for a different request.',
    'Use a new Idempotency-Key (for a signal: a new id) for each new request.',
  );
}

export function stillRunning(): ArbionError {
  return new ArbionError(
    'idempotency-in-progress',
    'The first request with this idempotency key is still in progress.',
    'Repeat it after the seconds in Retry-After.',
  );
}

const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Marks the response as the stored answer to an earlier request. */
export function markReplayed(context: Context<AppEnv>): void {
  context.header(REPLAYED_HEADER, 'true');
}

interface Work<Body> {
  /** undefined without an Idempotency-Key: then the work is done every time */
  claim: IdempotencyClaim | undefined;
  /** the trade that the work concerns: the key is kept as long as the trade */
  tradeId?: TradeId;
  /** the status of a successful answer */
  status: number;
  /** `begunAt`: when an earlier attempt began whose process ended before it answered */
  work: (begunAt?: Date) => Promise<Body>;
}

/**
 * Does the work once per key and stores its answer. If the work fails, the key is released, so the work must be safe to
 * repeat after a failure half-way.
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
