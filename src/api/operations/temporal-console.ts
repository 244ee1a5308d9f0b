import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from '../http/context.js';

/** Lets pages of Temporal's console, and no others, read the answers. Preflight requests end here. */
export function consoleCors(consoleUrl: string): MiddlewareHandler<AppEnv> {
  return cors({
    origin: consoleUrl,
    allowMethods: ['POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Namespace'],
    credentials: true,
    maxAge: 600,
  });
}

/** Takes the place of the CSRF guard: a session may be used by pages of the console, and by no other site. */
export function consoleGuard(consoleUrl: string): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const isSession = context.var.caller?.via === 'session';
    if (isSession && context.req.header('origin') !== consoleUrl) {
      throw new ArbionError(
        'csrf-rejected',
        "The request does not come from Temporal's console.",
        'Programs: send a bearer token instead of the session cookie.',
      );
    }
    await next();
  };
}
