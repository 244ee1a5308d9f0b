import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ROLES } from '../../auth/caller.js';
import type { AdministeredUser } from '../../auth/user-administration.js';
import { ArbionError } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { empty } from '../http/fields.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  idParameter,
  nextCursor,
  notFoundProblem,
  pageLimit,
  readProblems,
  secured,
  securedWithBody,
  validationProblem,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { sendResetLink } from './reset-link.js';

const tags = ['Administration'];

const role = z.enum(ROLES);
const administeredUser = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    role,
    proposedRole: role.nullable().openapi({ description: 'A higher role that a second superadmin has yet to confirm' }),
    disabled: z.boolean(),
    totp: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .openapi('AdministeredUser');

const userChange = z
  .strictObject({ role: role.optional(), disabled: z.boolean().optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change something')
  .openapi({ minProperties: 1 });

/** Users are listed in the order of their ids. */
const usersQuery = z.strictObject({ limit: pageLimit, cursor: z.uuid().optional() });

export function adminUserRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addList(routes, dependencies);
  addShow(routes, dependencies);
  addChange(routes, dependencies);
  addEndSessions(routes, dependencies);
  addPasswordReset(routes, dependencies);
  return routes;
}

function addList(routes: Routes, { users }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/admin/users',
      tags,
      summary: 'List users',
      ...secured('admin'),
      request: { query: usersQuery },
      responses: {
        200: answer('A page of users', z.strictObject({ items: z.array(administeredUser), nextCursor })),
        ...readProblems,
        ...validationProblem,
      },
    }),
    async (context) => {
      const { limit, cursor } = context.req.valid('query');
      const found = await users.list({ limit: limit + 1, ...(cursor !== undefined && { after: cursor }) });
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return context.json({ items: items.map(toJson), ...(last && { nextCursor: last.id }) }, 200);
    },
  );
}

function addShow(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/admin/users/{id}',
      tags,
      summary: 'Get a user',
      ...secured('admin'),
      request: { params: idParameter },
      responses: { 200: answer('The user', administeredUser), ...readProblems, ...notFoundProblem },
    }),
    async (context) => context.json(toJson(await userOf(dependencies, context.req.valid('param').id)), 200),
  );
}

function addChange(routes: Routes, { users }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'patch',
      path: '/admin/users/{id}',
      tags,
      summary: 'Change the role of a user, or disable or enable the account; ends its sessions',
      description: 'A higher role is only proposed (202) until a second superadmin sends the same change.',
      ...securedWithBody('fresh-admin'),
      request: { params: idParameter, body: body(userChange) },
      responses: {
        200: answer('The user', administeredUser),
        202: answer('The user; a second superadmin must confirm the new role', administeredUser),
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const change = context.req.valid('json');
      const changed = await users.change(
        { ...sessionOf(context), from: originOf(context) },
        context.req.valid('param').id,
        change,
      );
      const isProposed = change.role !== undefined && changed.role !== change.role;
      return context.json(toJson(changed), isProposed ? 202 : 200);
    },
  );
}

function addEndSessions(routes: Routes, dependencies: ApiDependencies): void {
  const { sessions, users, prisma } = dependencies;
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/admin/users/{id}/sessions',
      tags,
      summary: 'End all sessions of a user',
      ...secured('fresh-admin'),
      request: { params: idParameter },
      responses: { 204: { description: 'The session or sessions have ended' }, ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { id } = await users.target(sessionOf(context), context.req.valid('param').id);
      await sessions.endAll(id as UserId);
      const from = originOf(context);
      await recordAudit(prisma, { actor: sessionOf(context).userId, action: 'session_ended', subject: id, from });
      return context.body(null, 204);
    },
  );
}

/** Administrators can neither set nor see a password. */
function addPasswordReset(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/admin/users/{id}/password-reset',
      tags,
      summary: 'Send a user a password reset link by e-mail',
      ...secured('fresh-admin'),
      request: { params: idParameter },
      responses: { 202: answer('Accepted', empty), ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { email } = await dependencies.users.target(sessionOf(context), context.req.valid('param').id);
      sendResetLink(dependencies, email, { actor: sessionOf(context).userId, from: originOf(context) });
      return context.json({}, 202);
    },
  );
}

async function userOf({ users }: ApiDependencies, id: string): Promise<AdministeredUser> {
  const user = await users.find(id);
  if (!user) throw new ArbionError('not-found', 'This user does not exist.');
  return user;
}

function toJson({ id, email, role: current, proposal, disabledAt, hasTotp, createdAt }: AdministeredUser) {
  return {
    id,
    email,
    role: role.parse(current),
    proposedRole: proposal ? role.parse(proposal.role) : null,
    disabled: disabledAt !== null,
    totp: hasTotp,
    createdAt: createdAt.toISOString(),
  };
}
