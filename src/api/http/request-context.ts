import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import type { Logger } from '../../platform/logger.js';
import type { Origin } from '../../storage/audit.js';
import type { AppEnv } from './context.js';

/** A program may put its token into a path by mistake; it must not reach the log. */
const TOKEN = /arb_[\w%-]+/g;
const LONGEST_USER_AGENT = 200;

/** Gives each request an id, a logger and the client's address, and logs one line when it is answered. */
export function requestContext(logger: Logger, trustedHops: number): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    context.set('requestId', requestId);
    context.set('logger', logger.child({ requestId }));
    context.set('clientAddress', clientAddress(context, trustedHops));
    await next();
    context.res.headers.set('X-Request-Id', requestId);
    const { method } = context.req;
    const path = context.req.path.replace(TOKEN, 'arb_[withheld]');
    const durationMs = Math.round(performance.now() - startedAt);
    // Probes come every few seconds and would bury everything else.
    const level = path.startsWith('/health') ? 'debug' : 'info';
    context.var.logger[level]({ method, path, status: context.res.status, durationMs }, 'request answered');
  };
}

/** The address of the socket, or the one that the outermost trusted proxy saw. Headers that a client can set are ignored. */
function clientAddress(context: Context<AppEnv>, trustedHops: number): string {
  const socket = context.env?.incoming?.socket.remoteAddress ?? '127.0.0.1';
  if (trustedHops === 0) return canonical(socket);
  const hops = (context.req.header('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
  const seen = hops.at(-trustedHops);
  return canonical(seen !== undefined && isIP(seen) !== 0 ? seen : socket);
}

/** One text per client: IPv4 in IPv6 becomes IPv4, and an IPv6 address its /64, since a client has all addresses of it. */
export function canonical(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  return isIP(plain) === 6 ? network64(plain) : plain;
}

function network64(address: string): string {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = tail.split(':').filter((part) => part !== '');
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

/** Where a request comes from, for the audit record and the list of sessions. */
export function originOf(context: Context<AppEnv>): Origin {
  const userAgent = context.req.header('user-agent')?.replaceAll(/[^\x20-\x7e]/g, '?');
  return { address: context.var.clientAddress, userAgent: userAgent?.slice(0, LONGEST_USER_AGENT) ?? null };
}
