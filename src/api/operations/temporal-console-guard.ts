import type { Context, MiddlewareHandler } from 'hono';
import { isAdmin } from '../../auth/caller.js';
import { ArbionError } from '../../domain/errors.js';
import { sessionOf } from '../http/access.js';
import type { AppEnv } from '../http/context.js';

/**
 * The console is for administrators who are signed in, at Arbion's own address, and for the console's own pages. Another
 * site may link to it, but neither read from it nor write to it.
 */
export function consoleGuard(publicUrl: string): MiddlewareHandler<AppEnv> {
  const { host } = new URL(publicUrl);
  return async (context, next) => {
    if (new URL(context.req.url).host !== host) {
      throw new ArbionError('bad-header', 'The Host header names another server.', `Open ${publicUrl}/temporal/.`);
    }
    const caller = sessionOf(context);
    if (!isAdmin(caller)) throw new ArbionError('forbidden', 'Only administrators may do this.');
    if (isFromElsewhere(context, publicUrl)) {
      throw new ArbionError('csrf-rejected', "The request does not come from Arbion's own pages.");
    }
    await next();
  };
}

function isFromElsewhere(context: Context<AppEnv>, publicUrl: string): boolean {
  const header = (name: string) => context.req.header(name);
  const [origin, site] = [header('origin'), header('sec-fetch-site')];
  if (origin !== undefined && origin !== publicUrl) return true;
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const isLink = header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document';
  return !(isLink && context.req.method === 'GET');
}
