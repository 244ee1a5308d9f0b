import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { hashOf } from '../../auth/one-time-secrets.js';
import { passwordProblem } from '../../auth/password-rules.js';
import { ValidationFailed } from '../../domain/errors.js';
import type { ApiDependencies } from '../dependencies.js';
import type { Routes } from '../http/context.js';
import { empty } from '../http/fields.js';
import { jsonBody } from '../http/json-body.js';
import { answer, body, bodyProblems, commonProblems } from '../http/openapi.js';
import { loginLimit, registerLimit } from '../http/rate-limit.js';
import { originOf } from '../http/request-context.js';
import { linkToken, registration } from './credentials.js';

const tags = ['Sign-in'];

/** More than this would only flood a mailbox. */
const LINKS_PER_HOUR = 3;

export function registrationRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addRegister(routes, dependencies);
  addConfirm(routes, dependencies);
  return routes;
}

function addRegister(routes: Routes, dependencies: ApiDependencies): void {
  const { registrations, rateLimiter, settings } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/register',
      tags,
      summary: 'Register: a link to confirm the address is sent by e-mail',
      description:
        'The answer does not show whether the address already has an account. There is no account before the link is opened, or an administrator confirms. The link works for seven days.',
      middleware: [registerLimit(rateLimiter, settings.rateLimits), jsonBody],
      request: { body: body(registration) },
      responses: { 202: answer('Accepted', empty), ...commonProblems, ...bodyProblems },
    }),
    async (context) => {
      const { email, password } = context.req.valid('json');
      const problem = passwordProblem(password, email);
      if (problem !== undefined) throw new ValidationFailed([{ field: 'password', message: problem }]);
      const token = await registrations.begin(email, password, { now: new Date(), from: originOf(context) });
      if (token !== undefined) sendConfirmLink(dependencies, email, token);
      return context.json({}, 202);
    },
  );
}

/** In the background, so that neither the answer nor its time shows whether a mail is sent. */
function sendConfirmLink({ background, rateLimiter, notices }: ApiDependencies, email: string, token: string): void {
  background.run('a mail to confirm an address', async () => {
    const key = `confirm-mail:${hashOf(email.toLowerCase())}`;
    const verdict = await rateLimiter.hit({ key, limit: LINKS_PER_HOUR, seconds: 3_600 });
    if (verdict.allowed) await notices.sendConfirmLink(email, token);
  });
}

function addConfirm(routes: Routes, { registrations, rateLimiter, settings, passwordTurns }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/register/confirm',
      tags,
      summary: 'Confirm the address with the token from the link: creates the account',
      middleware: [jsonBody, loginLimit(rateLimiter, settings.rateLimits, passwordTurns)],
      request: { body: body(z.strictObject({ token: linkToken })) },
      responses: {
        204: { description: 'The account is created; log in' },
        ...commonProblems,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { token } = context.req.valid('json');
      if (!(await registrations.confirm(token, { now: new Date(), from: originOf(context) }))) {
        const message = 'is invalid, already used or expired: register again';
        throw new ValidationFailed([{ field: 'token', message }]);
      }
      return context.body(null, 204);
    },
  );
}
