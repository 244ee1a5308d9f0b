import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { ArbionError, type ErrorKind } from '../../domain/errors.js';
import { type AuditAction, recordAudit } from '../../storage/audit.js';
import type { ApiDependencies, AppEnv } from '../context.js';
import { originOf } from '../origin.js';
import { isFirstToRecord } from '../recorded-once.js';

/** Refusals that somebody may want to know of later. Without a credential at all there is nobody to name. */
const DENIALS: Readonly<Partial<Record<ErrorKind, { action: AuditAction; onceInSeconds: number }>>> = {
  forbidden: { action: 'authz_fail', onceInSeconds: 60 },
  'insufficient-scope': { action: 'authz_fail', onceInSeconds: 60 },
  'reauth-required': { action: 'authz_fail', onceInSeconds: 60 },
  'csrf-rejected': { action: 'authz_fail', onceInSeconds: 60 },
  'rate-limited': { action: 'excess_rate_limit_exceeded', onceInSeconds: 3_600 },
};

/** So many of strangers stand in the record in an hour; all stand in the log. */
const OF_STRANGERS = { key: 'record:strangers', limit: 500, seconds: 3_600 };

type Dependencies = Pick<ApiDependencies, 'prisma' | 'rateLimiter'>;

/** Records who was denied what: once in a while for each caller, route and kind. */
export function recordDenials(dependencies: Dependencies): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    await next();
    const { error } = context;
    if (!(error instanceof ArbionError)) return;
    try {
      await record(dependencies, context, error.kind);
    } catch (failure) {
      // The answer is no in any case.
      context.var.logger.error({ err: failure, denied: error.kind }, 'a denial could not be recorded');
    }
  };
}

async function record({ prisma, rateLimiter }: Dependencies, context: Context<AppEnv>, kind: ErrorKind): Promise<void> {
  const denial = DENIALS[kind];
  if (!denial) return;
  const { caller, clientAddress } = context.var;
  const route = `${context.req.method} ${routePath(context, -1)}`;
  const key = `${caller?.userId ?? clientAddress}:${kind}:${route}`;
  if (!(await isFirstToRecord(rateLimiter, key, denial.onceInSeconds))) return;
  if (!caller && !(await rateLimiter.hit(OF_STRANGERS)).allowed) return;
  await recordAudit(prisma, {
    actor: caller?.userId ?? 'unknown',
    action: denial.action,
    subject: route,
    detail: { why: kind, ...(caller && { via: caller.via }) },
    from: originOf(context),
  });
}
