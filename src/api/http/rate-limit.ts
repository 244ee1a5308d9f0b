import type { MiddlewareHandler } from 'hono';
import type { Turns } from '../../auth/turns.js';
import { RateLimited } from '../../domain/errors.js';
import type { RateLimits } from '../../platform/rate-limit-settings.js';
import type { RateLimiter, RateWindow } from '../../storage/rate-limits.js';
import type { AppEnv } from './context.js';

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
/** Exempt from the anonymous limit: health, static pages and documents, and the auth routes, which have limits of their own. */
const UNCOUNTED =
  /^\/(?:health(?:\/|$)|docs(?:\/|$)|(?:reset-password|confirm-email)(?:\.js)?$|openapi\.json$|api\/v1\/auth\/)/;

/**
 * Pages of Temporal's console call the codec for each payload, a hundred times a page, whether or not the reader is signed in.
 * Anonymous calls get nothing but a quick 401; they must not use up the requests that the reader needs to sign in.
 */
const OF_THE_CONSOLE = /^\/(?:codec|temporal)\//;

/** Limits requests by user, and anonymous ones by address. Runs after authentication. */
export function rateLimit(limiter: RateLimiter, limits: RateLimits): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const { caller, clientAddress } = context.var;
    if (caller !== undefined) {
      await enforce(limiter, { key: `user:${caller.userId}`, limit: limits.userPerMinute, seconds: MINUTE_S });
    } else if (OF_THE_CONSOLE.test(context.req.path)) {
      await enforce(limiter, { key: `console:${clientAddress}`, limit: limits.userPerMinute, seconds: MINUTE_S });
    } else if (!UNCOUNTED.test(context.req.path)) {
      await enforce(limiter, { key: `hour:${clientAddress}`, limit: limits.anonymousPerHour, seconds: HOUR_S });
      await enforce(limiter, { key: `day:${clientAddress}`, limit: limits.anonymousPerDay, seconds: DAY_S });
    }
    await next();
  };
}

/**
 * For log-in and every other route that checks a password. They take turns before anything is looked up for them: what waits
 * for a hash anyway would else keep the event loop from everybody. It comes after the body: one that never ends holds no turn.
 */
export function loginLimit(limiter: RateLimiter, limits: RateLimits, inTurn: Turns): MiddlewareHandler<AppEnv> {
  return (context, next) =>
    inTurn(async () => {
      const key = `login:${context.var.clientAddress}`;
      await enforce(limiter, { key, limit: limits.loginPerMinute, seconds: MINUTE_S });
      await next();
    });
}

export function registerLimit(limiter: RateLimiter, limits: RateLimits): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const key = `register:${context.var.clientAddress}`;
    await enforce(limiter, { key, limit: limits.registerPerHour, seconds: HOUR_S });
    await next();
  };
}

/** For password reset mails: nobody's mailbox may be flooded. */
export function resetLimit(limiter: RateLimiter, limits: RateLimits): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const key = `reset:${context.var.clientAddress}`;
    await enforce(limiter, { key, limit: limits.registerPerHour, seconds: HOUR_S });
    await next();
  };
}

/** For authenticated signals of one webhook: unauthenticated ones must not use up its limit. */
export function enforceWebhookLimit(limiter: RateLimiter, limits: RateLimits, webhookId: string): Promise<void> {
  return enforce(limiter, { key: `webhook:${webhookId}`, limit: limits.webhookPerMinute, seconds: MINUTE_S });
}

/** For signals of an address that prove nothing, whichever webhook they name. */
export function enforceFailedSignalLimit(limiter: RateLimiter, limits: RateLimits, address: string): Promise<void> {
  const key = `failed-signals:${address}`;
  return enforce(limiter, { key, limit: limits.failedSignalsPerMinute, seconds: MINUTE_S });
}

async function enforce(limiter: RateLimiter, window: RateWindow): Promise<void> {
  const verdict = await limiter.hit(window);
  if (!verdict.allowed) throw new RateLimited(verdict.retryAfterSeconds);
}
