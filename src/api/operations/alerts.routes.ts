import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { isAdmin } from '../../auth/caller.js';
import { alertsOf } from '../../storage/alerts.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { numberText } from '../http/fields.js';
import { answer, nextCursor, numberedPageQuery, readProblems, secured, validationProblem } from '../http/openapi.js';

const alert = z
  .strictObject({
    id: numberText,
    at: z.iso.datetime(),
    severity: z.int().min(1).max(3).openapi({ description: '1: act now; 2: act today; 3: for information' }),
    code: z.string(),
    message: z.string(),
    tradeId: z.uuid().nullable(),
  })
  .openapi('Alert');

export function alertRoutes({ prisma }: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/alerts',
      tags: ['Alerts'],
      summary: 'List alerts, newest first; administrators also see alerts that belong to no user',
      ...secured('read'),
      request: { query: z.strictObject(numberedPageQuery) },
      responses: {
        200: answer('A page of alerts', z.strictObject({ items: z.array(alert), nextCursor })),
        ...readProblems,
        ...validationProblem,
      },
    }),
    async (context) => {
      const { limit, cursor } = context.req.valid('query');
      const page = { limit, ...(cursor === undefined ? {} : { before: BigInt(cursor) }) };
      const caller = callerOf(context);
      const { items, hasMore } = await alertsOf(prisma, caller.userId, { ...page, withSystem: isAdmin(caller) });
      const last = items.at(-1);
      const alerts = items.map(({ id, at, severity, code, message, tradeId }) => ({
        id: String(id),
        at: at.toISOString(),
        severity,
        code,
        message,
        tradeId,
      }));
      return context.json({ items: alerts, ...(hasMore && last ? { nextCursor: String(last.id) } : {}) }, 200);
    },
  );

  return routes;
}
