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
import { withStanding } from '../trades/valuation.js';
import { signalBody } from './signal-body.js';
import { signalOfWebhook } from './signal-proof.js';
import { claimOfSignal, closeBySignal, openBySignal, signalIdOf } from './signals.js';

const DESCRIPTION = `Depending on its kind, a webhook takes signals that are signed as in Standard Webhooks (headers webhook-id,
webhook-timestamp, and webhook-signature: "v1," and the HMAC-SHA256 of id.timestamp.body), or signals with the webhook's
secret and a signal id in the body. Each signal takes effect once: a repeat with the same id and body is answered with 200
and the first answer. To open a trade, send the body of POST /trades, optionally with "action": "open". To close all trades
of the strategy in a symbol, send "action": "close" and the symbol.`;

const signatureHeaders = z.object({
  'webhook-id': z
    .string()
    .regex(/^[!-~]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional(),
  'webhook-timestamp': z
    .string()
    .optional()
    .openapi({ description: 'Unix time in seconds, within 5 minutes of the present' }),
  'webhook-signature': z.string().optional(),
});

const closing = z.strictObject({ items: z.array(trade) });

/** Where strategies send their signals. */
export function signalRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/webhooks/{id}',
      tags: ['Webhooks'],
      summary: 'Send a signal of a strategy',
      description: DESCRIPTION,
      middleware: [signalOfWebhook(dependencies)],
      request: { params: idParameter, headers: signatureHeaders, body: body(signalBody) },
      responses: {
        200: answer(
          'The trades that are being closed, or the answer to the first signal with this id',
          z.union([trade, closing]),
        ),
        201: answer('The trade passed the risk check', trade),
        202: answer('The trade is recorded; the risk check has not finished', trade),
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
      return context.json(await withStanding(dependencies, result.body), replayed ? 200 : result.status);
    },
  );

  return routes;
}

function webhookOf(context: Context<AppEnv>): Webhook {
  const { webhook } = context.var;
  if (!webhook) throw new Error('a signal reached its route without authentication');
  return webhook;
}
