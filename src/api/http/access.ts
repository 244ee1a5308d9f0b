import type { Context, MiddlewareHandler } from 'hono';
import { type Caller, type Duty, isAdmin, mayUse, SCOPES, type Scope } from '../../auth/caller.js';
import type { SessionCaller } from '../../auth/sessions.js';
import { ArbionError, Refused } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

/** How long a password entry counts for actions that nobody may take at an unattended screen. */
const REAUTHENTICATION_MS = 5 * 60_000;

/** What a route requires of its caller: a scope, a session, or a session whose password was entered just now. */
export type Access = Scope | 'session' | 'fresh-session' | 'fresh-admin';

export function requireAccess(access: Access): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const caller = callerOf(context);
    if (isForTokens(access)) requireScope(caller, access);
    else requireSession(caller, access);
    await next();
  };
}

export function callerOf(context: Context<AppEnv>): Caller {
  const { caller, refusedCredential } = context.var;
  if (caller) return caller;
  if (refusedCredential === 'session-expired') {
    throw new ArbionError('session-expired', 'The session has expired.', 'Log in again.');
  }
  throw new ArbionError('unauthenticated', 'The request has no valid credentials.', 'Log in, or send a bearer token.');
}

function requireScope(caller: Caller, scope: Scope): void {
  if (!mayUse(caller, scope)) {
    throw new ArbionError(
      'insufficient-scope',
      `The token does not have the scope "${scope}".`,
      'Create a token that has it.',
    );
  }
  if (scope === 'admin' && !isAdmin(caller)) throw new ArbionError('forbidden', 'Only administrators may do this.');
}

/** Tokens cannot do what would outlive them: create tokens, raise limits, change the password. */
function requireSession(caller: Caller, access: Exclude<Access, Scope>): void {
  if (caller.via !== 'session') {
    throw new ArbionError('forbidden', 'This cannot be done with a token.', 'Log in with e-mail and password.');
  }
  if (access === 'fresh-admin' && !isAdmin(caller))
    throw new ArbionError('forbidden', 'Only administrators may do this.');
  if (access !== 'session') requireFresh(caller);
}

/** Whether tokens are accepted as well as sessions. */
export function isForTokens(access: Access): access is Scope {
  return SCOPES.some((scope) => scope === access);
}

/** The caller of a route that only sessions may use. */
export function sessionOf(context: Context<AppEnv>): SessionCaller {
  const caller = callerOf(context);
  if (caller.via === 'session') return caller;
  throw new ArbionError('forbidden', 'This cannot be done with a token.');
}

/** @throws ArbionError `reauth-required` unless the password was entered within the last five minutes. */
export function requireFresh(caller: Caller): void {
  if (isFresh(caller)) return;
  throw new ArbionError(
    'reauth-required',
    'This needs a password entered within the last five minutes.',
    'Confirm your password with POST /api/v1/auth/reauthenticate, then try again.',
  );
}

/** Whether the password, and the code if there is one, was entered within the last five minutes. */
export function isFresh(caller: Caller): boolean {
  return caller.via === 'session' && Date.now() - caller.reauthenticatedAt.getTime() < REAUTHENTICATION_MS;
}

/** Routes by which a person completes what is pending. */
const ALWAYS_OPEN = /^\/api\/v1\/auth\//;

const REASONS: Record<Duty, { code: string; message: string }> = {
  'change-password': {
    code: 'PASSWORD_CHANGE_REQUIRED',
    message: 'Change your password first: POST /api/v1/auth/password.',
  },
  'set-up-totp': {
    code: 'TOTP_SETUP_REQUIRED',
    message: 'Set up an authenticator first: POST /api/v1/auth/totp.',
  },
};

/** Blocks everything else until the user has completed what the account requires, such as a password change. */
export const duties: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { caller } = context.var;
  if (caller?.via === 'session' && caller.duty !== undefined && !ALWAYS_OPEN.test(context.req.path)) {
    throw new Refused('forbidden', REASONS[caller.duty]);
  }
  await next();
};
