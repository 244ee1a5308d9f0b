import type { MiddlewareHandler } from 'hono';
import type { Caller } from '../../auth/caller.js';
import type { Sessions } from '../../auth/sessions.js';
import type { Tokens } from '../../auth/tokens.js';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from '../context.js';

const BEARER = /^Bearer ([A-Za-z0-9_-]{1,200})$/;
const SECRET_PARAMETERS = ['token', 'access_token', 'api_key', 'apikey', 'authorization'];

/** Finds out who is calling, by token or by session cookie. Whether that is enough is each route's own business. */
export function authenticate(sessions: Sessions, tokens: Tokens): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    refuseTokenInUrl(new URL(context.req.url).searchParams);
    const now = new Date();
    const header = context.req.header('authorization');
    const byToken = header === undefined ? undefined : await callerOfHeader(header, tokens, now);
    const cookie = context.req.header('cookie');
    const session = cookie?.includes(sessions.cookieName) ? await sessions.validate(cookie, now) : undefined;

    if (header !== undefined && byToken === undefined) {
      context.set('refusedCredential', 'unauthenticated');
    } else if (byToken !== undefined) {
      if (session?.state === 'valid') requireSameUser(byToken, session.caller);
      context.set('caller', byToken);
    } else if (session?.state === 'valid') {
      context.set('caller', session.caller);
    } else if (session !== undefined) {
      context.set('refusedCredential', session.state === 'expired' ? 'session-expired' : 'unauthenticated');
    }
    await next();
  };
}

async function callerOfHeader(header: string, tokens: Tokens, now: Date): Promise<Caller | undefined> {
  const token = BEARER.exec(header)?.[1];
  return token === undefined ? undefined : tokens.authenticate(token, now);
}

/** URLs end up in logs and histories, so a secret in one is refused even when it is not needed. */
function refuseTokenInUrl(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (SECRET_PARAMETERS.includes(name.toLowerCase()) || value.startsWith('arb_')) {
      throw new ArbionError(
        'malformed-request',
        'A token must not stand in the URL.',
        'Send it as "Authorization: Bearer …", and revoke this one.',
      );
    }
  }
}

function requireSameUser(byToken: Caller, bySession: Caller): void {
  if (byToken.userId === bySession.userId) return;
  throw new ArbionError(
    'bad-header',
    'The token and the session cookie belong to different users.',
    'Send one of them.',
  );
}
