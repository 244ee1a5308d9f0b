import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiToken } from '../../../prisma/generated/client.js';
import { isAdmin, SCOPES } from '../../auth/caller.js';
import { ArbionError, ValidationFailed } from '../../domain/errors.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf, sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { instant, safeText } from '../http/fields.js';
import {
  answer,
  body,
  bodyProblems,
  idParameter,
  notFoundProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { notifyOwner } from './notify-owner.js';

const tags = ['Tokens'];

const scope = z.enum(SCOPES);
const storedToken = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(scope),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Token');

const newToken = z
  .strictObject({ ...storedToken.shape, token: z.string().regex(/^arb_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/) })
  .openapi('NewToken');

const tokenBody = z.strictObject({
  name: safeText(100),
  scopes: z
    .array(scope)
    .min(1)
    .max(SCOPES.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, 'must not repeat a scope'),
  expiresAt: instant.optional(),
});

export function tokenRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addMake(routes, dependencies);
  addList(routes, dependencies);
  addRevoke(routes, dependencies);
  return routes;
}

function addMake(routes: Routes, dependencies: ApiDependencies): void {
  const { tokens, prisma } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/tokens',
      tags,
      summary: 'Create a token for a program; it is shown only in this answer',
      ...securedWithBody('fresh-session'),
      request: { body: body(tokenBody, { name: 'My strategy', scopes: ['read', 'trade'] }) },
      responses: {
        201: answer('The token', newToken),
        ...readProblems,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const caller = sessionOf(context);
      const { name, scopes, expiresAt } = context.req.valid('json');
      if (scopes.includes('admin') && !isAdmin(caller)) {
        throw new ArbionError('forbidden', 'Only administrators can create a token with the scope "admin".');
      }
      if (expiresAt !== undefined && expiresAt <= Date.now()) {
        throw new ValidationFailed([{ field: 'expiresAt', message: 'is in the past' }]);
      }
      const expiry = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
      const { token, stored } = await tokens.create(caller.userId, {
        name,
        scopes,
        sessionId: caller.sessionId,
        ...expiry,
      });
      const [actor, from] = [caller.userId, originOf(context)];
      await recordAudit(prisma, {
        actor,
        action: 'authn_token_created',
        subject: stored.id,
        detail: { scopes },
        from,
      });
      const about = [`Token: ${stored.id}`, `Scopes: ${scopes.join(', ')}`];
      await notifyOwner(dependencies, actor, 'token-created', { from, about });
      return context.json({ ...toJson(stored), token }, 201);
    },
  );
}

function addList(routes: Routes, { tokens }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/tokens',
      tags,
      summary: 'List your tokens, without the revoked ones',
      ...secured('session'),
      responses: { 200: answer('The tokens', z.strictObject({ items: z.array(storedToken) })), ...readProblems },
    }),
    async (context) => {
      const stored = await tokens.list(callerOf(context).userId);
      return context.json({ items: stored.map(toJson) }, 200);
    },
  );
}

function addRevoke(routes: Routes, { tokens, prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/tokens/{id}',
      tags,
      summary: 'Revoke a token',
      ...secured('session'),
      request: { params: idParameter },
      responses: { 204: { description: 'The token is revoked' }, ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      const { id } = context.req.valid('param');
      if (!(await tokens.revoke(userId, id))) throw new ArbionError('not-found', 'This token does not exist.');
      await recordAudit(prisma, { actor: userId, action: 'authn_token_revoked', subject: id, from: originOf(context) });
      return context.body(null, 204);
    },
  );
}

function toJson({ id, name, scopes, expiresAt, lastUsedAt, createdAt }: ApiToken) {
  return {
    id,
    name,
    scopes: z.array(scope).parse(scopes),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
