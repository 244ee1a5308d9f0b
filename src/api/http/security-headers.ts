import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.js';

const TWO_YEARS_S = 63_072_000;

const API_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
/** Pages load from this server only and run no inline scripts. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every response, errors included. */
export function securityHeaders(publicUrl: string): MiddlewareHandler<AppEnv> {
  const always = Object.entries(securityHeadersOf(publicUrl));
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
    // What may be kept is up to the route.
    for (const [name, value] of always) if (name !== 'Cache-Control' || !headers.has(name)) headers.set(name, value);
    headers.set('Content-Security-Policy', context.var.policy ?? (isPage ? PAGE_POLICY : API_POLICY));
  };
}

/** The same for what is answered before the framework is asked. */
export function securityHeadersOf(publicUrl: string): Record<string, string> {
  const isSecure = publicUrl.startsWith('https:');
  return {
    'Content-Security-Policy': API_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    ...(isSecure && { 'Strict-Transport-Security': `max-age=${TWO_YEARS_S}; includeSubDomains` }),
    'Cache-Control': 'no-store',
  };
}
