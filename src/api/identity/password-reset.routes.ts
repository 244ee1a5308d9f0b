import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { passwordProblem } from '../../auth/password-rules.js';
import { ValidationFailed } from '../../domain/errors.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import type { Routes } from '../http/context.js';
import { empty } from '../http/fields.js';
import { jsonBody } from '../http/json-body.js';
import { answer, body, bodyProblems, commonProblems, conflictProblem } from '../http/openapi.js';
import { loginLimit, resetLimit } from '../http/rate-limit.js';
import { originOf } from '../http/request-context.js';
import { resetConfirmation, resetRequest } from './credentials.js';
import { sendResetLink } from './reset-link.js';
import { forgetFailuresOf } from './sign-in.js';

const tags = ['Sign-in'];

export function passwordResetRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addRequest(routes, dependencies);
  addConfirm(routes, dependencies);
  return routes;
}

function addRequest(routes: Routes, dependencies: ApiDependencies): void {
  const { rateLimiter, settings } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/password-reset',
      tags,
      summary: 'Request a password reset link by e-mail',
      description:
        'The answer does not show whether the address has an account. The link works once, within 30 minutes.',
      middleware: [resetLimit(rateLimiter, settings.rateLimits), jsonBody],
      request: { body: body(resetRequest) },
      responses: { 202: answer('Accepted', empty), ...commonProblems, ...bodyProblems },
    }),
    async (context) => {
      sendResetLink(dependencies, context.req.valid('json').email, { actor: 'unknown', from: originOf(context) });
      return context.json({}, 202);
    },
  );
}

function addConfirm(routes: Routes, dependencies: ApiDependencies): void {
  const { passwordResets, notices, prisma, rateLimiter, settings, passwordTurns } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/password-reset/confirm',
      tags,
      summary: 'Set a new password with the token from the link; ends all sessions, revokes all tokens and webhooks',
      middleware: [jsonBody, loginLimit(rateLimiter, settings.rateLimits, passwordTurns)],
      request: { body: body(resetConfirmation) },
      responses: {
        204: { description: 'The password is changed; log in with it' },
        ...commonProblems,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { token, newPassword } = context.req.valid('json');
      const owner = await passwordResets.find(token, new Date());
      if (!owner) throw wrongToken();
      const problem = passwordProblem(newPassword, owner.email);
      if (problem !== undefined) throw new ValidationFailed([{ field: 'newPassword', message: problem }]);
      const user = await passwordResets.finish(token, newPassword, new Date());
      if (!user) throw wrongToken();
      await forgetFailuresOf(dependencies, user);
      await recordAudit(prisma, { actor: user.id, action: 'authn_password_reset', from: originOf(context) });
      notices.notify(user.email, 'password-changed-all-revoked', context.var.clientAddress);
      return context.body(null, 204);
    },
  );
}

function wrongToken(): ValidationFailed {
  return new ValidationFailed([
    { field: 'token', message: 'is invalid, already used or expired: request another link' },
  ]);
}
