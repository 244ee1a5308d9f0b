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
  const isSecure = publicUrl.startsWith('https:');
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
    headers.set('Content-Security-Policy', isPage ? PAGE_POLICY : API_POLICY);
    headers.set('X-Content-Type-Options', 'nosniff');
    headers.set('Referrer-Policy', 'no-referrer');
    headers.set('X-Frame-Options', 'DENY');
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    headers.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()');
    if (isSecure) headers.set('Strict-Transport-Security', `max-age=${TWO_YEARS_S}; includeSubDomains`);
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  };
}
