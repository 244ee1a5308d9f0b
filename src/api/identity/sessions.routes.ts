import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ArbionError } from '../../domain/errors.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { answer, notFoundProblem, readProblems, secured } from '../http/openapi.js';
import { originOf } from '../http/request-context.js';

const tags = ['Sign-in'];

/** The hash of a cookie's secret: it identifies the session but gives no access. */
const sessionId = z.string().regex(/^[0-9a-f]{64}$/);
const session = z
  .strictObject({
    id: sessionId,
    isThisOne: z.boolean(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
  })
  .openapi('Session');

export function sessionRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addList(routes, dependencies);
  addEndOne(routes, dependencies);
  addEndOthers(routes, dependencies);
  return routes;
}

function addList(routes: Routes, { sessions }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/auth/sessions',
      tags,
      summary: 'List your sessions',
      ...secured('session'),
      responses: { 200: answer('The sessions', z.strictObject({ items: z.array(session) })), ...readProblems },
    }),
    async (context) => {
      const { userId, sessionId: own } = sessionOf(context);
      const items = (await sessions.list(userId)).map((stored) => ({
        id: stored.id,
        isThisOne: stored.id === own,
        address: stored.address,
        userAgent: stored.userAgent,
        createdAt: stored.createdAt.toISOString(),
        lastSeenAt: stored.lastSeenAt.toISOString(),
        endsAt: stored.expiresAt.toISOString(),
      }));
      return context.json({ items }, 200);
    },
  );
}

function addEndOne(routes: Routes, { sessions, prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/auth/sessions/{id}',
      tags,
      summary: 'End one of your sessions',
      ...secured('session'),
      request: { params: z.object({ id: sessionId }) },
      responses: { 204: { description: 'The session or sessions have ended' }, ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { userId } = sessionOf(context);
      const { id } = context.req.valid('param');
      if (!(await sessions.endOwn(userId, id))) throw new ArbionError('not-found', 'This session does not exist.');
      await recordAudit(prisma, { actor: userId, action: 'session_ended', subject: id, from: originOf(context) });
      return context.body(null, 204);
    },
  );
}

function addEndOthers(routes: Routes, { sessions, prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/auth/sessions',
      tags,
      summary: 'End all other sessions',
      ...secured('session'),
      responses: { 204: { description: 'The session or sessions have ended' }, ...readProblems },
    }),
    async (context) => {
      const caller = sessionOf(context);
      await sessions.endOthers(caller);
      await recordAudit(prisma, {
        actor: caller.userId,
        action: 'session_ended',
        subject: 'all others',
        from: originOf(context),
      });
      return context.body(null, 204);
    },
  );
}
