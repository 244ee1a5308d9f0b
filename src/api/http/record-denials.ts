import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { ArbionError, type ErrorKind, SealBroken } from '../../domain/errors.js';
import { type AuditAction, recordAudit } from '../../storage/audit.js';
import type { RateLimiter } from '../../storage/rate-limits.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from './context.js';
import { originOf } from './request-context.js';

interface Recorded {
  action: AuditAction;
  why: string;
  onceInSeconds: number;
}

/** Refusals worth a record. A request without credentials has no user to record. */
const DENIALS: Readonly<Partial<Record<ErrorKind, Omit<Recorded, 'why'>>>> = {
  forbidden: { action: 'authz_fail', onceInSeconds: 60 },
  'insufficient-scope': { action: 'authz_fail', onceInSeconds: 60 },
  'reauth-required': { action: 'authz_fail', onceInSeconds: 60 },
  'csrf-rejected': { action: 'authz_fail', onceInSeconds: 60 },
  'rate-limited': { action: 'excess_rate_limit_exceeded', onceInSeconds: 3_600 },
};

/** At most so many anonymous refusals are recorded per hour; the log has all of them. */
const ANONYMOUS_PER_HOUR = { key: 'record:anonymous', limit: 500, seconds: 3_600 };

type Dependencies = Pick<ApiDependencies, 'prisma' | 'rateLimiter'>;

/** Records who was refused what, and secrets that were tampered with, at most once in a while per caller, route and reason. */
export function recordDenials(dependencies: Dependencies): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    await next();
    const recorded = toRecord(context.error);
    if (!recorded) return;
    try {
      await record(dependencies, context, recorded);
    } catch (failure) {
      // The request is refused in any case.
      context.var.logger.error({ err: failure, denied: recorded.why }, 'could not record a refused request');
    }
  };
}

function toRecord(error: Error | undefined): Recorded | undefined {
  if (error instanceof SealBroken) return { action: 'crypt_decrypt_fail', why: error.message, onceInSeconds: 60 };
  if (!(error instanceof ArbionError)) return undefined;
  const denial = DENIALS[error.kind];
  return denial && { ...denial, why: error.kind };
}

async function record(
  { prisma, rateLimiter }: Dependencies,
  context: Context<AppEnv>,
  { action, why, onceInSeconds }: Recorded,
): Promise<void> {
  const { caller, clientAddress } = context.var;
  const route = `${context.req.method} ${routePath(context, -1)}`;
  const key = `${caller?.userId ?? clientAddress}:${why}:${route}`;
  if (!(await isFirstToRecord(rateLimiter, key, onceInSeconds))) return;
  if (!caller && !(await rateLimiter.hit(ANONYMOUS_PER_HOUR)).allowed) return;
  await recordAudit(prisma, {
    actor: caller?.userId ?? 'unknown',
    action,
    subject: route,
    detail: { why, ...(caller && { via: caller.via }) },
    from: originOf(context),
  });
}

/** Whether this is the first of its kind in a while, so that a flood of refusals does not become a flood of records. */
export async function isFirstToRecord(limiter: RateLimiter, kind: string, seconds: number): Promise<boolean> {
  return (await limiter.hit({ key: `record:${kind}`, limit: 1, seconds })).allowed;
}
