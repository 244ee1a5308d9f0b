import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { User } from '../../../prisma/generated/client.js';
import { dutyOf, ROLES } from '../../auth/caller.js';
import { passwordProblem } from '../../auth/password-rules.js';
import { ArbionError, ValidationFailed } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf, isFresh, sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { jsonBody } from '../http/json-body.js';
import {
  answer,
  body,
  bodyProblems,
  commonProblems,
  conflictProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { loginLimit } from '../http/rate-limit.js';
import { originOf } from '../http/request-context.js';
import { codeText, login, passwordChange, passwordText } from './credentials.js';
import { rememberDevice, signIn, signInAgain, startSession } from './sign-in.js';

const tags = ['Sign-in'];
const user = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(ROLES),
    totp: z.boolean().openapi({ description: 'Whether log-in also needs a one-time code' }),
    mustDo: z
      .enum(['change-password', 'set-up-totp'])
      .nullable()
      .openapi({ description: 'What the user must do before anything else is possible' }),
  })
  .openapi('User');
const noContent = { description: 'Success' };

export function authRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addLogin(routes, dependencies);
  addLogout(routes, dependencies);
  addMe(routes, dependencies);
  addReauthenticate(routes, dependencies);
  addPasswordChange(routes, dependencies);
  return routes;
}

function addLogin(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/login',
      tags,
      summary: 'Log in; sets the session cookie',
      description:
        'If the account has an authenticator, a request without its code is answered 401 with code TOTP_REQUIRED.',
      middleware: [jsonBody, limitPasswords(dependencies)],
      request: { body: body(login) },
      responses: { 200: answer('The user who is now logged in', user), ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const { user: found, isKnownDevice } = await signIn(dependencies, context, context.req.valid('json'));
      await startSession(context, dependencies.sessions, found);
      if (!isKnownDevice) {
        rememberDevice(dependencies, context, found);
        dependencies.notices.notify(found.email, 'new-device', context.var.clientAddress);
      }
      return context.json(await viewOf(dependencies, found), 200);
    },
  );
}

function addLogout(routes: Routes, { sessions }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/logout',
      tags,
      summary: 'Log out; ends the session on the server',
      responses: { 204: noContent, ...commonProblems },
    }),
    async (context) => {
      // Not the caller's: a token that is sent along, valid or not, must not save the session.
      await sessions.endOfCookie(context.req.header('cookie') ?? '');
      context.header('Set-Cookie', sessions.blankCookie);
      return context.body(null, 204);
    },
  );
}

function addMe(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/auth/me',
      tags,
      summary: 'Get the calling user',
      ...secured('read'),
      responses: { 200: answer('The user', user), ...readProblems },
    }),
    async (context) => {
      const found = await dependencies.accounts.find(callerOf(context).userId);
      if (!found) throw new ArbionError('unauthenticated', 'The account no longer exists.');
      return context.json(await viewOf(dependencies, found), 200);
    },
  );
}

function addReauthenticate(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/reauthenticate',
      tags,
      summary: 'Confirm your password, as sensitive actions require',
      ...securedWithBody('session', limitPasswords(dependencies)),
      request: { body: body(z.strictObject({ password: passwordText, code: codeText.optional() })) },
      responses: { 204: noContent, ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const again = { ...context.req.valid('json'), mayOmitCode: false };
      const found = await signInAgain(dependencies, context, sessionOf(context), again);
      await startSession(context, dependencies.sessions, found);
      return context.body(null, 204);
    },
  );
}

function addPasswordChange(routes: Routes, dependencies: ApiDependencies): void {
  const { accounts, notices, prisma } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/password',
      tags,
      summary: 'Change the password; ends all other sessions',
      description:
        'The current password is always required; the code of an authenticator unless it was entered within the last five minutes. ' +
        'With revokeAll, also revokes all tokens and webhooks and forgets the browsers that were used before: for a password that somebody else knew.',
      ...securedWithBody('session', limitPasswords(dependencies)),
      request: { body: body(passwordChange) },
      responses: { 204: noContent, ...readProblems, ...conflictProblem, ...bodyProblems },
    }),
    async (context) => {
      const caller = sessionOf(context);
      const { currentPassword, code, newPassword, revokeAll } = context.req.valid('json');
      if (currentPassword === undefined) {
        throw new ArbionError('reauth-required', 'The current password is missing.', 'Send it as currentPassword.');
      }
      const again = { password: currentPassword, code, mayOmitCode: isFresh(caller) };
      const found = await signInAgain(dependencies, context, caller, again);
      requireGoodPassword('newPassword', newPassword, found.email);
      if (newPassword === currentPassword) {
        throw new ValidationFailed([{ field: 'newPassword', message: 'must differ from the current password' }]);
      }
      const changed = await accounts.changePassword(found, newPassword, { revokeAll });
      const from = originOf(context);
      await recordAudit(prisma, { actor: found.id, action: 'authn_password_change', detail: { revokeAll }, from });
      const notice = revokeAll ? 'password-changed-all-revoked' : 'password-changed';
      notices.notify(found.email, notice, context.var.clientAddress);
      if (revokeAll) rememberDevice(dependencies, context, changed);
      await startSession(context, dependencies.sessions, changed);
      return context.body(null, 204);
    },
  );
}

/** For every route that checks a password. */
function limitPasswords({ rateLimiter, settings, passwordTurns }: ApiDependencies) {
  return loginLimit(rateLimiter, settings.rateLimits, passwordTurns);
}

function requireGoodPassword(field: string, password: string, email: string): void {
  const problem = passwordProblem(password, email);
  if (problem !== undefined) throw new ValidationFailed([{ field, message: problem }]);
}

async function viewOf({ secondFactor }: ApiDependencies, { id, email, role, mustChangePassword }: User) {
  const totp = await secondFactor.isOn(id as UserId);
  const mustDo = dutyOf({ role, mustChangePassword, hasTotp: totp }) ?? null;
  return { id, email, role: user.shape.role.parse(role), totp, mustDo };
}
