import type { Context, MiddlewareHandler } from 'hono';
import type { Caller } from '../../auth/caller.js';
import type { Sessions } from '../../auth/sessions.js';
import type { Tokens } from '../../auth/tokens.js';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

const BEARER = /^Bearer ([A-Za-z0-9_-]{1,200})$/;
const SECRET_PARAMETERS = ['token', 'access_token', 'api_key', 'apikey', 'authorization'];

type Identity = Pick<AppEnv['Variables'], 'caller' | 'refusedCredential'>;

/** Identifies the caller by token or session cookie. Each route decides whether that is enough. */
export function authenticate(sessions: Sessions, tokens: Tokens): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    refuseTokenInUrl(new URL(context.req.url).searchParams);
    const { caller, refusedCredential } = await identify(context, { sessions, tokens, isActivity: true });
    context.set('caller', caller);
    context.set('refusedCredential', refusedCredential);
    await next();
  };
}

/** The caller that the request's headers identify now; `isActivity` as in `Sessions.validate`. */
export async function identify(
  context: Context<AppEnv>,
  { sessions, tokens, isActivity }: { sessions: Sessions; tokens: Tokens; isActivity: boolean },
): Promise<Identity> {
  const now = new Date();
  const cookie = context.req.header('cookie');
  const session = cookie?.includes(sessions.cookieName)
    ? await sessions.validate(cookie, { now, isActivity })
    : undefined;
  const bySession = session?.state === 'valid' ? session.caller : undefined;

  // Every credential that is sent must be valid: a good one does not excuse a bad one.
  if (session && !bySession) {
    return { refusedCredential: session.state === 'expired' ? 'session-expired' : 'unauthenticated' };
  }
  const header = context.req.header('authorization');
  if (header === undefined) return { caller: bySession };
  const byToken = await callerOfHeader(header, tokens, now);
  if (!byToken) return { refusedCredential: 'unauthenticated' };
  if (bySession) requireSameUser(byToken, bySession);
  return { caller: byToken };
}

async function callerOfHeader(header: string, tokens: Tokens, now: Date): Promise<Caller | undefined> {
  const token = BEARER.exec(header)?.[1];
  return token === undefined ? undefined : tokens.authenticate(token, now);
}

/** URLs end up in logs and browser histories, so a token in a URL is refused even where none is needed. */
function refuseTokenInUrl(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (SECRET_PARAMETERS.includes(name.toLowerCase()) || value.startsWith('arb_')) {
      throw new ArbionError(
        'malformed-request',
        'The URL contains a token.',
        'Revoke it, create another, and send that as "Authorization: Bearer …".',
      );
    }
  }
}

function requireSameUser(byToken: Caller, bySession: Caller): void {
  if (byToken.userId === bySession.userId) return;
  throw new ArbionError(
    'bad-header',
    'The token and the session cookie belong to different users.',
    'Send only one of them.',
  );
}
