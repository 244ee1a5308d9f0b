import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from '../http/context.js';

/** Lets pages of Temporal's console, and of nobody else, read what we answer. Preflights end here. */
export function consoleCors(consoleUrl: string): MiddlewareHandler<AppEnv> {
  return cors({
    origin: consoleUrl,
    allowMethods: ['POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Namespace'],
    credentials: true,
    maxAge: 600,
  });
}

/** Stands where the CSRF guard stands elsewhere: a session serves the console's pages and no other site's. */
export function consoleGuard(consoleUrl: string): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const isSession = context.var.caller?.via === 'session';
    if (isSession && context.req.header('origin') !== consoleUrl) {
      throw new ArbionError(
        'csrf-rejected',
        "The request does not come from Temporal's console.",
        'Use a token instead.',
      );
    }
    await next();
  };
}
