import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Alert } from '../../../prisma/generated/client.js';
import { type Caller, isAdmin } from '../../auth/caller.js';
import { ArbionError } from '../../domain/errors.js';
import { type AlertReader, acknowledgeAlert, alertsOf } from '../../storage/alerts.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { instantText, numberText } from '../http/fields.js';
import {
  answer,
  nextCursor,
  notFoundProblem,
  numberedPageQuery,
  numberParameter,
  readProblems,
  secured,
  validationProblem,
} from '../http/openapi.js';

const alert = z
  .strictObject({
    id: numberText,
    at: z.iso.datetime(),
    severity: z.int().min(1).max(3).openapi({ description: '1: act now; 2: act today; 3: for information' }),
    code: z.string(),
    message: z.string(),
    tradeId: z.uuid().nullable(),
    acknowledgedAt: instantText.nullable().openapi({ description: 'When a person said that they had seen it' }),
  })
  .openapi('Alert');

const alertsQuery = z.strictObject({ ...numberedPageQuery, acknowledged: z.enum(['true', 'false']).optional() });

export function alertRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addList(routes, dependencies);
  addAcknowledge(routes, dependencies);
  return routes;
}

function addList(routes: Routes, { prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/alerts',
      tags: ['Alerts'],
      summary: 'List alerts, newest first; administrators also see alerts that belong to no user',
      ...secured('read'),
      request: { query: alertsQuery },
      responses: {
        200: answer('A page of alerts', z.strictObject({ items: z.array(alert), nextCursor })),
        ...readProblems,
        ...validationProblem,
      },
    }),
    async (context) => {
      const { limit, cursor, acknowledged } = context.req.valid('query');
      const { items, hasMore } = await alertsOf(prisma, readerOf(callerOf(context)), {
        limit,
        ...(cursor === undefined ? {} : { before: BigInt(cursor) }),
        ...(acknowledged === undefined ? {} : { acknowledged: acknowledged === 'true' }),
      });
      const last = items.at(-1);
      return context.json(
        { items: items.map(toJson), ...(hasMore && last ? { nextCursor: String(last.id) } : {}) },
        200,
      );
    },
  );
}

function addAcknowledge(routes: Routes, { prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/alerts/{id}/acknowledge',
      tags: ['Alerts'],
      summary: 'Say that you have seen an alert; the first time counts, and nothing else changes',
      ...secured('trade'),
      request: { params: numberParameter },
      responses: { 200: answer('The alert', alert), ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const found = await acknowledgeAlert(prisma, readerOf(callerOf(context)), BigInt(id));
      if (!found) throw new ArbionError('not-found', 'This alert does not exist.');
      return context.json(toJson(found), 200);
    },
  );
}

function readerOf(caller: Caller): AlertReader {
  return { userId: caller.userId, withSystem: isAdmin(caller) };
}

function toJson({ id, at, severity, code, message, tradeId, acknowledgedAt }: Alert) {
  return {
    id: String(id),
    at: at.toISOString(),
    ...{ severity, code, message, tradeId },
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  };
}
