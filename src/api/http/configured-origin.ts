import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../platform/plaintext.js';
import type { AppEnv } from './context.js';

/**
 * Leads a browser that opens a page under another name of this machine to the configured one: cookies, and what counts as our
 * own page, are bound to that. Programs do not ask for pages; they are served under each name.
 */
export function configuredOrigin(publicUrl: string): MiddlewareHandler<AppEnv> {
  const ours = new URL(publicUrl);
  return async (context, next) => {
    const asked = new URL(context.req.url);
    if (!isForPage(context.req.raw) || !isOtherName(asked, ours)) return next();
    return context.redirect(`${ours.origin}${asked.pathname}${asked.search}`);
  };
}

function isForPage({ method, headers }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.get('accept') ?? '').includes('text/html');
}

function isOtherName(asked: URL, ours: URL): boolean {
  const areHere = [asked, ours].every(({ hostname }) => isLoopback(hostname));
  return areHere && asked.port === ours.port && asked.hostname !== ours.hostname;
}
