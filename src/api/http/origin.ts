import type { Context } from 'hono';
import type { Origin } from '../../storage/audit.js';
import type { AppEnv } from './context.js';

const LONGEST_USER_AGENT = 200;

/** Where a request comes from, for the record and for the list of sessions. */
export function originOf(context: Context<AppEnv>): Origin {
  const userAgent = context.req.header('user-agent')?.replaceAll(/[^\x20-\x7e]/g, '?');
  return { address: context.var.clientAddress, userAgent: userAgent?.slice(0, LONGEST_USER_AGENT) ?? null };
}
