import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ArbionError } from '../../domain/errors.js';
import type { ApiDependencies } from '../dependencies.js';
import { sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { answer, idParameter, notFoundProblem, readProblems, secured } from '../http/openapi.js';
import { originOf } from '../http/request-context.js';

const tags = ['Administration'];
/** Registrations expire after a week; an administrator looks for one that was just made. */
const MOST = 200;

const waitingRegistration = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    address: z.string().nullable().openapi({ description: 'Where it came from' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('Registration');

export function adminRegistrationRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addList(routes, dependencies);
  addConfirm(routes, dependencies);
  return routes;
}

function addList(routes: Routes, { registrations }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/admin/registrations',
      tags,
      summary: 'List the registrations whose address is not confirmed yet',
      ...secured('admin'),
      responses: {
        200: answer('The newest 200', z.strictObject({ items: z.array(waitingRegistration) })),
        ...readProblems,
      },
    }),
    async (context) => {
      const items = (await registrations.list(new Date(), MOST)).map(
        ({ id, email, address, createdAt, expiresAt }) => ({
          ...{ id, email, address },
          ...{ createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() },
        }),
      );
      return context.json({ items }, 200);
    },
  );
}

function addConfirm(routes: Routes, { registrations }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/admin/registrations/{id}/confirm',
      tags,
      summary: 'Confirm an address in place of the link: creates the account',
      ...secured('fresh-admin'),
      request: { params: idParameter },
      responses: { 204: { description: 'The account is created' }, ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const by = { now: new Date(), from: originOf(context), actor: sessionOf(context).userId };
      if (!(await registrations.confirmById(context.req.valid('param').id, by))) {
        throw new ArbionError('not-found', 'This registration does not exist, or its address has an account.');
      }
      return context.body(null, 204);
    },
  );
}
