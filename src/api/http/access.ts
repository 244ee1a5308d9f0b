import type { Context, MiddlewareHandler } from 'hono';
import { type Caller, type Duty, isAdmin, mayUse, SCOPES, type Scope } from '../../auth/caller.js';
import type { SessionCaller } from '../../auth/sessions.js';
import { ArbionError, Refused } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

/** How long a password that was given counts for what must not happen behind an abandoned screen. */
const REAUTHENTICATION_MS = 5 * 60_000;

/** What a route asks of its caller: a scope, a signed-in person, or one (an administrator) who gave the password just now. */
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
    throw new ArbionError('session-expired', 'The session is over.', 'Log in again.');
  }
  throw new ArbionError('unauthenticated', 'No valid credential came with the request.', 'Log in, or send a token.');
}

function requireScope(caller: Caller, scope: Scope): void {
  if (!mayUse(caller, scope)) {
    throw new ArbionError('insufficient-scope', `This needs a token with the scope "${scope}".`, 'Make another token.');
  }
  if (scope === 'admin' && !isAdmin(caller)) throw new ArbionError('forbidden', 'This is for administrators.');
}

/** Tokens cannot do what would outlive them: make tokens, raise limits, change the password. */
function requireSession(caller: Caller, access: Exclude<Access, Scope>): void {
  if (caller.via !== 'session') {
    throw new ArbionError('forbidden', 'A token cannot do this.', 'Log in with e-mail and password.');
  }
  if (access === 'fresh-admin' && !isAdmin(caller)) throw new ArbionError('forbidden', 'This is for administrators.');
  if (access !== 'session') requireFresh(caller);
}

/** Whether programs may be let in as well. */
export function isForTokens(access: Access): access is Scope {
  return SCOPES.some((scope) => scope === access);
}

/** For routes that only sessions reach. */
export function sessionOf(context: Context<AppEnv>): SessionCaller {
  const caller = callerOf(context);
  if (caller.via === 'session') return caller;
  throw new ArbionError('forbidden', 'A token cannot do this.');
}

/** @throws ArbionError `reauth-required` unless a signed-in person gave the password within the last minutes. */
export function requireFresh(caller: Caller): void {
  if (isFresh(caller)) return;
  throw new ArbionError(
    'reauth-required',
    'The password must have been given within the last five minutes.',
    'POST /api/v1/auth/reauthenticate, then try again.',
  );
}

/** Whether everything that a log-in takes was given within the last minutes. */
export function isFresh(caller: Caller): boolean {
  return caller.via === 'session' && Date.now() - caller.reauthenticatedAt.getTime() < REAUTHENTICATION_MS;
}

/** Where a person does what is still to be done. */
const ALWAYS_OPEN = /^\/api\/v1\/auth\//;

const REASONS: Record<Duty, { code: string; message: string }> = {
  'change-password': {
    code: 'PASSWORD_CHANGE_REQUIRED',
    message: 'The password must be changed first: POST /api/v1/auth/password.',
  },
  'set-up-totp': {
    code: 'TOTP_SETUP_REQUIRED',
    message: 'An authenticator must be set up first: POST /api/v1/auth/totp.',
  },
};

/** Lets nobody do anything before what the account asks of its owner is done. */
export const duties: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { caller } = context.var;
  if (caller?.via === 'session' && caller.duty !== undefined && !ALWAYS_OPEN.test(context.req.path)) {
    throw new Refused('forbidden', REASONS[caller.duty]);
  }
  await next();
};
