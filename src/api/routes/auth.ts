import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Accounts } from '../../auth/accounts.js';
import { passwordProblem } from '../../auth/passwords.js';
import type { SessionCaller, Sessions } from '../../auth/sessions.js';
import { ArbionError, ValidationFailed } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies, AppEnv, Routes } from '../context.js';
import { callerOf } from '../middleware/access.js';
import { jsonBody } from '../middleware/json-body.js';
import { loginLimit, registerLimit } from '../middleware/rate-limit.js';
import { answer, body, bodyProblems, commonProblems, readProblems, secured, securedWithBody } from '../openapi.js';
import { login, newPasswordText, passwordText, registration } from '../parse/credentials.js';
import { empty } from '../schemas.js';

const tags = ['Sign-in'];
const user = z
  .object({ id: z.uuid(), email: z.string(), role: z.enum(['standard', 'admin', 'superadmin']) })
  .openapi('User');
const noContent = { description: 'Done' };

export function authRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addRegister(routes, dependencies);
  addLogin(routes, dependencies);
  addLogout(routes, dependencies);
  addMe(routes, dependencies);
  addReauthenticate(routes, dependencies);
  addPasswordChange(routes, dependencies);
  return routes;
}

function addRegister(routes: Routes, { accounts, rateLimiter, settings }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/register',
      tags,
      summary: 'Open an account',
      description: 'Answers the same whether or not the address has an account already. Log in afterwards.',
      middleware: [registerLimit(rateLimiter, settings.rateLimits), jsonBody],
      request: { body: body(registration) },
      responses: { 202: answer('Taken in', empty), ...commonProblems, ...bodyProblems },
    }),
    async (context) => {
      const { email, password } = context.req.valid('json');
      const problem = passwordProblem(password, email);
      if (problem !== undefined) throw new ValidationFailed([{ field: 'password', message: problem }]);
      await accounts.register(email, password);
      return context.json({}, 202);
    },
  );
}

function addLogin(routes: Routes, dependencies: ApiDependencies): void {
  const { accounts, prisma } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/login',
      tags,
      summary: 'Log in: sets the session cookie',
      middleware: [limitPasswords(dependencies), jsonBody],
      request: { body: body(login) },
      responses: { 200: answer('Who is logged in', user), ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const { email, password } = context.req.valid('json');
      const found = await accounts.signIn(email, password);
      const detail = { address: context.var.clientAddress };
      if (!found) {
        await recordAudit(prisma, { actor: 'unknown', action: 'authn_login_fail', detail });
        throw new ArbionError('unauthenticated', 'The e-mail address or the password is wrong.', 'Try again.');
      }
      await renewSession(context, dependencies.sessions, found.id as UserId);
      await recordAudit(prisma, { actor: found.id, action: 'authn_login_success', detail });
      return context.json(userOf(found), 200);
    },
  );
}

function addLogout(routes: Routes, { sessions }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/logout',
      tags,
      summary: 'Log out: ends the session on the server',
      responses: { 204: noContent, ...commonProblems },
    }),
    async (context) => {
      const { caller } = context.var;
      if (caller?.via === 'session') await sessions.end(caller.sessionId);
      context.header('Set-Cookie', sessions.blankCookie);
      return context.body(null, 204);
    },
  );
}

function addMe(routes: Routes, { accounts }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/auth/me',
      tags,
      summary: 'Who is calling',
      ...secured('read'),
      responses: { 200: answer('The user', user), ...readProblems },
    }),
    async (context) => {
      const found = await accounts.find(callerOf(context).userId);
      if (!found) throw new ArbionError('unauthenticated', 'The account is gone.');
      return context.json(userOf(found), 200);
    },
  );
}

function addReauthenticate(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/reauthenticate',
      tags,
      summary: 'Give the password again, for what must not happen behind an abandoned screen',
      ...securedWithBody('session', limitPasswords(dependencies)),
      request: { body: body(z.strictObject({ password: passwordText })) },
      responses: { 204: noContent, ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const caller = sessionOf(context);
      await requirePassword(dependencies.accounts, caller, context.req.valid('json').password);
      await renewSession(context, dependencies.sessions, caller.userId);
      return context.body(null, 204);
    },
  );
}

function addPasswordChange(routes: Routes, dependencies: ApiDependencies): void {
  const { accounts, sessions, prisma } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/password',
      tags,
      summary: 'Change the password; ends all other sessions',
      ...securedWithBody('session', limitPasswords(dependencies)),
      request: { body: body(z.strictObject({ currentPassword: passwordText, newPassword: newPasswordText })) },
      responses: { 204: noContent, ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const caller = sessionOf(context);
      const { currentPassword, newPassword } = context.req.valid('json');
      await requirePassword(accounts, caller, currentPassword);
      const found = await accounts.find(caller.userId);
      const problem = passwordProblem(newPassword, found?.email ?? '');
      if (problem !== undefined) throw new ValidationFailed([{ field: 'newPassword', message: problem }]);
      await accounts.changePassword(caller.userId, newPassword);
      await sessions.endAll(caller.userId);
      await recordAudit(prisma, { actor: caller.userId, action: 'authn_password_change' });
      context.header('Set-Cookie', await sessions.start(caller.userId));
      return context.body(null, 204);
    },
  );
}

/** For every route that tries a password. */
function limitPasswords({ rateLimiter, settings }: ApiDependencies) {
  return loginLimit(rateLimiter, settings.rateLimits);
}

/** A new session in place of the one the request came with, so that whoever knew the old one is out. */
async function renewSession(context: Context<AppEnv>, sessions: Sessions, userId: UserId): Promise<void> {
  const { caller } = context.var;
  if (caller?.via === 'session') await sessions.end(caller.sessionId);
  context.header('Set-Cookie', await sessions.start(userId));
}

async function requirePassword(accounts: Accounts, caller: SessionCaller, password: string): Promise<void> {
  if (await accounts.isPasswordOf(caller.userId, password)) return;
  throw new ArbionError('reauth-required', 'The password is wrong.', 'Try again.');
}

function userOf({ id, email, role }: { id: string; email: string; role: string }) {
  return { id, email, role: user.shape.role.parse(role) };
}

/** For routes that only sessions reach. */
function sessionOf(context: Context<AppEnv>): SessionCaller {
  const caller = callerOf(context);
  if (caller.via === 'session') return caller;
  throw new ArbionError('forbidden', 'A token cannot do this.');
}
