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

/** Refusals that somebody may want to know of later. Without a credential at all there is nobody to name. */
const DENIALS: Readonly<Partial<Record<ErrorKind, Omit<Recorded, 'why'>>>> = {
  forbidden: { action: 'authz_fail', onceInSeconds: 60 },
  'insufficient-scope': { action: 'authz_fail', onceInSeconds: 60 },
  'reauth-required': { action: 'authz_fail', onceInSeconds: 60 },
  'csrf-rejected': { action: 'authz_fail', onceInSeconds: 60 },
  'rate-limited': { action: 'excess_rate_limit_exceeded', onceInSeconds: 3_600 },
};

/** So many of strangers stand in the record in an hour; all stand in the log. */
const OF_STRANGERS = { key: 'record:strangers', limit: 500, seconds: 3_600 };

type Dependencies = Pick<ApiDependencies, 'prisma' | 'rateLimiter'>;

/** Records who was denied what, and secrets that were tampered with: once in a while for each caller, route and reason. */
export function recordDenials(dependencies: Dependencies): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    await next();
    const recorded = toRecord(context.error);
    if (!recorded) return;
    try {
      await record(dependencies, context, recorded);
    } catch (failure) {
      // The answer is no in any case.
      context.var.logger.error({ err: failure, denied: recorded.why }, 'a denial could not be recorded');
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
  if (!caller && !(await rateLimiter.hit(OF_STRANGERS)).allowed) return;
  await recordAudit(prisma, {
    actor: caller?.userId ?? 'unknown',
    action,
    subject: route,
    detail: { why, ...(caller && { via: caller.via }) },
    from: originOf(context),
  });
}

/** Whether this is the first of its kind in a while: a flood of refusals must not become a flood of records. */
export async function isFirstToRecord(limiter: RateLimiter, kind: string, seconds: number): Promise<boolean> {
  return (await limiter.hit({ key: `record:${kind}`, limit: 1, seconds })).allowed;
}
