/** Checks the password and the one-time code of a person, and limits how often they may be tried. */
import type { Context } from 'hono';
import type { User } from '../../../prisma/generated/client.js';
import { normalizedEmail } from '../../auth/accounts.js';
import { hashOf } from '../../auth/one-time-secrets.js';
import type { SessionCaller, Sessions } from '../../auth/sessions.js';
import { ArbionError, RateLimited, Refused } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { type AuditEntry, recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';
import { isFirstToRecord } from '../http/record-denials.js';
import { originOf } from '../http/request-context.js';

const HOUR_S = 3_600;

export interface Credentials {
  password: string;
  /** from the authenticator, or a recovery code */
  code?: string | undefined;
}

interface CredentialsAgain extends Credentials {
  /** a code that was entered just now is enough: the next one would take half a minute */
  mayOmitCode: boolean;
}

/** @throws ArbionError the same for an unknown address, a wrong password, a wrong code and a disabled account */
export async function signIn(
  dependencies: ApiDependencies,
  context: Context<AppEnv>,
  { email, ...credentials }: Credentials & { email: string },
): Promise<{ user: User; isKnownDevice: boolean }> {
  const { accounts, devices, prisma } = dependencies;
  const device = await devices.known(context.req.header('cookie'), email);
  const account = hashOf(normalizedEmail(email));
  const key = device === undefined ? `account:${account}` : `device:${device}`;
  const from = originOf(context);
  const attempt = { actor: 'unknown', detail: { account }, from };
  const user = await countingFailures(dependencies, key, attempt, async () => {
    const found = await accounts.signIn(email, credentials.password);
    return found && (await hasRightCode(dependencies, context, found, credentials.code, 'unauthenticated'))
      ? found
      : undefined;
  });
  if (!user) {
    await recordAudit(prisma, { ...attempt, action: 'authn_login_fail' });
    throw new ArbionError(
      'unauthenticated',
      'The e-mail address, the password or the code is wrong.',
      'Check them and try again.',
    );
  }
  await recordAudit(prisma, { actor: user.id, action: 'authn_login_success', from });
  return { user, isKnownDevice: device !== undefined };
}

/** Remembers the browser from now on. */
export function rememberDevice({ devices }: ApiDependencies, context: Context<AppEnv>, user: User): void {
  context.header('Set-Cookie', devices.cookieFor(user), { append: true });
}

/** The calling user, whose password (and code) is checked again. @throws ArbionError `reauth-required` */
export async function signInAgain(
  dependencies: ApiDependencies,
  context: Context<AppEnv>,
  { userId }: SessionCaller,
  { password, code, mayOmitCode }: CredentialsAgain,
): Promise<User> {
  const { accounts, prisma } = dependencies;
  const attempt = { actor: userId, from: originOf(context) };
  const user = await countingFailures(dependencies, `user:${userId}:password`, attempt, async () => {
    const found = await accounts.find(userId);
    if (!found || !(await accounts.isPasswordOf(userId, password))) return undefined;
    if (mayOmitCode && code === undefined) return found;
    return (await hasRightCode(dependencies, context, found, code, 'reauth-required')) ? found : undefined;
  });
  if (user) return user;
  await recordAudit(prisma, { ...attempt, action: 'authn_login_fail' });
  throw new ArbionError('reauth-required', 'The password or the code is wrong.', 'Check them and try again.');
}

/**
 * Counts an attempt before it is checked, so that parallel attempts all count, and resets the count after a right one.
 * @throws RateLimited after too many attempts
 */
async function countingFailures(
  { rateLimiter, settings, prisma }: ApiDependencies,
  key: string,
  attempt: Omit<AuditEntry, 'action'>,
  judge: () => Promise<User | undefined>,
): Promise<User | undefined> {
  const limit = settings.rateLimits.failuresPerAccount;
  const verdict = await rateLimiter.hit({ key: `failures:${key}`, limit, seconds: HOUR_S });
  if (!verdict.allowed) {
    if (await isFirstToRecord(rateLimiter, `failures:${key}`, HOUR_S)) {
      await recordAudit(prisma, { ...attempt, action: 'authn_login_fail_max' });
    }
    throw new RateLimited(verdict.retryAfterSeconds);
  }
  const user = await judge();
  if (user) await rateLimiter.forget(`failures:${key}`);
  return user;
}

/** Called only when the password is right. @throws Refused when a code is needed and was not sent */
async function hasRightCode(
  { secondFactor, prisma, notices }: ApiDependencies,
  context: Context<AppEnv>,
  user: User,
  code: string | undefined,
  refusal: 'unauthenticated' | 'reauth-required',
): Promise<boolean> {
  const userId = user.id as UserId;
  if (!(await secondFactor.isOn(userId))) return true;
  if (code === undefined) {
    throw new Refused(refusal, {
      code: 'TOTP_REQUIRED',
      message: 'This account also needs the code from its authenticator.',
    });
  }
  const taken = await secondFactor.take(userId, code, new Date());
  if (taken === 'recovery-code') {
    await recordAudit(prisma, { actor: user.id, action: 'authn_recovery_code_used', from: originOf(context) });
    notices.notify(user.email, 'recovery-code-used', context.var.clientAddress);
  }
  return taken !== undefined;
}

/** Starts a session in place of the one of the request, so that anybody who knew the old cookie is logged out. */
export async function startSession(
  context: Context<AppEnv>,
  sessions: Sessions,
  user: Pick<User, 'id' | 'accessVersion'>,
): Promise<void> {
  const { caller } = context.var;
  if (caller?.via === 'session') await sessions.end(caller.sessionId);
  context.header('Set-Cookie', await sessions.start(user, originOf(context)), { append: true });
}
