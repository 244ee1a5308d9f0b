import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { WEBHOOK_KINDS, type Webhook } from '../../auth/webhooks.js';
import { ArbionError } from '../../domain/errors.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf, sessionOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { instantText, safeText } from '../http/fields.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  idParameter,
  notFoundProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { notifyOwner } from '../identity/notify-owner.js';

const tags = ['Webhooks'];

/** A webhook's name is also its strategy's name unless the body names another. */
const nameText = safeText(64);

const storedWebhook = z
  .strictObject({
    id: z.uuid(),
    url: z.url().openapi({ description: 'Where to send signals' }),
    name: z.string(),
    kind: z.enum(WEBHOOK_KINDS),
    strategy: z.string(),
    createdAt: instantText,
  })
  .openapi('Webhook');
const newWebhook = z
  .strictObject({ ...storedWebhook.shape, secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{43}=$/) })
  .openapi('NewWebhook');

const webhookBody = z.strictObject({
  name: nameText,
  kind: z.enum(WEBHOOK_KINDS).default('signed'),
  strategy: nameText.optional().openapi({ description: "The strategy of its trades; the webhook's name by default" }),
});

export function webhookRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addMake(routes, dependencies);
  addList(routes, dependencies);
  addDelete(routes, dependencies);
  return routes;
}

function addMake(routes: Routes, dependencies: ApiDependencies): void {
  const { webhooks, prisma, settings } = dependencies;
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/webhooks',
      tags,
      summary: 'Create a webhook for the signals of a strategy; its secret is shown only in this answer',
      ...securedWithBody('fresh-session'),
      request: { body: body(webhookBody, { name: 'My strategy' }) },
      responses: {
        201: answer('The webhook', newWebhook),
        ...readProblems,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { userId, sessionId } = sessionOf(context);
      const { name, kind, strategy = name } = context.req.valid('json');
      const { secret, webhook } = await webhooks.create(userId, { name, kind, strategy, sessionId });
      const from = originOf(context);
      await recordAudit(prisma, {
        actor: userId,
        action: 'webhook_created',
        subject: webhook.id,
        detail: { kind, strategy },
        from,
      });
      await notifyOwner(dependencies, userId, 'webhook-created', { from, about: [`Webhook: ${webhook.id}`] });
      return context.json({ ...toJson(webhook, settings.publicUrl), secret }, 201);
    },
  );
}

function addList(routes: Routes, { webhooks, settings }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/webhooks',
      tags,
      summary: 'The webhooks, without their secrets',
      ...secured('read'),
      responses: { 200: answer('The webhooks', z.strictObject({ items: z.array(storedWebhook) })), ...readProblems },
    }),
    async (context) => {
      const stored = await webhooks.list(callerOf(context).userId);
      return context.json({ items: stored.map((webhook) => toJson(webhook, settings.publicUrl)) }, 200);
    },
  );
}

function addDelete(routes: Routes, { webhooks, prisma }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/webhooks/{id}',
      tags,
      summary: 'Delete a webhook: its signals are refused from then on',
      ...secured('fresh-session'),
      request: { params: idParameter },
      responses: { 204: { description: 'Deleted' }, ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      const { id } = context.req.valid('param');
      if (!(await webhooks.remove(userId, id))) throw new ArbionError('not-found', 'There is no such webhook.');
      await recordAudit(prisma, { actor: userId, action: 'webhook_deleted', subject: id, from: originOf(context) });
      return context.body(null, 204);
    },
  );
}

function toJson({ id, name, kind, strategy, createdAt }: Webhook, publicUrl: string) {
  const url = `${publicUrl}/api/v1/webhooks/${id}`;
  return { id, url, name, kind, strategy, createdAt: createdAt.toISOString() };
}
