import type { MiddlewareHandler } from 'hono';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Keeps other sites from using a visitor's session. An unsafe request with a session cookie must show that it comes from
 * our own pages, by Fetch Metadata or by its Origin; with neither it is refused. A request without credentials is refused
 * only if it shows a foreign origin: a program may log in with neither header, a foreign page may not.
 */
export function csrfGuard(publicUrl: string): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const { caller } = context.var;
    if (SAFE_METHODS.includes(context.req.method) || caller?.via === 'token') return next();
    const site = context.req.header('sec-fetch-site');
    const origin = context.req.header('origin');
    const saysNothing = site === undefined && origin === undefined;
    const isOurs = site === undefined ? origin === publicUrl : site === 'same-origin';
    if (isOurs || (saysNothing && caller === undefined)) return next();
    throw new ArbionError(
      'csrf-rejected',
      "The request does not come from Arbion's own pages.",
      `Browsers: open ${publicUrl}. Programs: send a bearer token instead of the session cookie.`,
    );
  };
}
