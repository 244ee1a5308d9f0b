import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { User } from '../../../prisma/generated/client.js';
import { ArbionError, Refused, ValidationFailed } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import type { Notice } from '../../mail/notices.js';
import { type AuditAction, recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { sessionOf } from '../http/access.js';
import type { AppEnv, Routes } from '../http/context.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { loginLimit } from '../http/rate-limit.js';
import { originOf } from '../http/request-context.js';
import { recoveryCodeText } from './credentials.js';
import { startSession } from './sign-in.js';

const tags = ['Sign-in'];

const newSecret = z
  .strictObject({
    secret: z.string().regex(/^[A-Z2-7]{32,}$/),
    uri: z
      .string()
      .regex(/^otpauth:/)
      .openapi({ description: 'The content of a QR code for the authenticator' }),
  })
  .openapi('TotpSecret');
const recoveryCodes = z
  .strictObject({
    recoveryCodes: z
      .array(recoveryCodeText)
      .openapi({ description: 'Each replaces a one-time code once. They are not shown again' }),
  })
  .openapi('RecoveryCodes');

export function secondFactorRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addBegin(routes, dependencies);
  addConfirm(routes, dependencies);
  addRecoveryCodes(routes, dependencies);
  addTurnOff(routes, dependencies);
  return routes;
}

function addBegin(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/totp',
      tags,
      summary: 'Begin to set up an authenticator, or to replace it',
      description: 'Confirm a code within ten minutes; the secret takes effect then.',
      ...secured('fresh-session'),
      responses: { 200: answer('The secret for the authenticator', newSecret), ...readProblems, ...conflictProblem },
    }),
    async (context) => {
      const user = await userOf(dependencies, context);
      return context.json(await dependencies.secondFactor.begin(user, new Date()), 200);
    },
  );
}

function addConfirm(routes: Routes, dependencies: ApiDependencies): void {
  const { secondFactor, sessions, rateLimiter, settings, passwordTurns } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/totp/confirm',
      tags,
      summary: 'Confirm the authenticator; ends all other sessions',
      ...securedWithBody('fresh-session', loginLimit(rateLimiter, settings.rateLimits, passwordTurns)),
      request: { body: body(z.strictObject({ code: z.string().regex(/^\d{6}$/, 'must be six digits') })) },
      responses: {
        200: answer('The recovery codes', recoveryCodes),
        ...readProblems,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const user = await userOf(dependencies, context);
      const { code } = context.req.valid('json');
      const codes = await secondFactor.confirm(user, code, new Date());
      if (!codes)
        throw new ValidationFailed([{ field: 'code', message: 'is wrong, or the secret has expired: begin again' }]);
      await startSession(context, sessions, await userOf(dependencies, context));
      await recordAndNotify(dependencies, context, user, { action: 'authn_totp_on', notice: 'totp-on' });
      return context.json({ recoveryCodes: codes }, 200);
    },
  );
}

function addRecoveryCodes(routes: Routes, dependencies: ApiDependencies): void {
  const { secondFactor } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/auth/totp/recovery-codes',
      tags,
      summary: 'Create new recovery codes; the old ones stop working',
      ...secured('fresh-session'),
      responses: { 200: answer('The recovery codes', recoveryCodes), ...readProblems, ...conflictProblem },
    }),
    async (context) => {
      const user = await userOf(dependencies, context);
      if (!(await secondFactor.isOn(user.id as UserId))) {
        throw new Refused('invalid-state', { code: 'TOTP_OFF', message: 'No authenticator is set up.' });
      }
      const codes = await secondFactor.renewRecoveryCodes(user);
      await recordAndNotify(dependencies, context, user, {
        action: 'authn_recovery_codes_renewed',
        notice: 'recovery-codes-renewed',
      });
      return context.json({ recoveryCodes: codes }, 200);
    },
  );
}

function addTurnOff(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/auth/totp',
      tags,
      summary: 'Remove the authenticator: log-in no longer needs a one-time code',
      ...secured('fresh-session'),
      responses: { 204: { description: 'The authenticator is removed' }, ...readProblems, ...conflictProblem },
    }),
    async (context) => {
      const user = await userOf(dependencies, context);
      if (user.role === 'superadmin') {
        throw new Refused('invalid-state', {
          code: 'TOTP_REQUIRED_BY_ROLE',
          message: 'A superadmin must have an authenticator. You can replace it with another one.',
        });
      }
      await dependencies.secondFactor.turnOff(user);
      await recordAndNotify(dependencies, context, user, { action: 'authn_totp_off', notice: 'totp-off' });
      return context.body(null, 204);
    },
  );
}

async function userOf({ accounts }: ApiDependencies, context: Context<AppEnv>): Promise<User> {
  const user = await accounts.find(sessionOf(context).userId);
  if (!user) throw new ArbionError('unauthenticated', 'The account no longer exists.');
  return user;
}

async function recordAndNotify(
  { prisma, notices }: ApiDependencies,
  context: Context<AppEnv>,
  { id, email }: User,
  { action, notice }: { action: AuditAction; notice: Notice },
): Promise<void> {
  await recordAudit(prisma, { actor: id, action, from: originOf(context) });
  notices.notify(email, notice, context.var.clientAddress);
}
