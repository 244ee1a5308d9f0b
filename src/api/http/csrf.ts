import type { MiddlewareHandler } from 'hono';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * No other site may use a visitor's session. Every unsafe request that a session cookie authorises must prove that it
 * comes from our own pages: by Fetch Metadata, else by its Origin; without either it is refused. Without a credential
 * only what shows a foreign origin is refused: a program logs in with neither header, a foreign page must not.
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
      'Use a token instead.',
    );
  };
}
