/** Checks the password and the one-time code of a person, and limits how often they may be tried. */
import type { Context } from 'hono';
import type { User } from '../../../prisma/generated/client.js';
import { normalizedEmail } from '../../auth/accounts.js';
import { hashOf } from '../../auth/one-time-secrets.js';
import type { SessionCaller, Sessions } from '../../auth/sessions.js';
import { ArbionError, RateLimited, Refused } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { type AuditEntry, recordAudit } from '../../storage/audit.js';
import { allowNextAttempt, beginAttempt, forgetFailures } from '../../storage/sign-in-failures.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';
import { isFirstToRecord } from '../http/record-denials.js';
import { originOf } from '../http/request-context.js';

const HOUR_S = 3_600;
const NEW_PASSWORD_NEEDED =
  'Set a new password by mail (POST /api/v1/auth/password-reset), or use a browser that was used before.';

/** By what the failures of an account, and of the sessions of its user, are counted. */
const accountKey = (email: string) => `account:${hashOf(normalizedEmail(email))}`;
const userKey = (userId: string) => `user:${userId}`;

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
  const key = device === undefined ? accountKey(email) : `device:${device}`;
  const from = originOf(context);
  const attempt = { actor: 'unknown', detail: { account }, from };
  const user = await countingFailures(dependencies, key, attempt, async () => {
    const found = await accounts.signIn(email, credentials.password);
    const given = {
      code: credentials.code,
      key,
      refusal: 'unauthenticated',
      isKnownDevice: device !== undefined,
    } as const;
    return found && (await hasRightCode(dependencies, context, found, given)) ? found : undefined;
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
  const { accounts, devices, prisma } = dependencies;
  const attempt = { actor: userId, from: originOf(context) };
  const key = userKey(userId);
  const user = await countingFailures(dependencies, key, attempt, async () => {
    const found = await accounts.find(userId);
    if (!found || !(await accounts.isPasswordOf(userId, password))) return undefined;
    if (mayOmitCode && code === undefined) return found;
    const device = await devices.known(context.req.header('cookie'), found.email);
    const given = { code, key, refusal: 'reauth-required', isKnownDevice: device !== undefined } as const;
    return (await hasRightCode(dependencies, context, found, given)) ? found : undefined;
  });
  if (user) return user;
  await recordAudit(prisma, { ...attempt, action: 'authn_login_fail' });
  throw new ArbionError('reauth-required', 'The password or the code is wrong.', 'Check them and try again.');
}

/** A new password by mail is a new beginning: for the account, and for the sessions of its user. */
export function forgetFailuresOf({ prisma }: ApiDependencies, { id, email }: User): Promise<void> {
  return forgetFailures(prisma, [accountKey(email), userKey(id)]);
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
  const begun = await beginAttempt(prisma, key, settings.rateLimits.failuresPerAccount);
  if (!begun.allowed) {
    if (await isFirstToRecord(rateLimiter, `failures:${key}`, HOUR_S)) {
      await recordAudit(prisma, { ...attempt, action: 'authn_login_fail_max' });
    }
    throw new RateLimited(begun.retryAfterSeconds, begun.isForGood ? NEW_PASSWORD_NEEDED : undefined);
  }
  const user = await judge();
  if (user) await forgetFailures(prisma, [key]);
  return user;
}

/** What comes with a right password. */
interface Given {
  code: string | undefined;
  /** by which failures are counted */
  key: string;
  refusal: 'unauthenticated' | 'reauth-required';
  isKnownDevice: boolean;
}

/** Called only when the password is right. @throws Refused when a code is needed and was not sent */
async function hasRightCode(
  dependencies: ApiDependencies,
  context: Context<AppEnv>,
  user: User,
  { code, key, refusal, isKnownDevice }: Given,
): Promise<boolean> {
  const { secondFactor, prisma, notices } = dependencies;
  const userId = user.id as UserId;
  if (!(await secondFactor.isOn(userId))) return true;
  if (code === undefined) {
    await allowNextAttempt(prisma, key);
    await recordHalf(dependencies, context, user, { why: 'missing', mails: !isKnownDevice });
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
  if (taken === undefined) await recordHalf(dependencies, context, user, { why: 'wrong', mails: true });
  return taken !== undefined;
}

/**
 * Somebody has the password and not the code. Mailed at most once an hour, and not for a missing code in a known browser:
 * there it is the first half of a log-in.
 */
async function recordHalf(
  { prisma, rateLimiter, notices }: ApiDependencies,
  context: Context<AppEnv>,
  { id, email }: User,
  { why, mails }: { why: 'missing' | 'wrong'; mails: boolean },
): Promise<void> {
  const from = originOf(context);
  await recordAudit(prisma, { actor: id, action: 'authn_second_factor_fail', detail: { why }, from });
  if (!mails || !(await isFirstToRecord(rateLimiter, `second factor ${why}:${id}`, HOUR_S))) return;
  notices.notify(email, `second-factor-${why}`, context.var.clientAddress);
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
