import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Webhook } from '../../auth/webhooks.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv, Routes } from '../http/context.js';
import { once } from '../http/idempotency.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  idParameter,
  notFoundProblem,
  readProblems,
} from '../http/openapi.js';
import { ComposedProblem } from '../http/problems.js';
import { originOf } from '../http/request-context.js';
import { trade } from '../trades/trade-json.js';
import { signalBody } from './signal-body.js';
import { signalOfWebhook } from './signal-proof.js';
import { claimOfSignal, closeBySignal, openBySignal, signalIdOf } from './signals.js';

const DESCRIPTION = `Signed as Standard Webhooks has it (webhook-id, webhook-timestamp, webhook-signature: "v1," and HMAC-SHA256 of
id.timestamp.body), or with the webhook's secret and an id of the signal in the body, as its kind says. A signal counts once:
a repeat with the same id and body is answered with 200 and what the first one was answered with. The body is that of POST
/trades, with "action": "open" or without, or "action": "close" with a symbol: that closes the strategy's trades in it.`;

const signatureHeaders = z.object({
  'webhook-id': z
    .string()
    .regex(/^[!-~]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional(),
  'webhook-timestamp': z.string().optional().openapi({ description: 'Unix time in seconds, at most 5 minutes off' }),
  'webhook-signature': z.string().optional(),
});

const closing = z.strictObject({ items: z.array(trade) });

/** Where strategies send what is to be done. */
export function signalRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/webhooks/{id}',
      tags: ['Webhooks'],
      summary: 'A signal of a strategy',
      description: DESCRIPTION,
      middleware: [signalOfWebhook(dependencies)],
      request: { params: idParameter, headers: signatureHeaders, body: body(signalBody) },
      responses: {
        200: answer(
          'The trades that close now; or what the first signal with this id was answered',
          z.union([trade, closing]),
        ),
        201: answer('The trade is accepted', trade),
        202: answer('The trade is recorded; its verdict is not known yet', trade),
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const webhook = webhookOf(context);
      const signal = context.req.valid('json');
      const claim = claimOfSignal(
        webhook,
        signalIdOf(webhook, context.req.valid('header')['webhook-id'], signal),
        signal,
      );
      if (signal.action === 'close') {
        const closed = await once(context, dependencies.prisma, {
          claim,
          status: 200,
          work: (begunAt) => closeBySignal(dependencies, { webhook, signal, begunAt }, originOf(context)),
        });
        return context.json(closed, 200);
      }
      const { answer: result, replayed } = await openBySignal(dependencies, { webhook, signal, claim }, context.var);
      if (result.status === 422) throw new ComposedProblem(422, result.body);
      return context.json(result.body, replayed ? 200 : result.status);
    },
  );

  return routes;
}

function webhookOf(context: Context<AppEnv>): Webhook {
  const { webhook } = context.var;
  if (!webhook) throw new Error('a signal came by without its proof');
  return webhook;
}
